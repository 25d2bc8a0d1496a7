using Evenkeel.Model;
using Evenkeel.TestModels;

namespace Evenkeel.Journal.Tests;

/// <summary>
/// A journal in memory: one order, records only. Proposals wait in a log until the test lets the log
/// commit, so that a test decides what is in flight when.
/// </summary>
internal sealed class InMemoryJournal : IJournal
{
    private readonly Lock _lock = new();
    private readonly Queue<Pending> _log = [];
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiters = [];
    private int _proposed;
    private ulong _timestamp = 1;

    public NaiveRecords State { get; } = new();

    /// <summary>False: proposals wait for <see cref="Commit"/>.</summary>
    public bool CommitsAtOnce { get; set; } = true;

    public int Proposed
    {
        get
        {
            lock (_lock)
            {
                return _proposed;
            }
        }
    }

    /// <summary>Completes when so many operations were proposed in all.</summary>
    public Task WaitForProposalsAsync(int count)
    {
        lock (_lock)
        {
            var reached = new TaskCompletionSource(
                TaskCreationOptions.RunContinuationsAsynchronously
            );
            _waiters.Add((count, reached));
            Wake();
            return reached.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    /// <summary>Commits and applies the oldest proposals.</summary>
    public void Commit(int count)
    {
        lock (_lock)
        {
            for (var i = 0; i < count; i++)
            {
                var pending = _log.Dequeue();
                pending.Answer.SetResult(
                    new Answer<OperationResult>.Done(Apply(pending.Operation))
                );
            }
        }
    }

    /// <summary>This node is deposed: what was not committed is lost, and nobody knows.</summary>
    public void Depose()
    {
        lock (_lock)
        {
            while (_log.TryDequeue(out var pending))
            {
                pending.Answer.SetResult(new Answer<OperationResult>.Unknown("deposed"));
            }
        }
    }

    /// <summary>Something else writes, at once and ahead of what waits.</summary>
    public OperationResult ApplyNow(Operation operation)
    {
        lock (_lock)
        {
            return Apply(operation);
        }
    }

    public ValueTask<Answer<OperationResult>> ProposeAsync(
        Operation operation,
        CancellationToken cancellationToken
    )
    {
        lock (_lock)
        {
            Check.That(OperationRules.Judge(operation) == OperationFault.None);
            var pending = new Pending(
                operation,
                new TaskCompletionSource<Answer<OperationResult>>(
                    TaskCreationOptions.RunContinuationsAsynchronously
                )
            );
            _log.Enqueue(pending);
            _proposed++;
            Wake();
            if (CommitsAtOnce)
            {
                Commit(_log.Count);
            }

            return new(pending.Answer.Task);
        }
    }

    public ValueTask<Answer<RecordPage>> ReadRecordsAsync(
        RecordQuery query,
        CancellationToken cancellationToken
    )
    {
        lock (_lock)
        {
            var key = new RecordKey(query.Collection, query.Key!);
            var found = State.Records.GetValueOrDefault(key);
            StoredRecord[] records = found.Json is null
                ? []
                : [new StoredRecord(key, found.Version, found.Json)];
            return new(new Answer<RecordPage>.Done(new RecordPage(records, Next: null)));
        }
    }

    public ValueTask<Answer<CreateAccountResult[]>> CreateAccountsAsync(
        ReadOnlyMemory<Account> events,
        ulong principal,
        CancellationToken cancellationToken
    ) => NoLedger<CreateAccountResult[]>();

    public ValueTask<Answer<CreateTransferResult[]>> CreateTransfersAsync(
        ReadOnlyMemory<Transfer> events,
        ulong principal,
        CancellationToken cancellationToken
    ) => NoLedger<CreateTransferResult[]>();

    public ValueTask<Answer<UpdateAccountResult[]>> UpdateAccountsAsync(
        ReadOnlyMemory<AccountUpdate> events,
        ulong principal,
        CancellationToken cancellationToken
    ) => NoLedger<UpdateAccountResult[]>();

    public ValueTask<Answer<Account[]>> LookupAccountsAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    ) => NoLedger<Account[]>();

    public ValueTask<Answer<AccountLimits[]>> LookupAccountLimitsAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    ) => NoLedger<AccountLimits[]>();

    public ValueTask<Answer<Transfer[]>> LookupTransfersAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    ) => NoLedger<Transfer[]>();

    public ValueTask<Answer<Transfer[]>> GetAccountTransfersAsync(
        AccountFilter filter,
        CancellationToken cancellationToken
    ) => NoLedger<Transfer[]>();

    public ValueTask<Answer<AccountBalance[]>> GetAccountBalancesAsync(
        AccountFilter filter,
        CancellationToken cancellationToken
    ) => NoLedger<AccountBalance[]>();

    public ValueTask<Answer<Account[]>> QueryAccountsAsync(
        QueryFilter filter,
        CancellationToken cancellationToken
    ) => NoLedger<Account[]>();

    public ValueTask<Answer<Transfer[]>> QueryTransfersAsync(
        QueryFilter filter,
        CancellationToken cancellationToken
    ) => NoLedger<Transfer[]>();

    public ValueTask<Answer<ChangeEvent[]>> GetChangeEventsAsync(
        ChangeEventsFilter filter,
        CancellationToken cancellationToken
    ) => NoLedger<ChangeEvent[]>();

    private static ValueTask<Answer<T>> NoLedger<T>() =>
        new(new Answer<T>.NotDone(FrameStatus.Unavailable, "This journal keeps records only."));

    private OperationResult Apply(Operation operation) => State.Apply(operation, _timestamp++);

    private void Wake()
    {
        foreach (var waiter in _waiters.Where(waiter => waiter.Count <= _proposed))
        {
            waiter.Reached.TrySetResult();
        }
    }

    private sealed record Pending(
        Operation Operation,
        TaskCompletionSource<Answer<OperationResult>> Answer
    );
}
