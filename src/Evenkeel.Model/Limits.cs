namespace Evenkeel.Model;

/// <summary>Every limit of the ledger and its wire, each with its unit, in one place.</summary>
public static class Limits
{
    /// <summary>Events in one batch: 1 MiB less the room for headers, as published.</summary>
    public const int BatchEventsMax = 8_190;

    /// <summary>Bytes of one frame of the binary protocol, header included.</summary>
    public const int FrameBytesMax = 1 << 20;

    /// <summary>Bytes of one log entry.</summary>
    public const int EntryBytesMax = 4 << 20;

    /// <summary>Holds that one entry may expire before its own events.</summary>
    public const int ExpiriesPerEntryMax = 8_190;

    /// <summary>The lowest valid timestamp, nanoseconds.</summary>
    public const ulong TimestampMin = 1;

    /// <summary>The highest valid timestamp, nanoseconds (63 bits).</summary>
    public const ulong TimestampMax = long.MaxValue;

    public const ulong NanosecondsPerSecond = 1_000_000_000;

    /// <summary>"As much as allowed" in transfers that post or balance.</summary>
    public static readonly UInt128 AmountMax = UInt128.MaxValue;

    /// <summary>The highest balance or stored amount: 64 bits, minor units.</summary>
    public const ulong StoredAmountMax = ulong.MaxValue;

    /// <summary>Results of one query frame: what fits a reply.</summary>
    public const int QueryResultsMax = BatchEventsMax;

    /// <summary>Results of one change event query: 384 bytes each must fit a frame.</summary>
    public const int ChangeEventsMax = 2_720;

    static Limits()
    {
        Check.That((BatchEventsMax * Transfer.Size) + Frame.HeaderSize <= FrameBytesMax);
        Check.That((ChangeEventsMax * ChangeEvent.Size) + Frame.HeaderSize <= FrameBytesMax);
        Check.That(FrameBytesMax < EntryBytesMax);
        Check.That(TimestampMax + ((ulong)uint.MaxValue * NanosecondsPerSecond) > TimestampMax);
    }
}
