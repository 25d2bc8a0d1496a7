using Evenkeel.Banking.Calendars;
using Evenkeel.Payments;

namespace Evenkeel.Banking.StandingOrders;

/// <summary>An order to pay again and again.</summary>
/// <param name="Customer">Whose it is.</param>
/// <param name="Debtor">Account that pays.</param>
/// <param name="Creditor">Account of this bank that gets it; null when it is elsewhere.</param>
/// <param name="SealedCreditor">The account at another bank, sealed by the payer's key.</param>
/// <param name="NextDue">As the schedule says.</param>
/// <param name="NextRun">The business day on which it is executed next; null when there is none. Indexed.</param>
internal sealed record StandingOrderDocument(
    string Customer,
    string Debtor,
    string? Creditor,
    string? SealedCreditor,
    long AmountMinor,
    uint Currency,
    Schedule Schedule,
    DateOnly NextDue,
    DateOnly? NextRun,
    DateOnly? Last,
    string? SealedRemittance,
    StandingOrderState State
);

/// <summary>An account at another bank, before it is sealed.</summary>
internal sealed record OutsideAccount(string Bank, string Account, string Name);

/// <summary>One due date of one order. Key: order/date due.</summary>
/// <param name="Instruction">The last attempt.</param>
internal sealed record StandingRunDocument(
    string Order,
    DateOnly Due,
    DateOnly Run,
    int Attempts,
    StandingRunState State,
    OutcomeReason? Reason,
    string Instruction
);
