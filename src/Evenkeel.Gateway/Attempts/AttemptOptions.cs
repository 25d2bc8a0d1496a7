namespace Evenkeel.Gateway.Attempts;

/// <summary>How attempts are recorded and how long they are kept.</summary>
public sealed record AttemptOptions
{
    /// <summary>The gateway's directory: segments, the key for hashes, the lock.</summary>
    public required string Directory { get; init; }

    /// <summary>Bytes after which a new segment begins.</summary>
    public long SegmentBytesMax { get; init; } = 64 << 20;

    /// <summary>Age at which a new segment begins, so that retention can let go of old ones.</summary>
    public TimeSpan SegmentAgeMax { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long attempts are kept.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Bytes of all segments; beyond it the oldest go before their time.</summary>
    public long TotalBytesMax { get; init; } = 16L << 30;

    /// <summary>Records that wait to be written; further ones are not recorded, and counted.</summary>
    public int QueuedRecordsMax { get; init; } = 65_536;

    /// <summary>Bytes of records that wait to be written.</summary>
    public long QueuedBytesMax { get; init; } = 64 << 20;

    /// <summary>How long a payment waits for its record; then it goes on.</summary>
    public TimeSpan RecordWaitMax { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a record that nobody waits for may stay unflushed.</summary>
    public TimeSpan FlushEvery { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long after a failure of the disk it is tried again.</summary>
    public TimeSpan RetryEvery { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>Limits of a record, each with its unit.</summary>
internal static class AttemptLimits
{
    /// <summary>Ids of transfers in one record: a whole batch.</summary>
    public const int TransferIdsMax = Model.Limits.BatchEventsMax;

    /// <summary>Account hashes in one record; the ledger knows the rest by the transfers' ids.</summary>
    public const int AccountHashesMax = 32;

    /// <summary>Bytes of a record.</summary>
    public const int RecordBytesMax = 256 * 1_024;

    /// <summary>Characters of a reason or of a node's name.</summary>
    public const int TextBytesMax = 48;
}
