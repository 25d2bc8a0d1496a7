using Evenkeel.Gateway.Forwarding;

namespace Evenkeel.Gateway.Attempts;

/// <summary>Kinds of records (docs/formats/attempts.md). Persisted: numbers only grow.</summary>
public enum AttemptKind : byte
{
    /// <summary>A request is about to be forwarded.</summary>
    Begun = 1,

    /// <summary>How a begun request ended.</summary>
    Ended = 2,

    /// <summary>Both in one, for what is recorded afterwards.</summary>
    Whole = 3,

    /// <summary>Attempts are missing here.</summary>
    Gap = 4,

    /// <summary>The gateway ended in order: nothing is missing at the end.</summary>
    Closed = 5,
}

/// <summary>How an attempt ended for the customer. Persisted: numbers only grow.</summary>
public enum AttemptOutcome : byte
{
    /// <summary>No record of its end: the gateway died or its disk failed meanwhile.</summary>
    NotRecorded = 0,

    /// <summary>The bank did it and said so.</summary>
    Done = 1,

    /// <summary>Certainly nothing happened.</summary>
    NotDone = 2,

    /// <summary>It may have happened; the customer was told to ask again with the same ids.</summary>
    Unknown = 3,

    /// <summary>The customer left before the answer: it may have happened.</summary>
    ClientLeft = 4,
}

/// <summary>Persisted: bits only grow.</summary>
[Flags]
public enum AttemptFlags : ushort
{
    None = 0,
    HasIdempotencyKey = 1,
    MovesMoney = 2,

    /// <summary>More transfers than the record holds ids.</summary>
    TransferIdsCut = 4,

    /// <summary>The body was not understood to its end; ids may be missing.</summary>
    BodyNotUnderstood = 8,

    /// <summary>The record says who asked.</summary>
    HasAsker = 16,
}

/// <summary>Why attempts are missing. Persisted: numbers only grow.</summary>
public enum GapCause : byte
{
    /// <summary>The gateway's disk failed; payments went on.</summary>
    Disk = 1,

    /// <summary>The disk was too slow: more records waited than may wait.</summary>
    Queue = 2,

    /// <summary>
    /// The gateway was killed: what was not flushed yet is missing (never the beginning of a payment
    /// that was forwarded). Told by the reader; not on disk.
    /// </summary>
    Crash = 3,

    /// <summary>A torn or damaged record ends its segment early. Told by the reader.</summary>
    Damage = 4,
}

/// <summary>Who asked for what. No card number, no account number, no secret.</summary>
public sealed record AttemptRequest
{
    /// <summary>Also in the answer's <c>Evenkeel-Request-Id</c>.</summary>
    public required Guid RequestId { get; init; }

    /// <summary>The number of the API key, as the request claims it: a 401 says that it was not true.</summary>
    public required ulong Principal { get; init; }

    public required Service Service { get; init; }

    /// <summary>GET, HEAD, POST, PUT or DELETE.</summary>
    public required string Method { get; init; }

    public AttemptFlags Flags { get; init; }

    /// <summary>Events in the body, or 1 for a request by id.</summary>
    public uint Events { get; init; }

    public uint BodyBytes { get; init; }

    /// <summary>Keyed hash of the <c>Idempotency-Key</c>; 0 without.</summary>
    public UInt128 IdempotencyHash { get; init; }

    /// <summary>Ids of transfers that the request names.</summary>
    public IReadOnlyList<UInt128> TransferIds { get; init; } = [];

    /// <summary>Keyed hashes of the first accounts that the request names, each once.</summary>
    public IReadOnlyList<UInt128> AccountHashes { get; init; } = [];

    /// <summary>Mentions of accounts in the request, repetitions included.</summary>
    public uint AccountsSeen { get; init; }

    /// <summary>Of an instruction; null for other requests, and in records from before there was this.</summary>
    public AttemptAsker? Asker { get; init; }
}

/// <summary>How an attempt ended.</summary>
public sealed record AttemptEnd
{
    public required Guid RequestId { get; init; }
    public required AttemptOutcome Outcome { get; init; }

    /// <summary>Times it was sent to a node; 255 means that many or more.</summary>
    public byte Tries { get; init; }

    /// <summary>The HTTP status of the answer; 0 without an answer.</summary>
    public ushort Status { get; init; }

    /// <summary>From the request's arrival to its answer, microseconds.</summary>
    public uint LatencyUs { get; init; }

    /// <summary>The lineage of <see cref="Index"/>; 0 when the node told no position.</summary>
    public UInt128 Lineage { get; init; }

    /// <summary>A log index at or after the entry that did it; 0 when the node told none.</summary>
    public ulong Index { get; init; }

    /// <summary>The node that answered, or that was asked last.</summary>
    public string ServedBy { get; init; } = "";

    /// <summary>The reason in the problem details; empty without.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>Attempts that are missing: at least so many, never "none".</summary>
/// <param name="AtLeast">0 when nobody could count.</param>
public sealed record AttemptGap(
    DateTimeOffset Since,
    DateTimeOffset Until,
    ulong AtLeast,
    GapCause Cause
);

/// <summary>One record of a segment, as read.</summary>
public sealed record AttemptEntry
{
    public required AttemptKind Kind { get; init; }
    public required ulong Sequence { get; init; }
    public required DateTimeOffset When { get; init; }
    public AttemptRequest? Request { get; init; }
    public AttemptEnd? End { get; init; }
    public AttemptGap? Gap { get; init; }
}
