using Evenkeel.Payments;

namespace Evenkeel.Banking.Accounts;

/// <summary>The agreement behind an account. Balances are the ledger's; payments do not write it.</summary>
/// <param name="Customer">The holder.</param>
/// <param name="OpenedBy">The operation that opened it; a repeat of it finds its own account.</param>
/// <param name="Product">Code of the product whose conditions hold.</param>
/// <param name="Currency">Number of ISO 4217.</param>
/// <param name="OverdraftMinor">Agreed overdraft, minor units; the ledger's allowance is the same.</param>
internal sealed record AccountDocument(
    string Customer,
    string Product,
    uint Currency,
    AccountState State,
    long OverdraftMinor,
    DateOnly Opened,
    string OpenedBy
)
{
    /// <summary>
    /// The state to go back to when the closing under way can't be; null when there is none. While it
    /// is set nothing moves on the account, so that the balance that was looked at stays.
    /// </summary>
    public AccountState? StateBeforeClosing { get; init; }
}
