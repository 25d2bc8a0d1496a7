namespace Evenkeel.Import;

/// <summary>
/// Account codes of imported banks: a small chart of accounts. The numbers are stored: they only grow.
/// </summary>
public enum AccountCode : ushort
{
    None = 0,

    /// <summary>Notes and coins in the bank's hands.</summary>
    Cash = 1000,

    /// <summary>Claims on and debts to one other bank.</summary>
    Clearing = 1100,

    /// <summary>Loans to customers.</summary>
    Loans = 1200,

    /// <summary>Customers' current accounts.</summary>
    Customer = 2000,

    /// <summary>Where opening balances come from.</summary>
    Opening = 3000,

    /// <summary>Money that passes through and leaves nothing behind.</summary>
    PassThrough = 3100,
    FeeIncome = 4000,
    PenaltyInterestIncome = 4100,
    InterestExpense = 5000,
}
