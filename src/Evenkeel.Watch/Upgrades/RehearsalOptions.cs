namespace Evenkeel.Watch.Upgrades;

/// <summary>Which programs rehearse on what.</summary>
public sealed record RehearsalOptions
{
    /// <summary>Entries between two digests of the state.</summary>
    public const ulong DigestEveryDefault = 10_000;

    /// <summary>The program that serves now.</summary>
    public required string CurrentPath { get; init; }

    /// <summary>The program that is to serve.</summary>
    public required string CandidatePath { get; init; }

    public required string ArchiveDirectory { get; init; }

    /// <summary>A node's snapshots; null when there are none to begin at.</summary>
    public string? SnapshotsDirectory { get; init; }

    public string? HistoryDirectory { get; init; }

    public string? OverridesDirectory { get; init; }

    /// <summary>Begin at the newest snapshot that is at least so old; null = see <see cref="FromSnapshot"/>.</summary>
    public TimeSpan? Last { get; init; }

    /// <summary>Begin at the newest snapshot; else at entry 1.</summary>
    public bool FromSnapshot { get; init; }

    /// <summary>Where scratch files go; a directory of its own is made below it and removed.</summary>
    public string ScratchDirectory { get; init; } = Path.GetTempPath();

    public ulong DigestEvery { get; init; } = DigestEveryDefault;

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
