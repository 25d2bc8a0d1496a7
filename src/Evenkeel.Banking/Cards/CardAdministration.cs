using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Journal.Decisions;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Cards;

/// <summary>A card that was made for an account, as the maker of cards reports it.</summary>
/// <param name="Token">Made from the number where card keys live; the number itself does not come here.</param>
/// <param name="ExpiryYearMonth">YYMM.</param>
/// <param name="PinVerifier">Made behind the key interface, 32 hexadecimal digits.</param>
public sealed record CardIssue(
    AccountNumber Account,
    CardToken Token,
    string LastFour,
    int ExpiryYearMonth,
    string PinVerifier
);

/// <summary>What the bank and its staff do with cards.</summary>
public sealed class CardAdministration
{
    private readonly Bank _bank;

    internal CardAdministration(Bank bank) => _bank = bank;

    /// <summary>The card is known and not active yet.</summary>
    public Task<TaskOutcome<CardView>> IssueAsync(
        Actor actor,
        string reference,
        CardIssue issue,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(issue);
        return DecideAsync(
            actor,
            "issue",
            reference,
            issue.Token,
            $"{issue.Account}\n{issue.LastFour}\n{issue.ExpiryYearMonth}\n{issue.PinVerifier}",
            async (reader, known, token) =>
            {
                if (!IsSound(issue))
                {
                    return (null, OutcomeReason.Malformed);
                }
                if (known is not null)
                {
                    return (null, OutcomeReason.Duplicate);
                }
                var account = await Collections.Accounts.ReadAsync(
                    reader,
                    issue.Account.ToString(),
                    token
                );
                if (account is not { State: AccountState.Open })
                {
                    return (null, OutcomeReason.DebtorAccountUnknown);
                }
                return await reader.ReadBusinessDateAsync(token) is { } date
                    ? (
                        new CardDocument(
                            account.Customer,
                            issue.Account.ToString(),
                            issue.LastFour,
                            issue.ExpiryYearMonth,
                            CardState.NotActive,
                            issue.PinVerifier,
                            date
                        ),
                        OutcomeReason.None
                    )
                    : (null, OutcomeReason.ServiceUnavailable);
            },
            cancellationToken,
            // What is counted is the holder's cards: nobody gets them without end.
            counts: true
        );
    }

    /// <summary>
    /// To another state. Lost, stolen and ended are for good; what customers froze themselves stays
    /// frozen.
    /// </summary>
    public Task<TaskOutcome<CardView>> SetStateAsync(
        Actor actor,
        string reference,
        CardToken card,
        CardState state,
        CancellationToken cancellationToken
    ) =>
        DecideAsync(
            actor,
            "state",
            reference,
            card,
            state.ToString(),
            (_, known, _) =>
                ValueTask.FromResult(
                    known is null ? (null, OutcomeReason.CardUnknown)
                    : IsFinal(known.State) && known.State != state
                    || state is CardState.None or CardState.NotActive
                        ? ((CardDocument?)null, OutcomeReason.NotSupported)
                    : (known with { State = state }, OutcomeReason.None)
                ),
            cancellationToken
        );

    /// <summary>Limits of the card below those of its holder; null = only those.</summary>
    public Task<TaskOutcome<CardView>> SetLimitsAsync(
        Actor actor,
        string reference,
        CardToken card,
        CardLimits? limits,
        CancellationToken cancellationToken
    ) =>
        DecideAsync(
            actor,
            "limits",
            reference,
            card,
            limits?.ToString() ?? "none",
            (_, known, _) =>
                ValueTask.FromResult(
                    known is null
                        ? ((CardDocument?)null, OutcomeReason.CardUnknown)
                        : (known with { Limits = limits }, OutcomeReason.None)
                ),
            cancellationToken
        );

    /// <summary>The holder was identified: wrong PINs are forgotten.</summary>
    public async Task<TaskOutcome<CardView>> ResetPinAsync(
        Actor actor,
        string reference,
        CardToken card,
        CancellationToken cancellationToken
    ) =>
        await DecideAsync(
            actor,
            "pin-reset",
            reference,
            card,
            "",
            (_, known, _) =>
                ValueTask.FromResult(
                    (known, known is null ? OutcomeReason.CardUnknown : OutcomeReason.None)
                ),
            cancellationToken,
            resetsPin: true
        );

