using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Payments;

namespace Evenkeel.Banking;

/// <summary>Where things of the bank stand in the ledger, for those who look at the books from outside.</summary>
public static class BankBooks
{
    /// <summary>The ledger account of a customer's account.</summary>
    public static UInt128 LedgerIdOf(AccountNumber account) => LedgerIds.Of(account);
}
