using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Cards;

/// <summary>
/// A balance inquiry at a machine. It moves nothing, and is a decision all the same: a wrong PIN
/// counts, and many tries at once must not see the count of before.
/// </summary>
internal static class CardInquiries
{
    /// <returns>The card's account, or why not.</returns>
    public static async Task<(AccountNumber? Account, OutcomeReason Fault)> AskAsync(
        Bank bank,
        Actor actor,
        InstructionId inquiry,
        CardUse card,
        CancellationToken cancellationToken
    )
    {
        var fault = OutcomeReason.Internal;
        var outcome = await Administration.DecideAsync<CardDocument>(
            bank,
            actor,
            new OperationId(inquiry.Value),
            "card/inquiry",
            $"{card.Token.Value}\n{card.ExpiryYearMonth}",
            [CardRules.Lane(card)],
            async (reader, draft, token) =>
            {
                if (await reader.ReadBusinessDateAsync(token) is not { } date)
                {
                    return AdminDecision<CardDocument>.Refuse(
                        draft,
                        OutcomeReason.ServiceUnavailable
                    );
                }
                var verdict = await CardRules.JudgeAsync(
                    bank,
                    reader,
                    date,
                    card,
                    CardPurpose.Inquiry,
                    inquiry,
                    token
                );
                fault = verdict.Fault;
                if (verdict.Fault != OutcomeReason.None && verdict.Pin is null)
                {
                    return AdminDecision<CardDocument>.Refuse(draft, verdict.Fault);
                }
                var pin = (verdict.Pin ?? new CardPinDocument(Wrong: 0)) with
                {
                    LastInquiry = inquiry.ToString(),
                };
                return AdminDecision<CardDocument>.Accept(
                    draft with
                    {
                        Writes = [Collections.CardPins.Write(card.Token.Value, pin)],
                    },
                    verdict.Card!
                );
            },
            async token => await Collections.Cards.ReadAsync(bank.Journal, card.Token.Value, token),
            cancellationToken
        );
        return outcome switch
        {
            TaskOutcome<CardDocument>.Done done when fault == OutcomeReason.None => (
                AccountNumber.Parse(done.Value.Account),
                fault
            ),
            TaskOutcome<CardDocument>.NotDone notDone => (null, notDone.Reason),
            _ => (null, fault),
        };
    }
}