    internal static bool IsFinal(CardState state) =>
        state is CardState.Lost or CardState.Stolen or CardState.Ended;

    internal async ValueTask<CardView?> FindAsync(
        CardToken token,
        CancellationToken cancellationToken
    ) =>
        await Collections.Cards.ReadAsync(_bank.Journal, token.Value, cancellationToken)
            is { } document
            ? await ViewAsync(token, document, cancellationToken)
            : null;

    internal async ValueTask<CardView> ViewAsync(
        CardToken token,
        CardDocument card,
        CancellationToken cancellationToken
    )
    {
        var pin = await Collections.CardPins.ReadAsync(
            _bank.Journal,
            token.Value,
            cancellationToken
        );
        return ViewOf(token, card, pin);
    }

    private static CardView ViewOf(CardToken token, CardDocument card, CardPinDocument? pin) =>
        new(
            token,
            AccountNumber.Parse(card.Account),
            card.LastFour,
            card.ExpiryYearMonth,
            card.State,
            card.IsFrozen,
            pin?.Wrong >= BankingLimits.PinTriesMax
        );

    /// <summary>Reads one card, changes it, and writes it: for staff and, by way of services, holders.</summary>
    internal Task<TaskOutcome<CardView>> DecideAsync(
        Actor actor,
        string what,
        string reference,
        CardToken card,
        string body,
        Func<
            DecisionReader,
            CardDocument?,
            CancellationToken,
            ValueTask<(CardDocument? Changed, OutcomeReason Fault)>
        > change,
        CancellationToken cancellationToken,
        bool counts = false,
        bool resetsPin = false,
        bool isOwn = false
    )
    {
        var id = InstructionId.From(Channel.Internal, $"card-{what}", reference);
        return Administration.DecideAsync(
            _bank,
            actor,
            new OperationId(id.Value),
            $"card/{what}",
            $"{card.Value}\n{body}",
            [Collections.Cards.Key(card.Value)],
            async (reader, draft, token) =>
            {
                if (!isOwn && actor is not (Actor.Staff or Actor.Bank))
                {
                    return Refuse(OutcomeReason.NotAuthorised);
                }
                var known = await Collections.Cards.ReadAsync(reader, card.Value, token);
                var pin = await Collections.CardPins.ReadAsync(reader, card.Value, token);
                var (changed, fault) = await change(reader, known, token);
                if (fault != OutcomeReason.None)
                {
                    return Refuse(fault);
                }
                List<RecordWrite> writes = [Collections.Cards.Write(card.Value, changed!)];
                if (resetsPin)
                {
                    pin = new CardPinDocument(Wrong: 0);
                    writes.Add(Collections.CardPins.Write(card.Value, pin));
                }
                return AdminDecision<CardView>.Accept(
                    draft with
                    {
                        Guards = counts
                            ?
                            [
                                new Guard.Counter(
                                    Collections.Cards.Key(changed!.Customer),
                                    Delta: 1,
                                    Min: 0,
                                    BankingLimits.CardsPerCustomerMax
                                ),
                            ]
                            : [],
                        Writes = writes,
                    },
                    ViewOf(card, changed!, pin)
                );

                AdminDecision<CardView> Refuse(OutcomeReason reason) =>
                    AdminDecision<CardView>.Refuse(draft, reason);
            },
            token => FindAsync(card, token),
            cancellationToken
        );
    }

    private static bool IsSound(CardIssue issue) =>
        issue.LastFour.Length == 4
        && issue.LastFour.All(char.IsAsciiDigit)
        && issue.ExpiryYearMonth % 100 is >= 1 and <= 12
        && issue.ExpiryYearMonth is >= 0 and <= 9_912
        && CardKeys.CardToken.TryParse(issue.Token.Value, out _)
        && CardKeys.PinVerifier.TryParse(issue.PinVerifier, out _);
}
