using Evenkeel.Model;

namespace Evenkeel.Node;

/// <summary>Every limit of the node, each with its unit, in one place.</summary>
public static class NodeLimits
{
    /// <summary>Entries proposed and not yet applied, all of them full.</summary>
    public const int EntriesInFlightMax = 4;

    /// <summary>
    /// Entries on their way above which one that is not full waits for more. A higher number makes
    /// groups smaller, not faster.
    /// </summary>
    public const int EntriesInFlightOpenMax = 2;

    /// <summary>Entries filled and waiting for their turn; beyond it requests are told "busy".</summary>
    public const int EntriesQueuedMax = 3;

    /// <summary>Commands of one entry: the width of <see cref="EntryHeader.CommandCount"/>.</summary>
    public const int CommandsPerEntryMax = ushort.MaxValue;

    /// <summary>How long a request waits when it does not say, milliseconds.</summary>
    public const int RequestTimeoutMsDefault = 10_000;

    /// <summary>The longest wait a request may ask for, milliseconds.</summary>
    public const int RequestTimeoutMsMax = 60_000;

    /// <summary>How often overdue requests are looked for, milliseconds.</summary>
    public const int TimeoutSweepMs = 100;

    /// <summary>How often the clock is read and due holds are looked for, milliseconds.</summary>
    public const int TickIntervalMs = 250;

    /// <summary>How often the clock's stamp is written, milliseconds.</summary>
    public const int ClockStampIntervalMs = 10_000;

    /// <summary>A step of the wall clock that is followed without confirmation, nanoseconds.</summary>
    public const ulong ClockStepMaxNs = 5 * Limits.NanosecondsPerSecond;

    /// <summary>Log time is at most so far ahead of the median of the members' clocks, nanoseconds.</summary>
    public const ulong ClockLeadMaxNs = Limits.NanosecondsPerSecond / 2;

    /// <summary>A comparison of clocks counts for so long, nanoseconds.</summary>
    public const ulong ClockMedianAgeMaxNs = 10 * Limits.NanosecondsPerSecond;

    /// <summary>
    /// Each entry that is the first of another span of log time of this length is followed by a
    /// digest of the state, on every member at the same entry; nanoseconds.
    /// </summary>
    public const ulong DigestSpanNs = 5 * Limits.NanosecondsPerSecond;

    /// <summary>Digests of the past that a member remembers.</summary>
    public const int DigestsKept = 64;

    /// <summary>
    /// After a reboot the time since the last stamp can't be checked; up to this it is believed,
    /// nanoseconds.
    /// </summary>
    public const ulong ClockRestartGapMaxNs = 31 * 86_400 * Limits.NanosecondsPerSecond;

    /// <summary>Connections of the binary protocol.</summary>
    public const int ConnectionsMax = 1_024;

    /// <summary>Connections that have not said hello yet.</summary>
    public const int ConnectionsUnauthenticatedMax = 128;

    /// <summary>Time for connecting, TLS and hello together, milliseconds.</summary>
    public const int HelloTimeoutMs = 5_000;

    /// <summary>Time from the first byte of a frame to its last, milliseconds.</summary>
    public const int FrameTimeoutMs = 10_000;

    /// <summary>A connection without a request for so long is closed, milliseconds.</summary>
    public const int IdleTimeoutMs = 600_000;

    /// <summary>A reply that can't be handed to the network for so long closes the line, milliseconds.</summary>
    public const int SendTimeoutMs = 10_000;

    /// <summary>Unanswered requests of one connection; beyond it they are told "busy".</summary>
    public const int RequestsPerConnectionMax = 1_024;

    /// <summary>Replies not yet taken by the network; beyond it the connection is not read.</summary>
    public const int RepliesPerConnectionMax = 2_048;

    /// <summary>Bytes of a hello frame; nothing larger is read before it.</summary>
    public const int HelloBytesMax = 1_024;

    /// <summary>Bytes of a connection's receive buffer; larger frames get a buffer of their own.</summary>
    public const int ReceiveBytes = 64 * 1_024;

    /// <summary>Frames above <see cref="ReceiveBytes"/> that are received at the same time.</summary>
    public const int LargeBuffersMax = 128;

    /// <summary>Bytes of small replies that are sent as one piece.</summary>
    public const int SendBytes = 64 * 1_024;

    /// <summary>Request objects that a connection keeps for later use.</summary>
    public const int SpareRequestsMax = 1_024;

    /// <summary>Queries that run at the same time; others wait their turn.</summary>
    public const int QueriesAtOnceMax = 4;

    /// <summary>Queries that wait for their turn; beyond it they are told "busy".</summary>
    public const int QueriesQueuedMax = 1_024;

    /// <summary>From the start to the first scrub of history and records, milliseconds.</summary>
    public const int ScrubFirstMs = 15 * 60_000;

    /// <summary>From one scrub to the next, milliseconds.</summary>
    public const int ScrubIntervalMs = 24 * 3_600_000;

    /// <summary>Bytes of history that a scrub reads a second.</summary>
    public const long ScrubBytesPerSecond = 16 << 20;

    /// <summary>How old a look at the disk may be, milliseconds.</summary>
    public const int DiskCheckMs = 50;

    /// <summary>Percentage of a budget at which the node raises its alarm.</summary>
    public const int BudgetAlarmPercent = 80;

    /// <summary>How often the archive's end is signed while entries come, milliseconds.</summary>
    public const int CheckpointIntervalMs = 5_000;

    /// <summary>How long a stop waits for the archive before its last checkpoint, milliseconds.</summary>
    public const int LastCheckpointWaitMs = 2_000;

    static NodeLimits()
    {
        Check.That(HelloBytesMax < ReceiveBytes);
        Check.That(RequestTimeoutMsDefault <= RequestTimeoutMsMax);
        Check.That(RequestsPerConnectionMax <= RepliesPerConnectionMax);
        Check.That(
            Limits.FrameBytesMax + EntryHeader.Size + CommandHeader.Size <= Limits.EntryBytesMax
        );
    }
}
