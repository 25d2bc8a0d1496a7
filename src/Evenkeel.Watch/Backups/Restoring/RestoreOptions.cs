using Evenkeel.Replication;

namespace Evenkeel.Watch.Backups;

/// <summary>Which position to restore, and where to.</summary>
public sealed record RestoreOptions
{
    public required BackupKey Key { get; init; }

    /// <summary>A new or empty directory: it becomes a data directory that a node can start on.</summary>
    public required string Directory { get; init; }

    /// <summary>The last entry to keep; null keeps all of the set.</summary>
    public ulong? At { get; init; }

    /// <summary>
    /// The last moment to keep, log time in nanoseconds since the Unix epoch; with
    /// <see cref="At"/> the earlier of both counts.
    /// </summary>
    public ulong? AtTime { get; init; }

    /// <summary>Exactly this set; null takes the newest good one that reaches the position.</summary>
    public string? Set { get; init; }

    /// <summary>Makes the id of the new lineage.</summary>
    public Random Random { get; init; } = new();
}

/// <summary>What a restore made.</summary>
/// <param name="Position">The last entry, under the lineage that wrote it.</param>
/// <param name="LogTime">Log time of the newest entry that carries one, nanoseconds.</param>
/// <param name="PassedOver">Newer sets that could not be used, and why.</param>
public sealed record Restored(
    string Set,
    string Directory,
    Lineage Lineage,
    LogPosition Position,
    ulong LogTime,
    long Bytes,
    TimeSpan Duration,
    IReadOnlyList<PassedOver> PassedOver
);

/// <summary>A set that was not good enough.</summary>
public sealed record PassedOver(string Set, BackupProblem Problem, string Detail);
