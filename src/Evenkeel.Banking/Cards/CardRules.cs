using System.Globalization;
using System.Text;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.CustomerLimits;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Storage;
using Evenkeel.CardKeys;
using Evenkeel.Journal;
using Evenkeel.Journal.Decisions;
using Evenkeel.Payments;
using static Evenkeel.Payments.OutcomeReason;

namespace Evenkeel.Banking.Cards;

/// <summary>What a card is used for.</summary>
internal enum CardPurpose
{
    Cash,
    Purchase,
    Inquiry,
}

/// <summary>What looking at a card found.</summary>
/// <param name="Pin">What becomes of the count of wrong PINs; null = nothing.</param>
internal readonly record struct CardVerdict(
    CardDocument? Card,
    OutcomeReason Fault,
    CardPinDocument? Pin = null
);

/// <summary>
/// What must hold before a card does anything. States come before the PIN: who found a card that was
/// reported learns nothing about its PIN.
/// </summary>
internal static class CardRules
{
    /// <summary>
    /// A wrong PIN changes what the next try sees: tries of one card are decided one after the other.
    /// </summary>
    public static IReadOnlyList<RecordKey> LanesOf(Movement movement) =>
        movement switch
        {
            Movement.CashWithdrawal { From: Funding.OfCard { Card: var card } } => [Lane(card)],
            Movement.CardAuthorisation { Card: { Pin: not null } card } => [Lane(card)],
            Movement.CardPurchase { Card: { Pin: not null } card } => [Lane(card)],
            _ => [],
        };

    public static RecordKey Lane(CardUse card) => Collections.CardPins.Key(card.Token.Value);

    /// <param name="context">What the PIN was entered for: the id of instruction or inquiry.</param>
    public static async ValueTask<CardVerdict> JudgeAsync(
        Bank bank,
        DecisionReader reader,
        DateOnly date,
        CardUse use,
        CardPurpose purpose,
        InstructionId context,
        CancellationToken cancellationToken
    )
    {
        var card = await Collections.Cards.ReadAsync(reader, use.Token.Value, cancellationToken);
        var fault = Judge(card, use, date);
        if (fault != None)
        {
            return new CardVerdict(card, fault);
        }
        if (use.Pin is not { } pin)
        {
            return new CardVerdict(
                card,
                purpose == CardPurpose.Purchase ? None : CardUseNotAllowed
            );
        }
        var tries = await Collections.CardPins.ReadAsync(
            reader,
            use.Token.Value,
            cancellationToken
        );
        var wrong = tries?.Wrong ?? 0;
        if (wrong >= BankingLimits.PinTriesMax)
        {
            return new CardVerdict(card, PinTriesExceeded);
        }
        return Verify(bank.CardKeys, pin, use.Token, context, card!.PinVerifier) switch
        {
            PinVerdict.Correct => new CardVerdict(
                card,
                None,
                wrong == 0 ? null : new CardPinDocument(Wrong: 0)
            ),
            PinVerdict.Wrong => new CardVerdict(
                card,
                wrong + 1 == BankingLimits.PinTriesMax ? PinTriesExceeded : PinWrong,
                new CardPinDocument(wrong + 1)
            ),
            _ => new CardVerdict(card, PinNotVerifiable),
        };
    }

    /// <summary>The card's own limits, below those of its holder.</summary>
    public static OutcomeReason JudgeLimits(
        DecisionContext context,
        CardDocument card,
        Payments.CardToken token,
        CardPurpose purpose
    )
    {
        if (card.Limits is not { } limits)
        {
            return None;
        }
        var amount = context.Instruction.Amount.Minor;
        if (amount > limits.TransactionMinor && !context.Instruction.IsAdvice)
        {
            return TransactionLimitExceeded;
        }
        context.CountLimit(
            string.Create(
                CultureInfo.InvariantCulture,
                $"card/{token.Value}/{purpose}/{context.Day}/amount"
            ),
            amount,
            purpose == CardPurpose.Cash ? limits.CashDayMinor : limits.PurchaseDayMinor,
            DailyAmountLimitExceeded,
            isCount: false
        );
        return None;
    }

    private static OutcomeReason Judge(CardDocument? card, CardUse use, DateOnly date) =>
        card switch
        {
            null or { State: CardState.Ended or CardState.None } => CardUnknown,
            { State: CardState.Stolen } => CardStolen,
            { State: CardState.Lost } => CardLost,
            { State: CardState.NotActive } => CardNotActive,
            _ when card.ExpiryYearMonth != use.ExpiryYearMonth || IsPast(card, date) => CardExpired,
            { State: CardState.Blocked } or { IsFrozen: true } => CardBlocked,
            _ => None,
        };

    private static bool IsPast(CardDocument card, DateOnly date) =>
        (date.Year % 100 * 100) + date.Month > card.ExpiryYearMonth;

    private static PinVerdict Verify(
        ICardKeys? keys,
        Payments.SealedPin pin,
        Payments.CardToken token,
        InstructionId context,
        string stored
    ) =>
        keys is not null
        && CardKeys.CardToken.TryParse(token.Value, out var card)
        && PinVerifier.TryParse(stored, out var verifier)
            ? keys.VerifyPin(
                new CardKeys.SealedPin(pin.Bytes),
                card,
                Encoding.ASCII.GetBytes(context.ToString()),
                verifier
            )
            : PinVerdict.NotVerifiable;
}
