using Evenkeel.Payments;

namespace Evenkeel.Banking.Cards;

/// <summary>A debit card. The key is its token; the number itself is nowhere in the bank.</summary>
/// <param name="Account">The account that it draws on.</param>
/// <param name="LastFour">Last four digits, for the holder to tell cards apart.</param>
/// <param name="ExpiryYearMonth">YYMM; good through the last day of that month.</param>
/// <param name="PinVerifier">As made behind the key interface (32 hexadecimal digits).</param>
internal sealed record CardDocument(
    string Customer,
    string Account,
    string LastFour,
    int ExpiryYearMonth,
    CardState State,
    string PinVerifier,
    DateOnly Issued
)
{
    /// <summary>By the holder; independent of what the bank says of the card.</summary>
    public bool IsFrozen { get; init; }

    /// <summary>Below the customer's own limits; null = only those hold.</summary>
    public CardLimits? Limits { get; init; }
}

/// <summary>Wrong PINs of a card since the last right one. Apart from the card, which they leave alone.</summary>
/// <param name="Wrong">From <see cref="BankingLimits.PinTriesMax"/> on no PIN is tried.</param>
internal sealed record CardPinDocument(int Wrong)
{
    /// <summary>The last balance inquiry: what makes each of them a decision of its own.</summary>
    public string? LastInquiry { get; init; }
}
