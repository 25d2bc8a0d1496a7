using System.Collections.Concurrent;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Node;

namespace Evenkeel.LedgerApi.Tests.Bank;

/// <summary>
/// A real node that keeps nothing, behind a journal with moods: it can answer as a node in trouble
/// does.
/// </summary>
internal sealed class TestBank : IJournal, IAsyncDisposable
{
    private readonly EvenkeelNode _node;

    private TestBank(EvenkeelNode node) => _node = node;

    /// <summary>When set, writes answer so and do nothing.</summary>
    public FrameStatus? WritesRefused { get; set; }

    /// <summary>When set, reads answer so.</summary>
    public FrameStatus? ReadsRefused { get; set; }

    /// <summary>Writes are applied, and then the answer is lost.</summary>
    public bool AnswersLost { get; set; }

    /// <summary>As <see cref="AnswersLost"/>, of transfers only.</summary>
    public bool TransferAnswersLost { get; set; }

    /// <summary>After the next transfers writes answer so.</summary>
    public FrameStatus? RefusedAfterTransfers { get; set; }

    /// <summary>Ledger writes never come back until cancelled.</summary>
    public bool Hangs { get; set; }

    /// <summary>Every batch of transfers that was proposed.</summary>
    public ConcurrentQueue<(ulong Principal, Transfer[] Events)> Proposed { get; } = new();

    public ConcurrentQueue<Operation> Operations { get; } = new();

    private IJournal Node => _node.Journal;

    public static async Task<TestBank> OpenAsync() =>
        new(
            await EvenkeelNode.StartAsync(
                new NodeOptions
                {
                    DataDirectory = null,
                    Protocol = null,
                    Ledger = new(),
                    OnFatal = _ => { },
                }
            )
        );

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    public ValueTask<Answer<CreateAccountResult[]>> CreateAccountsAsync(
        ReadOnlyMemory<Account> events,
        ulong principal,
        CancellationToken cancellationToken
    ) =>
        WriteAsync(
            () => Node.CreateAccountsAsync(events, principal, cancellationToken),
            cancellationToken
        );

    public async ValueTask<Answer<CreateTransferResult[]>> CreateTransfersAsync(
        ReadOnlyMemory<Transfer> events,
        ulong principal,
        CancellationToken cancellationToken
    )
    {
        Proposed.Enqueue((principal, events.ToArray()));
        var answer = await WriteAsync(
            () => Node.CreateTransfersAsync(events, principal, cancellationToken),
            cancellationToken
        );
        WritesRefused ??= RefusedAfterTransfers;
        return TransferAnswersLost
            ? new Answer<CreateTransferResult[]>.Unknown("the answer is lost")
            : answer;
    }

    public ValueTask<Answer<UpdateAccountResult[]>> UpdateAccountsAsync(
        ReadOnlyMemory<AccountUpdate> events,
        ulong principal,
        CancellationToken cancellationToken
    ) =>
        WriteAsync(
            () => Node.UpdateAccountsAsync(events, principal, cancellationToken),
            cancellationToken
        );

    public ValueTask<Answer<OperationResult>> ProposeAsync(
        Operation operation,
        CancellationToken cancellationToken
    )
    {
        Operations.Enqueue(operation);
        return WriteAsync(() => Node.ProposeAsync(operation, cancellationToken), cancellationToken);
    }

    public ValueTask<Answer<Account[]>> LookupAccountsAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    ) => ReadAsync(() => Node.LookupAccountsAsync(ids, cancellationToken));

    public ValueTask<Answer<AccountLimits[]>> LookupAccountLimitsAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    ) => ReadAsync(() => Node.LookupAccountLimitsAsync(ids, cancellationToken));

    public ValueTask<Answer<Transfer[]>> LookupTransfersAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    ) => ReadAsync(() => Node.LookupTransfersAsync(ids, cancellationToken));

    public ValueTask<Answer<Transfer[]>> GetAccountTransfersAsync(
        AccountFilter filter,
        CancellationToken cancellationToken
    ) => ReadAsync(() => Node.GetAccountTransfersAsync(filter, cancellationToken));

    public ValueTask<Answer<AccountBalance[]>> GetAccountBalancesAsync(
        AccountFilter filter,
        CancellationToken cancellationToken
    ) => ReadAsync(() => Node.GetAccountBalancesAsync(filter, cancellationToken));

    public ValueTask<Answer<Account[]>> QueryAccountsAsync(
        QueryFilter filter,
        CancellationToken cancellationToken
    ) => ReadAsync(() => Node.QueryAccountsAsync(filter, cancellationToken));

    public ValueTask<Answer<Transfer[]>> QueryTransfersAsync(
        QueryFilter filter,
        CancellationToken cancellationToken
    ) => ReadAsync(() => Node.QueryTransfersAsync(filter, cancellationToken));

    public ValueTask<Answer<ChangeEvent[]>> GetChangeEventsAsync(
        ChangeEventsFilter filter,
        CancellationToken cancellationToken
    ) => ReadAsync(() => Node.GetChangeEventsAsync(filter, cancellationToken));

    public ValueTask<Answer<RecordPage>> ReadRecordsAsync(
        RecordQuery query,
        CancellationToken cancellationToken
    ) => ReadAsync(() => Node.ReadRecordsAsync(query, cancellationToken));

    private async ValueTask<Answer<T>> WriteAsync<T>(
        Func<ValueTask<Answer<T>>> write,
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
        var answer = await write();
        return AnswersLost ? new Answer<T>.Unknown("the answer is lost") : answer;
    }

    private ValueTask<Answer<T>> ReadAsync<T>(Func<ValueTask<Answer<T>>> read) =>
        ReadsRefused is { } reason
            ? ValueTask.FromResult<Answer<T>>(
                new Answer<T>.NotDone(reason, "the bank is in a mood")
            )
            : read();
}
