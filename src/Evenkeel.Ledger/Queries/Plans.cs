using Evenkeel.Model;

namespace Evenkeel.Ledger.Queries;

/// <summary>
/// What <c>get_account_transfers</c> and <c>get_account_balances</c> need of the ledger's state,
/// taken in one short moment under the apply lock.
/// </summary>
/// <param name="ChainHead">Position + 1 of the account's newest row; 0 = there is nothing to find.</param>
/// <param name="Rows">History rows at that moment; later rows don't exist for this query.</param>
/// <param name="KeepsBalances">The account has <see cref="AccountFlags.History"/>.</param>
public readonly record struct AccountQuery(
    AccountFilter Filter,
    uint Slot,
    ulong ChainHead,
    ulong Rows,
    bool KeepsBalances
);

/// <summary>The captured part of <c>query_accounts</c>: accounts below a slot.</summary>
public readonly record struct AccountListQuery(QueryFilter Filter, uint Accounts);

/// <summary>The captured part of <c>query_transfers</c>.</summary>
public readonly record struct TransferQuery(QueryFilter Filter, ulong Rows);

/// <summary>The captured part of <c>get_change_events</c>.</summary>
public readonly record struct ChangeEventQuery(ChangeEventsFilter Filter, ulong Rows);
