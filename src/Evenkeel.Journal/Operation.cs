using Evenkeel.Model;

namespace Evenkeel.Journal;

/// <summary>The id of an operation, chosen by whoever asks for it and kept for retries.</summary>
public readonly record struct OperationId(UInt128 Value);

/// <summary>The address of a record: a collection ("customer") and a key in it.</summary>
public readonly record struct RecordKey(string Collection, string Key);

/// <summary>
/// If these guards hold and all these transfers succeed, write these records and emit these
/// messages; else nothing (DESIGN section 5).
/// </summary>
public sealed record Operation
{
    public required OperationId Id { get; init; }

    /// <summary>Who proposes: maker first, then approvers; apply enforces maker and checker.</summary>
    public required IReadOnlyList<Principal> Principals { get; init; }

    /// <summary>
    /// 128-bit hash of what the caller asked for, when a decision stands between the request and
    /// this operation. A retry decides again, on newer records, and so proposes other guards and
    /// other documents: it is still the same request. 0 = the effects are the request, and the
    /// journal hashes them itself (<see cref="OperationHash"/>).
    /// </summary>
    public UInt128 RequestHash { get; init; }

    /// <summary>
    /// Not zero: the decision is "no", for this reason of the proposer's own catalog. Such an
    /// operation has guards and nothing else; applied, it makes the refusal final for its id, so
    /// that a late duplicate of the request can't succeed after the caller was told "no".
    /// </summary>
    public uint RefusalCode { get; init; }

    public IReadOnlyList<Guard> Guards { get; init; } = [];

    /// <summary>One chain: all or none. <see cref="TransferFlags.Linked"/> is set by the journal.</summary>
    public IReadOnlyList<Transfer> Transfers { get; init; } = [];

    public IReadOnlyList<Account> Accounts { get; init; } = [];

    public IReadOnlyList<AccountUpdate> AccountUpdates { get; init; } = [];

    public IReadOnlyList<RecordWrite> Writes { get; init; } = [];

    public IReadOnlyList<Message> Messages { get; init; } = [];

    /// <summary>Timestamps that it takes in an entry: one for each ledger event, at least one.</summary>
    public int EventCount => Math.Max(1, Accounts.Count + AccountUpdates.Count + Transfers.Count);
}

/// <summary>An authenticated actor: an API key, a customer, a member of staff, or the node.</summary>
public readonly record struct Principal(string Kind, string Name);

/// <summary>The kinds of principal that rules of applying know. Others are free text.</summary>
public static class PrincipalKinds
{
    /// <summary>The bank itself: end of day, start-up, advices of the Stand-in.</summary>
    public const string Node = "node";

    /// <summary>A member of staff, by a person's own sign-in.</summary>
    public const string Staff = "staff";

    /// <summary>An API key.</summary>
    public const string ApiKey = "key";

    public const string Customer = "customer";
}

/// <summary>A condition on state, checked when the operation is applied.</summary>
public abstract record Guard
{
    private Guard() { }

    /// <summary>The record has exactly this version.</summary>
    /// <param name="Content">
    /// <see cref="OperationHash.OfDocument"/> of what the decision read, or 0 for any. A decision on
    /// a write still in flight needs it: that write may fail, and another take its version number.
    /// </param>
    public sealed record Version(RecordKey Key, ulong Expected, UInt128 Content = default) : Guard;

    /// <summary>There is no such record.</summary>
    public sealed record Absent(RecordKey Key) : Guard;

    /// <summary>
    /// Adds to a counter if it then lies within the bounds. Counters commute, so that a hot total
    /// does not make its readers collide. A counter that was never added to is 0. Counters are a
    /// space of their own: a record may have the same key.
    /// </summary>
    public sealed record Counter(RecordKey Key, long Delta, long Min, long Max) : Guard;

    /// <summary>The business date is still the one that the decision read.</summary>
    public sealed record BusinessDate(DateOnly Expected) : Guard;
}

/// <summary>Writes or deletes one record.</summary>
/// <param name="Json">UTF-8 JSON; null deletes.</param>
public sealed record RecordWrite(RecordKey Key, ReadOnlyMemory<byte>? Json);

/// <summary>Something others must hear of, exactly when the operation was applied.</summary>
public sealed record Message(string Topic, ReadOnlyMemory<byte> Json);

/// <summary>What became of an operation.</summary>
public enum OperationStatus : ushort
{
    None = 0,

    /// <summary>Applied, now or by an earlier attempt with the same content.</summary>
    Done = 1,

    /// <summary>A guard did not hold; nothing was done and nothing is remembered.</summary>
    StaleGuard = 2,

    /// <summary>A counter would leave its bounds; remembered, as every refusal for a reason is.</summary>
    CounterOutOfBounds = 3,

    /// <summary>A transfer was refused; nothing was done.</summary>
    TransferRefused = 4,

    /// <summary>An account or a change of one was refused; nothing was done.</summary>
    AccountRefused = 5,

    /// <summary>This id was used before with other content.</summary>
    IdReusedWithOtherContent = 6,

    /// <summary>Maker and checker rules are not met; nothing is remembered.</summary>
    NotAuthorised = 7,

    /// <summary>The operation is not well formed.</summary>
    Invalid = 8,

    /// <summary>The decision was "no" (<see cref="Operation.RefusalCode"/>), and that is final.</summary>
    DecisionRefused = 9,
}

/// <summary>The outcome, the same for every attempt with the same id and content.</summary>
public sealed record OperationResult
{
    public required OperationStatus Status { get; init; }

    /// <summary>Log time at which it was applied.</summary>
    public required ulong Timestamp { get; init; }

    /// <summary>
    /// Index of the guard, transfer or account that refused; -1 when none did. Account updates are
    /// counted after the accounts.
    /// </summary>
    public int FailedIndex { get; init; } = -1;

    /// <summary>
    /// Number of the transfer, account or update status behind a refusal, the
    /// <see cref="Operation.RefusalCode"/>, or the <see cref="OperationFault"/>; 0 when none.
    /// </summary>
    public uint FailedStatus { get; init; }

    /// <summary>True when an earlier attempt had done it.</summary>
    public bool Replayed { get; init; }
}
