namespace Evenkeel.Banking.GeneralLedger;

/// <summary>
/// The chart of accounts: what the ledger's account code says. Persisted: numbers only grow. The
/// first digit tells the class: 1 assets, 2 liabilities, 3 equity, 4 income, 5 expense.
/// </summary>
public enum GlCode : ushort
{
    None = 0,

    VaultCash = 1000,

    /// <summary>One account for each till.</summary>
    TillCash = 1010,

    /// <summary>One account for each cash machine.</summary>
    MachineCash = 1020,

    /// <summary>Our account at the clearing's settlement bank.</summary>
    Nostro = 1100,
    Loans = 1200,

    /// <summary>Credit lines: what their holders have drawn.</summary>
    CreditLines = 1210,
    AccruedInterestReceivable = 1300,

    CurrentAccounts = 2000,
    SavingsAccounts = 2010,
    AccruedInterestPayable = 2100,

    /// <summary>Sent to the clearing and not settled yet.</summary>
    ClearingOutgoing = 2200,

    /// <summary>Come from the clearing and not settled yet.</summary>
    ClearingIncoming = 2210,

    /// <summary>One account for each biller.</summary>
    BillerSettlement = 2220,

    /// <summary>Owed to shops' banks.</summary>
    CardSettlement = 2230,

    /// <summary>Between the debit of a payroll file and the credits of its lines.</summary>
    BulkClearing = 2240,

    /// <summary>Nobody knows yet whose it is; each item has an owner.</summary>
    Suspense = 2900,

    Equity = 3000,

    FeeIncome = 4000,
    LoanInterestIncome = 4010,
    OverdraftInterestIncome = 4020,

    DepositInterestExpense = 5000,
    Compensation = 5010,

    /// <summary>Cash that was counted over or short.</summary>
    CashOverShort = 5900,
}
