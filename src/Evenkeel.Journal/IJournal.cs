using Evenkeel.Model;

namespace Evenkeel.Journal;

/// <summary>
/// One of three answers: done, not done with the reason, or not known (ask again with the same id).
/// </summary>
public abstract record Answer<T>
{
    private Answer() { }

    public sealed record Done(T Value) : Answer<T>
    {
        /// <summary>Of a write: the log entry that did it; 0 when it is not known or was a read.</summary>
        public ulong AppliedIndex { get; init; }
    }

    /// <summary>Certainly nothing happened.</summary>
    public sealed record NotDone(FrameStatus Reason, string Detail) : Answer<T>;

    /// <summary>It may have happened. Asking again with the same ids is always safe.</summary>
    public sealed record Unknown(string Detail) : Answer<T>;
}

/// <summary>How anyone inside the primary proposes and reads. The node implements it.</summary>
public interface IJournal
{
    ValueTask<Answer<CreateAccountResult[]>> CreateAccountsAsync(
        ReadOnlyMemory<Account> events,
        ulong principal,
        CancellationToken cancellationToken
    );

    ValueTask<Answer<CreateTransferResult[]>> CreateTransfersAsync(
        ReadOnlyMemory<Transfer> events,
        ulong principal,
        CancellationToken cancellationToken
    );

    ValueTask<Answer<UpdateAccountResult[]>> UpdateAccountsAsync(
        ReadOnlyMemory<AccountUpdate> events,
        ulong principal,
        CancellationToken cancellationToken
    );

    ValueTask<Answer<OperationResult>> ProposeAsync(
        Operation operation,
        CancellationToken cancellationToken
    );

    /// <summary>Reads reflect every acknowledged write (a read barrier is taken first).</summary>
    ValueTask<Answer<Account[]>> LookupAccountsAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    );

    ValueTask<Answer<AccountLimits[]>> LookupAccountLimitsAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    );

    ValueTask<Answer<Transfer[]>> LookupTransfersAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    );

    ValueTask<Answer<Transfer[]>> GetAccountTransfersAsync(
        AccountFilter filter,
        CancellationToken cancellationToken
    );

    ValueTask<Answer<AccountBalance[]>> GetAccountBalancesAsync(
        AccountFilter filter,
        CancellationToken cancellationToken
    );

    ValueTask<Answer<Account[]>> QueryAccountsAsync(
        QueryFilter filter,
        CancellationToken cancellationToken
    );

    ValueTask<Answer<Transfer[]>> QueryTransfersAsync(
        QueryFilter filter,
        CancellationToken cancellationToken
    );

    ValueTask<Answer<ChangeEvent[]>> GetChangeEventsAsync(
        ChangeEventsFilter filter,
        CancellationToken cancellationToken
    );

    ValueTask<Answer<RecordPage>> ReadRecordsAsync(
        RecordQuery query,
        CancellationToken cancellationToken
    );
}

/// <summary>Reads records of one collection in key order (ordinal, by UTF-8 bytes).</summary>
public sealed record RecordQuery
{
    public required string Collection { get; init; }

    /// <summary>Exactly this key when set.</summary>
    public string? Key { get; init; }

    /// <summary>Only keys that start so.</summary>
    public string? Prefix { get; init; }

    /// <summary>Only records whose declared index of this name has <see cref="Value"/>.</summary>
    public string? Index { get; init; }

    /// <summary>With <see cref="Index"/>: the value looked for.</summary>
    public string? Value { get; init; }

    /// <summary>Continue after this key.</summary>
    public string? After { get; init; }

    public int Limit { get; init; } = 100;
}

/// <summary>One record as read.</summary>
public sealed record StoredRecord(RecordKey Key, ulong Version, ReadOnlyMemory<byte> Json);

/// <param name="Next">Pass as <see cref="RecordQuery.After"/> for the next page; null at the end.</param>
public sealed record RecordPage(IReadOnlyList<StoredRecord> Records, string? Next);
