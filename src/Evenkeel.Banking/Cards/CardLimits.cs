namespace Evenkeel.Banking.Cards;

/// <summary>Limits of one card, minor units of its account's currency.</summary>
/// <param name="TransactionMinor">One use.</param>
/// <param name="CashDayMinor">All cash of one business date.</param>
/// <param name="PurchaseDayMinor">All purchases and authorisations of one business date.</param>
public sealed record CardLimits(long TransactionMinor, long CashDayMinor, long PurchaseDayMinor);
