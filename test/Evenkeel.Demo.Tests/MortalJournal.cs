using Evenkeel.Journal;
using Evenkeel.Model;

namespace Evenkeel.Demo.Tests;

/// <summary>The process is gone: nothing of it goes on.</summary>
public sealed class ProcessGoneException : Exception;

/// <summary>
/// The journal as a process sees it that is killed at its n-th proposal: before it leaves, or after it was
/// applied and before the answer came. From then on the process does nothing any more.
/// </summary>
internal sealed class MortalJournal(IJournal journal, int proposals, bool isAnswerLost) : IJournal
{
    private int _left = proposals;
    private volatile bool _gone;

    public bool IsGone => _gone;

    public async ValueTask<Answer<OperationResult>> ProposeAsync(
        Operation operation,
        CancellationToken cancellationToken
    )
    {
        ThrowIfGone();
        if (Interlocked.Decrement(ref _left) != 0)
        {
            return Living(await journal.ProposeAsync(operation, cancellationToken));
        }
        if (isAnswerLost)
        {
            await journal.ProposeAsync(operation, cancellationToken);
        }
        _gone = true;
        throw new ProcessGoneException();
    }

    public async ValueTask<Answer<CreateAccountResult[]>> CreateAccountsAsync(
        ReadOnlyMemory<Account> events,
        ulong principal,
        CancellationToken cancellationToken
    )
    {
        ThrowIfGone();
        return Living(await journal.CreateAccountsAsync(events, principal, cancellationToken));
    }

    public async ValueTask<Answer<CreateTransferResult[]>> CreateTransfersAsync(
        ReadOnlyMemory<Transfer> events,
        ulong principal,
        CancellationToken cancellationToken
    )
    {
        ThrowIfGone();
        return Living(await journal.CreateTransfersAsync(events, principal, cancellationToken));
    }

    public async ValueTask<Answer<UpdateAccountResult[]>> UpdateAccountsAsync(
        ReadOnlyMemory<AccountUpdate> events,
        ulong principal,
        CancellationToken cancellationToken
    )
    {
        ThrowIfGone();
        return Living(await journal.UpdateAccountsAsync(events, principal, cancellationToken));
    }

    public async ValueTask<Answer<Account[]>> LookupAccountsAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    ) => Living(await journal.LookupAccountsAsync(ids, cancellationToken));

    public async ValueTask<Answer<AccountLimits[]>> LookupAccountLimitsAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    ) => Living(await journal.LookupAccountLimitsAsync(ids, cancellationToken));

    public async ValueTask<Answer<Transfer[]>> LookupTransfersAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    ) => Living(await journal.LookupTransfersAsync(ids, cancellationToken));

    public async ValueTask<Answer<Transfer[]>> GetAccountTransfersAsync(
        AccountFilter filter,
        CancellationToken cancellationToken
    ) => Living(await journal.GetAccountTransfersAsync(filter, cancellationToken));

    public async ValueTask<Answer<AccountBalance[]>> GetAccountBalancesAsync(
        AccountFilter filter,
        CancellationToken cancellationToken
    ) => Living(await journal.GetAccountBalancesAsync(filter, cancellationToken));

    public async ValueTask<Answer<Account[]>> QueryAccountsAsync(
        QueryFilter filter,
        CancellationToken cancellationToken
    ) => Living(await journal.QueryAccountsAsync(filter, cancellationToken));

    public async ValueTask<Answer<Transfer[]>> QueryTransfersAsync(
        QueryFilter filter,
        CancellationToken cancellationToken
    ) => Living(await journal.QueryTransfersAsync(filter, cancellationToken));

    public async ValueTask<Answer<ChangeEvent[]>> GetChangeEventsAsync(
        ChangeEventsFilter filter,
        CancellationToken cancellationToken
    ) => Living(await journal.GetChangeEventsAsync(filter, cancellationToken));

    public async ValueTask<Answer<RecordPage>> ReadRecordsAsync(
        RecordQuery query,
        CancellationToken cancellationToken
    ) => Living(await journal.ReadRecordsAsync(query, cancellationToken));

    private T Living<T>(T answer)
    {
        ThrowIfGone();
        return answer;
    }

    private void ThrowIfGone()
    {
        if (_gone)
        {
            throw new ProcessGoneException();
        }
    }
}
