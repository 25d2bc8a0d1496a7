using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Model;

namespace Evenkeel.Banking.Products;

/// <summary>What a customer can have. Persisted: numbers only grow.</summary>
public enum ProductKind : byte
{
    None = 0,
    Current = 1,
    Savings = 2,

    /// <summary>A loan with instalments: its account is an asset of the bank.</summary>
    Loan = 3,

    /// <summary>Has no ledger account of its own: it moves the account it belongs to.</summary>
    DebitCard = 4,

    /// <summary>Drawn up to a limit, billed once a month, due some days later.</summary>
    CreditLine = 5,
}

/// <summary>How the days of a year are counted for interest. Persisted: numbers only grow.</summary>
public enum DayCount : byte
{
    None = 0,

    /// <summary>Calendar days over 365, in leap years too (ISDA 2006, 4.16 (d)).</summary>
    Actual365Fixed = 1,

    /// <summary>Months of 30 days over 360, European rule (ISDA 2006, 4.16 (g)).</summary>
    Thirty360European = 2,
}

/// <summary>Conditions of a product from a day on, until the next ones take over.</summary>
public sealed record ProductTerms
{
    /// <summary>First day on which they hold.</summary>
    public required DateOnly From { get; init; }

    /// <summary>Paid on money of the customer; hundredths of a percent a year.</summary>
    public int CreditBasisPoints { get; init; }

    /// <summary>Charged on money of the bank (overdraft, loan, credit line); hundredths of a percent a year.</summary>
    public int DebitBasisPoints { get; init; }

    public DayCount DayCount { get; init; } = DayCount.Actual365Fixed;

    /// <summary>Minor units, taken at each month's end.</summary>
    public long MonthlyFeeMinor { get; init; }

    /// <summary>Minor units, once for each payment that is not made when it is due.</summary>
    public long LateFeeMinor { get; init; }

    /// <summary>Minor units, with each withdrawal of notes at a machine.</summary>
    public long CashFeeMinor { get; init; }

    /// <summary>Minor units, with each transfer to somebody else.</summary>
    public long TransferFeeMinor { get; init; }

    /// <summary>The highest overdraft or credit limit that may be agreed, minor units.</summary>
    public long AllowanceMinorMax { get; init; }

    /// <summary>Days without use by the customer after which an account sleeps; 0 = never.</summary>
    public int DormantAfterDays { get; init; }

    /// <summary>Part of what is billed that must be paid when due, hundredths of a percent.</summary>
    public int MinimumPaymentBasisPoints { get; init; }

    /// <summary>The least that must be paid when due, minor units (or all, when less is owed).</summary>
    public long MinimumPaymentMinor { get; init; }

    /// <summary>Days from the bill to the day it is due.</summary>
    public int PaymentDays { get; init; }

    internal bool IsSound =>
        CreditBasisPoints is >= 0 and <= ProductLimits.BasisPointsMax
        && DebitBasisPoints is >= 0 and <= ProductLimits.BasisPointsMax
        && DayCount != DayCount.None
        && MonthlyFeeMinor >= 0
        && LateFeeMinor >= 0
        && CashFeeMinor >= 0
        && TransferFeeMinor >= 0
        && AllowanceMinorMax >= 0
        && DormantAfterDays >= 0
        && MinimumPaymentBasisPoints is >= 0 and <= ProductLimits.BasisPointsMax
        && MinimumPaymentMinor >= 0
        && PaymentDays is >= 0 and <= ProductLimits.PaymentDaysMax;
}

/// <summary>A product in one currency with all its conditions, oldest first.</summary>
/// <param name="Code">Names it: "current", "savings", "loan"...</param>
/// <param name="Currency">Number of ISO 4217.</param>
public sealed record Product(
    string Code,
    uint Currency,
    ProductKind Kind,
    IReadOnlyList<ProductTerms> Terms
)
{
    /// <summary>The conditions of a day; before the first ones those.</summary>
    public ProductTerms TermsOn(DateOnly day)
    {
        Check.That(Terms.Count > 0);
        return Terms.LastOrDefault(terms => terms.From <= day) ?? Terms[0];
    }

    /// <summary>Where its accounts stand in the chart of accounts; null when it has none.</summary>
    internal GlCode? GlCode =>
        Kind switch
        {
            ProductKind.Current => GeneralLedger.GlCode.CurrentAccounts,
            ProductKind.Savings => GeneralLedger.GlCode.SavingsAccounts,
            ProductKind.Loan => GeneralLedger.GlCode.Loans,
            ProductKind.CreditLine => GeneralLedger.GlCode.CreditLines,
            _ => null,
        };

    /// <summary>A loan is what the customer owes: it can't be paid back beyond that. All others are what we owe.</summary>
    internal AccountFlags LedgerFlags =>
        AccountFlags.History
        | (
            Kind == ProductKind.Loan
                ? AccountFlags.CreditsMustNotExceedDebits
                : AccountFlags.DebitsMustNotExceedCredits
        );

    internal bool MayHaveAllowance => Kind is ProductKind.Current or ProductKind.CreditLine;

    internal GlCode InterestIncome =>
        Kind is ProductKind.Loan or ProductKind.CreditLine
            ? GeneralLedger.GlCode.LoanInterestIncome
            : GeneralLedger.GlCode.OverdraftInterestIncome;

    internal static string KeyOf(string code, uint currency) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{code}/{currency}");
}

/// <summary>Bounds of what conditions may say, each with its unit.</summary>
public static class ProductLimits
{
    /// <summary>Hundredths of a percent: 100 %.</summary>
    public const int BasisPointsMax = 10_000;

    public const int PaymentDaysMax = 60;

    /// <summary>Sets of conditions that one product keeps.</summary>
    public const int TermsMax = 200;
}
