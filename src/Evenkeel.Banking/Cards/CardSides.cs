using Evenkeel.Banking.Advising;
using Evenkeel.Banking.CustomerLimits;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Storage;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Cards;

/// <summary>The side of a card in a decision: refused with what a PIN leaves behind, or posted.</summary>
internal static class CardSides
{
    /// <summary>Of an advice: whatever the card's state, its account pays.</summary>
    public static async ValueTask<AdviceSide> OfAsync(
        DecisionContext context,
        CardUse use,
        CardPurpose purpose,
        CancellationToken cancellationToken
    )
    {
        var card = await Collections.Cards.ReadAsync(
            context.Reader,
            use.Token.Value,
            cancellationToken
        );
        if (card is null)
        {
            return Suspense.Missing(ExceptionKind.CardUnknown, named: null);
        }
        var side = await Suspense.SideAsync(
            context,
            AccountNumber.Parse(card.Account),
            cancellationToken
        );
        if (side.Document is { } account)
        {
            CardRules.JudgeLimits(context, card, use.Token, purpose);
            await LimitRules.JudgeAsync(context, account, cancellationToken);
        }
        return side;
    }

    /// <summary>No; and a wrong PIN is counted, whatever else was wrong.</summary>
    public static Verdict.Refuse Refuse(CardUse use, CardVerdict verdict) =>
        new(verdict.Fault)
        {
            Writes = verdict.Pin is { } pin
                ? [Collections.CardPins.Write(use.Token.Value, pin)]
                : [],
        };

    /// <summary>The right PIN begins the count anew.</summary>
    public static void Remember(DecisionContext context, CardUse use, CardVerdict verdict)
    {
        if (verdict.Pin is { } pin)
        {
            context.Write(Collections.CardPins.Write(use.Token.Value, pin));
        }
    }
}
