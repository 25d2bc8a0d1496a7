namespace Evenkeel.Watch.Backups;

/// <summary>What can be wrong with a backup. Numbers and names are stable: scripts match them.</summary>
public enum BackupProblem
{
    None = 0,

    /// <summary>No key was given, or what was given is none.</summary>
    KeyMissing = 1,

    /// <summary>Others can read the key file.</summary>
    KeyExposed = 2,

    /// <summary>The set was made with another key than the one at hand.</summary>
    KeyLost = 3,

    /// <summary>An object or manifest of the set differs from what was written.</summary>
    Altered = 4,

    /// <summary>An object of the set is not there, or the set skips entries.</summary>
    Missing = 5,

    /// <summary>The newest position in the set is older than the policy allows.</summary>
    Stale = 6,

    /// <summary>The restored state differs from what the set or a checkpoint says.</summary>
    StateDiffers = 7,

    /// <summary>The source can't be read whole.</summary>
    SourceDamaged = 8,

    /// <summary>The target can't be reached or refuses.</summary>
    TargetFailed = 9,

    /// <summary>What was asked for is not in any set.</summary>
    NotFound = 10,

    /// <summary>The set is inside its immutability window.</summary>
    Immutable = 11,

    /// <summary>The directory to restore into is not empty.</summary>
    NotEmpty = 12,
}

/// <summary>A backup can't be made, found or trusted, and why.</summary>
public sealed class BackupException(BackupProblem problem, string message, Exception? inner = null)
    : Exception(message, inner)
{
    public BackupProblem Problem { get; } = problem;
}
