using Evenkeel.Model;

namespace Evenkeel.Ledger.Queries;

/// <summary>
/// The first half of every query: what must be read while nothing is applied. Short, and without
/// reading rows (a lookup by id compares with its row, as every use of the id index does).
/// </summary>
public static class QueryCapture
{
    public static AccountQuery Account(LedgerState ledger, in AccountFilter filter)
    {
        if (!FilterRules.IsValid(filter) || !ledger.TryGetSlot(filter.AccountId, out var slot))
        {
            return new AccountQuery { Filter = filter };
        }

        Check.That(ledger.TryGetAccountBySlot(slot, out var account));
        return new AccountQuery(
            filter,
            slot,
            ledger.ChainHead(slot),
            Rows: ledger.HistoryCount,
            KeepsBalances: (account.Flags & AccountFlags.History) != 0
        );
    }

    public static AccountListQuery Accounts(LedgerState ledger, in QueryFilter filter) =>
        new(filter, (uint)ledger.AccountCount);

    public static TransferQuery Transfers(LedgerState ledger, in QueryFilter filter) =>
        new(filter, ledger.HistoryCount);

    public static ChangeEventQuery ChangeEvents(LedgerState ledger, in ChangeEventsFilter filter) =>
        new(filter, ledger.HistoryCount);

    /// <summary>
    /// Positions that ids belong to, in the order of the ids; unknown ids are left out. Returns how
    /// many. Some may turn out to be failed ids: <see cref="LedgerQueries.LookupTransfers"/> skips them.
    /// </summary>
    public static int LookupTransfers(
        LedgerState ledger,
        ReadOnlySpan<UInt128> ids,
        Span<ulong> positions
    )
    {
        var count = 0;
        foreach (var id in ids)
        {
            if (ledger.TryGetTransferPosition(id, out var position))
            {
                positions[count++] = position;
            }
        }

        return count;
    }

    /// <summary>The accounts that exist, in the order of the ids. Returns how many.</summary>
    public static int LookupAccounts(
        LedgerState ledger,
        ReadOnlySpan<UInt128> ids,
        Span<Account> results
    )
    {
        var count = 0;
        foreach (var id in ids)
        {
            if (ledger.TryGetAccount(id, out var account))
            {
                results[count++] = account;
            }
        }

        return count;
    }

    /// <summary>The limits of the accounts that exist, in the order of the ids. Returns how many.</summary>
    public static int LookupAccountLimits(
        LedgerState ledger,
        ReadOnlySpan<UInt128> ids,
        Span<AccountLimits> results
    )
    {
        var count = 0;
        foreach (var id in ids)
        {
            if (ledger.TryGetLimits(id, out var limits))
            {
                results[count++] = limits;
            }
        }

        return count;
    }
}

/// <summary>Reads accounts straight from a ledger that nothing else uses at the same time.</summary>
public sealed class LedgerAccountReader(LedgerState ledger) : IAccountReader
{
    public uint Count => (uint)ledger.AccountCount;

    public void Read(ReadOnlySpan<uint> slots, Span<Account> accounts)
    {
        for (var i = 0; i < slots.Length; i++)
        {
            Check.That(ledger.TryGetAccountBySlot(slots[i], out accounts[i]));
        }
    }
}
