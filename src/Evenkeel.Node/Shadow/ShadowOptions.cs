namespace Evenkeel.Node.Shadow;

/// <summary>What a shadow replays, from where to where, and how often it digests the state.</summary>
public sealed record ShadowOptions
{
    /// <summary>Log entries between two digests of the whole state.</summary>
    public const ulong DigestEveryDefault = 10_000;

    /// <summary>The archive to apply; only read, and needs no lock.</summary>
    public required string ArchiveDirectory { get; init; }

    /// <summary>
    /// Where the scratch ledger, records and history are made; must be absent or empty, and is
    /// removed at the end. Needs 192 bytes for each transfer.
    /// </summary>
    public required string ScratchDirectory { get; init; }

    /// <summary>One snapshot to begin at; null begins at entry 1.</summary>
    public string? SnapshotDirectory { get; init; }

    /// <summary>The history whose rows the snapshot counts on; only read.</summary>
    public string? HistoryDirectory { get; init; }

    /// <summary>Quarantine overrides that the replay honours; null when there are none.</summary>
    public string? OverridesDirectory { get; init; }

    /// <summary>First entry to write a line for; earlier ones are applied silently. 0 = all.</summary>
    public ulong From { get; init; }

    /// <summary>Last entry to apply; null = the last whole one of the archive at this moment.</summary>
    public ulong? To { get; init; }

    /// <summary>Entries between two digests of the state; 0 = only at the end.</summary>
    public ulong DigestEvery { get; init; } = DigestEveryDefault;

    /// <summary>An entry behind which the state is written in any case, also before <see cref="From"/>; 0 = none.</summary>
    public ulong DigestAt { get; init; }

    /// <summary>An entry whose results are written one by one; null = none.</summary>
    public ulong? DetailOf { get; init; }

    /// <summary>The highest state version to apply; below the program's own only to play an older one.</summary>
    public uint StateVersionMax { get; init; } = NodeStateMachine.StateVersionMax;

    /// <summary>Names the program in the first line: a hash of its files.</summary>
    public string Program { get; init; } = "";
}

/// <summary>How a replay ended.</summary>
/// <param name="LastIndex">Last entry applied.</param>
/// <param name="FailedEntry">The entry that could not be applied; 0 when all were.</param>
/// <param name="Reason">Why the replay ended early; null when it did not.</param>
public sealed record ShadowSummary(
    ulong LastIndex,
    ulong Entries,
    ulong Events,
    ulong Rows,
    TimeSpan Duration,
    ulong FailedEntry,
    string? Reason
);

/// <summary>The replay can't begin: the message says what is missing.</summary>
public sealed class ShadowException(string message) : Exception(message);
