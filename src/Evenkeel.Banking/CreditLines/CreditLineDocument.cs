using Evenkeel.Payments;

namespace Evenkeel.Banking.CreditLines;

/// <summary>What the bank takes from the settlement account on a due date. Persisted: numbers only grow.</summary>
public enum DirectPayment : byte
{
    None = 0,

    /// <summary>The least that must be paid.</summary>
    Minimum = 1,

    /// <summary>All that was billed.</summary>
    Full = 2,
}

/// <summary>A month's bill of a credit line.</summary>
/// <param name="BilledNs">Log time up to which movements are in it, nanoseconds.</param>
/// <param name="Due">A banking day.</param>
internal sealed record CreditLineBill(
    DateOnly Billed,
    ulong BilledNs,
    long AmountMinor,
    long MinimumMinor,
    DateOnly Due,
    BillState State
);

/// <summary>The agreement of a credit line. Key: the number of its account.</summary>
/// <param name="Settlement">Account from which the bank takes what is due; null = the holder pays.</param>
internal sealed record CreditLineDocument(
    string Customer,
    uint Currency,
    string? Settlement,
    DirectPayment DirectPayment,
    CreditLineBill? Bill = null
);
