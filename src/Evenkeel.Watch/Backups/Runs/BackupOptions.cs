namespace Evenkeel.Watch.Backups;

/// <summary>What a run backs up, and how gently.</summary>
public sealed record BackupOptions
{
    /// <summary>The data directory of a node, running or not.</summary>
    public required string DataDirectory { get; init; }
    public required BackupKey Key { get; init; }

    /// <summary>Stores everything again instead of what is new.</summary>
    public bool Full { get; init; }

    /// <summary>How long nothing of the set may be deleted; zero means no window.</summary>
    public TimeSpan Immutable { get; init; }

    /// <summary>Bytes read a second; 0 = without a bound.</summary>
    public long BytesPerSecondMax { get; init; } = BackupLimits.ReadBytesPerSecondDefault;

    /// <summary>Room for one encrypted object at a time; removed afterwards.</summary>
    public string? ScratchDirectory { get; init; }
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>What a run did in one target.</summary>
/// <param name="Problem">Null when the set is complete there.</param>
/// <param name="Stored">Objects stored by this run.</param>
/// <param name="Reused">Objects of earlier sets that the new set lists.</param>
public sealed record TargetOutcome(
    string Target,
    BackupException? Problem,
    int Stored,
    int Reused,
    long StoredBytes
);

/// <summary>What a run made.</summary>
public sealed record BackupOutcome(
    string Set,
    ulong LastIndex,
    string Lineage,
    ulong LogTime,
    TimeSpan Duration,
    IReadOnlyList<TargetOutcome> Targets
)
{
    public bool Complete => Targets.All(static t => t.Problem is null);
}
