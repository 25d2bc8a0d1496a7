using System.Collections.Concurrent;
using Evenkeel.Journal;
using Evenkeel.Model;

namespace Evenkeel.LedgerApi.Tests.Bank;

/// <summary>
/// A whole bank in memory behind the journal's interface, small and serial. Its moods make it answer
/// as a node in trouble does.
/// </summary>
internal sealed class InMemoryJournal : IJournal
{
    private readonly Lock _lock = new();
    private readonly InMemoryRecords _records = new();
    private readonly InMemoryLedger _ledger = new();
    private readonly Dictionary<UInt128, (string Content, OperationResult Result)> _operations = [];

    /// <summary>When set, writes answer so and do nothing.</summary>
    public FrameStatus? WritesRefused { get; set; }

    /// <summary>When set, reads answer so.</summary>
    public FrameStatus? ReadsRefused { get; set; }

    /// <summary>Writes are applied, and then the answer is lost.</summary>
    public bool AnswersLost { get; set; }

    /// <summary>Ledger writes never come back until cancelled.</summary>
    public bool Hangs { get; set; }

    /// <summary>Every batch of transfers that was proposed.</summary>
    public ConcurrentQueue<(ulong Principal, Transfer[] Events)> Proposed { get; } = new();

    public ConcurrentQueue<Operation> Operations { get; } = new();

    public ValueTask<Answer<CreateAccountResult[]>> CreateAccountsAsync(
        ReadOnlyMemory<Account> events,
        ulong principal,
        CancellationToken cancellationToken
    ) => WriteAsync(() => _ledger.CreateAccounts(events.Span), cancellationToken);

    public ValueTask<Answer<CreateTransferResult[]>> CreateTransfersAsync(
        ReadOnlyMemory<Transfer> events,
        ulong principal,
        CancellationToken cancellationToken
    )
    {
        Proposed.Enqueue((principal, events.ToArray()));
        return WriteAsync(() => _ledger.CreateTransfers(events.Span), cancellationToken);
    }

    public ValueTask<Answer<UpdateAccountResult[]>> UpdateAccountsAsync(
        ReadOnlyMemory<AccountUpdate> events,
        ulong principal,
        CancellationToken cancellationToken
    ) => WriteAsync(() => _ledger.UpdateAccounts(events.Span), cancellationToken);

    public ValueTask<Answer<OperationResult>> ProposeAsync(
        Operation operation,
        CancellationToken cancellationToken
    )
    {
        Operations.Enqueue(operation);
        return WriteAsync(() => Apply(operation), cancellationToken);
    }

    public ValueTask<Answer<Account[]>> LookupAccountsAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    ) => Read(() => _ledger.Accounts(ids.Span));

    public ValueTask<Answer<AccountLimits[]>> LookupAccountLimitsAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    ) => Read(() => _ledger.AccountLimits(ids.Span));

    public ValueTask<Answer<Transfer[]>> LookupTransfersAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    ) => Read(() => _ledger.Transfers(ids.Span));

    public ValueTask<Answer<Transfer[]>> GetAccountTransfersAsync(
        AccountFilter filter,
        CancellationToken cancellationToken
    ) => Read(() => _ledger.AccountTransfers(filter));

    public ValueTask<Answer<AccountBalance[]>> GetAccountBalancesAsync(
        AccountFilter filter,
        CancellationToken cancellationToken
    ) => Read(() => _ledger.AccountBalances(filter));

    public ValueTask<Answer<Account[]>> QueryAccountsAsync(
        QueryFilter filter,
        CancellationToken cancellationToken
    ) => Read(() => _ledger.QueryAccounts(filter));

    public ValueTask<Answer<Transfer[]>> QueryTransfersAsync(
        QueryFilter filter,
        CancellationToken cancellationToken
    ) => Read(() => _ledger.QueryTransfers(filter));

    public ValueTask<Answer<ChangeEvent[]>> GetChangeEventsAsync(
        ChangeEventsFilter filter,
        CancellationToken cancellationToken
    ) => Read(() => _ledger.ChangeEvents(filter));

    public ValueTask<Answer<RecordPage>> ReadRecordsAsync(
        RecordQuery query,
        CancellationToken cancellationToken
    ) => Read(() => _records.Read(query));

    private OperationResult Apply(Operation operation)
    {
        var content = OperationText.Of(operation);
        if (_operations.TryGetValue(operation.Id.Value, out var earlier))
        {
            return string.Equals(earlier.Content, content, StringComparison.Ordinal)
                ? earlier.Result with
                {
                    Replayed = true,
                }
                : Result(OperationStatus.IdReusedWithOtherContent, -1, 0);
        }
        var (status, index) = _records.TryHold(operation.Guards);
        if (status != OperationStatus.Done)
        {
            return Result(status, index, 0);
        }
        if (_ledger.TryApply(operation) is { } refusal)
        {
            return Result(refusal.Status, refusal.Index, refusal.Reason);
        }
        _records.Apply(operation);
        var result = Result(OperationStatus.Done, -1, 0);
        _operations.Add(operation.Id.Value, (content, result));
        return result;
    }

    private OperationResult Result(OperationStatus status, int index, uint reason) =>
        new()
        {
            Status = status,
            Timestamp = _ledger.Now,
            FailedIndex = index,
            FailedStatus = reason,
        };

    private async ValueTask<Answer<T>> WriteAsync<T>(
        Func<T> apply,
        CancellationToken cancellationToken
    )
    {
        if (Hangs)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        if (WritesRefused is { } reason)
        {
            return new Answer<T>.NotDone(reason, "the bank is in a mood");
        }
        lock (_lock)
        {
            var value = apply();
            return AnswersLost
                ? new Answer<T>.Unknown("the answer is lost")
                : new Answer<T>.Done(value);
        }
    }

    private ValueTask<Answer<T>> Read<T>(Func<T> read)
    {
        if (ReadsRefused is { } reason)
        {
            return ValueTask.FromResult<Answer<T>>(
                new Answer<T>.NotDone(reason, "the bank is in a mood")
            );
        }
        lock (_lock)
        {
            return ValueTask.FromResult<Answer<T>>(new Answer<T>.Done(read()));
        }
    }
}
