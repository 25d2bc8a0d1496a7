using Evenkeel.Banking.Cards;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Payees;
using Evenkeel.Banking.Queries;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Customers;

/// <summary>Cards and payees, each for its own customer only.</summary>
internal sealed class CustomerServices(Bank bank) : ICustomerServices
{
    public Task<QueryAnswer<IReadOnlyList<CardView>>> ListCardsAsync(
        Actor actor,
        CancellationToken cancellationToken
    ) =>
        ForCustomerAsync<IReadOnlyList<CardView>>(
            actor,
            async customer =>
            {
                var page = await Collections.Cards.QueryAsync(
                    bank.Journal,
                    new RecordQuery
                    {
                        Collection = Collections.Cards.Name,
                        Index = "customer",
                        Value = customer.Value,
                        Limit = BankingLimits.CardsPerCustomerMax,
                    },
                    cancellationToken
                );
                List<CardView> cards = [];
                foreach (var (key, card) in page.Documents)
                {
                    cards.Add(
                        await bank.Cards.ViewAsync(new CardToken(key), card, cancellationToken)
                    );
                }
                return cards;
            }
        );

    public Task<QueryAnswer<CardView>> FreezeCardAsync(
        Actor actor,
        string reference,
        CardToken card,
        CancellationToken cancellationToken
    ) =>
        ChangeCardAsync(
            actor,
            "freeze",
            reference,
            card,
            Assurance.Single,
            static known => known with { IsFrozen = true },
            cancellationToken
        );

    public Task<QueryAnswer<CardView>> UnfreezeCardAsync(
        Actor actor,
        string reference,
        CardToken card,
        CancellationToken cancellationToken
    ) =>
        ChangeCardAsync(
            actor,
            "unfreeze",
            reference,
            card,
            Assurance.Strong,
            static known => known with { IsFrozen = false },
            cancellationToken
        );

    public Task<QueryAnswer<CardView>> ReportCardAsync(
        Actor actor,
        string reference,
        CardToken card,
        bool wasStolen,
        CancellationToken cancellationToken
    ) =>
        ChangeCardAsync(
            actor,
            wasStolen ? "stolen" : "lost",
            reference,
            card,
            Assurance.Single,
            known =>
                CardAdministration.IsFinal(known.State)
                    ? known
                    : known with
                    {
                        State = wasStolen ? CardState.Stolen : CardState.Lost,
                    },
            cancellationToken
        );

    public Task<QueryAnswer<IReadOnlyList<PayeeView>>> ListPayeesAsync(
        Actor actor,
        CancellationToken cancellationToken
    ) =>
        ForCustomerAsync<IReadOnlyList<PayeeView>>(
            actor,
            async customer =>
            {
                var page = await Collections.Payees.QueryAsync(
                    bank.Journal,
                    new RecordQuery
                    {
                        Collection = Collections.Payees.Name,
                        Prefix = $"{customer}/",
                        Limit = PaymentLimits.PageLinesMax,
                    },
                    cancellationToken
                );
                return
                [
                    .. page
                        .Documents.Select(found => ViewOf(customer, found.Key, found.Document))
                        .OfType<PayeeView>(),
                ];
            }
        );

    public async Task<QueryAnswer<PayeeView>> AddPayeeAsync(
        Actor actor,
        string reference,
        Creditor creditor,
        CancellationToken cancellationToken
    )
    {
        if (
            Fault(actor, Assurance.Strong, out var customer) is var fault and not OutcomeReason.None
        )
        {
            return new QueryAnswer<PayeeView>.Refused(fault);
        }
        if (!InstructionRules.IsSound(creditor))
        {
            return new QueryAnswer<PayeeView>.Refused(OutcomeReason.Malformed);
        }
        var key = PayeeRules.KeyOf(bank.Persons, customer, creditor);
        var document = PayeeRules.DocumentOf(
            bank.Persons,
            customer,
            creditor,
            bank.Time.GetUtcNow()
        );
        return AnswerOf(
            await Administration.DecideAsync(
                bank,
                actor,
                IdOf("payee-add", customer, reference),
                "payee/add",
                key,
                [],
                async (reader, draft, token) =>
                {
                    var known = await Collections.Payees.ReadAsync(reader, key, token);
                    return AdminDecision<PayeeView>.Accept(
                        draft with
                        {
                            // Known already: since when it is known must not begin anew.
                            Guards = known is null ? [Counter(customer, 1)] : [],
                            Writes = [Collections.Payees.Write(key, known ?? document)],
                        },
                        ViewOf(customer, key, known ?? document)!
                    );
                },
                async token =>
                    await Collections.Payees.ReadAsync(bank.Journal, key, token) is { } found
                        ? ViewOf(customer, key, found)
                        : null,
                cancellationToken
            )
        );
    }

    public async Task<QueryAnswer<string>> RemovePayeeAsync(
        Actor actor,
        string reference,
        string payee,
        CancellationToken cancellationToken
    )
    {
        if (
            Fault(actor, Assurance.Single, out var customer) is var fault and not OutcomeReason.None
        )
        {
            return new QueryAnswer<string>.Refused(fault);
        }
        var key = $"{customer}/{payee}";
        if (!IsDigest(payee))
        {
            return new QueryAnswer<string>.Refused(OutcomeReason.Malformed);
        }
        var outcome = await Administration.DecideAsync<string>(
            bank,
            actor,
            IdOf("payee-remove", customer, reference),
            "payee/remove",
            key,
            [],
            async (reader, draft, token) =>
                await Collections.Payees.ReadAsync(reader, key, token) is null
                    ? AdminDecision<string>.Refuse(draft, OutcomeReason.PayeeNotConfirmed)
                    : AdminDecision<string>.Accept(
                        draft with
                        {
                            Guards = [Counter(customer, -1)],
                            Writes = [Collections.Payees.Delete(key)],
                        },
                        payee
                    ),
            _ => ValueTask.FromResult<string?>(payee),
            cancellationToken
        );
        if (outcome is TaskOutcome<string>.NotDone { Reason: OutcomeReason.PayeeNotConfirmed })
        {
            // Ids are keyed hashes: nobody comes upon one by chance, and another's names nothing here.
            await bank.Audit.WriteAsync(actor, "payee-unknown", payee, cancellationToken);
        }
        return AnswerOf(outcome);
    }

    private async Task<QueryAnswer<CardView>> ChangeCardAsync(
        Actor actor,
        string what,
        string reference,
        CardToken card,
        Assurance needed,
        Func<CardDocument, CardDocument> change,
        CancellationToken cancellationToken
    )
    {
        if (Fault(actor, needed, out var customer) is var fault and not OutcomeReason.None)
        {
            return new QueryAnswer<CardView>.Refused(fault);
        }
        if (!IsToken(card))
        {
            return new QueryAnswer<CardView>.Refused(OutcomeReason.CardUnknown);
        }
        var outcome = await bank.Cards.DecideAsync(
            actor,
            what,
            $"{customer}/{reference}",
            card,
            "",
            (_, known, _) =>
                ValueTask.FromResult(
                    // Another's card is not there.
                    known is null
                    || !string.Equals(known.Customer, customer.Value, StringComparison.Ordinal)
                        ? ((CardDocument?)null, OutcomeReason.CardUnknown)
                        : (change(known), OutcomeReason.None)
                ),
            cancellationToken,
            isOwn: true
        );
        if (outcome is TaskOutcome<CardView>.NotDone { Reason: OutcomeReason.CardUnknown })
        {
            await NoteAsync(
                actor,
                "card",
                () => AccountOfAsync(card, cancellationToken),
                cancellationToken
            );
        }
        return AnswerOf(outcome);
    }

    /// <summary>The account of a card that is there; null when there is none.</summary>
    private async ValueTask<string?> AccountOfAsync(
        CardToken card,
        CancellationToken cancellationToken
    ) => (await Collections.Cards.ReadAsync(bank.Journal, card.Value, cancellationToken))?.Account;

    private static bool IsToken(CardToken card) => IsDigest(card.Value);

    /// <summary>As tokens and ids of payees are written: 128 bits in hexadecimal.</summary>
    private static bool IsDigest(string text) =>
        text.Length == 32 && text.All(char.IsAsciiHexDigitLower);

    /// <summary>A line for whoever asked for what is another's; the refusal stands without it.</summary>
    private async ValueTask NoteAsync(
        Actor actor,
        string what,
        Func<ValueTask<string?>> subject,
        CancellationToken cancellationToken
    )
    {
        try
        {
            if (await subject() is { } named)
            {
                await bank.Audit.WriteAsync(actor, what, named, cancellationToken);
            }
        }
        catch (BankUnavailableException)
        {
            // Nothing could be looked up.
        }
    }

    private static OutcomeReason Fault(Actor actor, Assurance needed, out CustomerId customer)
    {
        customer = Access.CustomerOf(actor) ?? default;
        return customer.Value is null ? OutcomeReason.NotAuthorised
            : actor is Actor.Customer { Assurance: var has } && has < needed
                ? OutcomeReason.StrongAuthenticationRequired
            : OutcomeReason.None;
    }

    private PayeeView? ViewOf(CustomerId customer, string key, PayeeDocument document) =>
        PayeeRules.Open(bank.Persons, customer, document) is { } payee
            ? new PayeeView(
                key[(customer.Value.Length + 1)..],
                payee.Bank,
                payee.Account,
                payee.Name,
                document.Since,
                bank.Time.GetUtcNow() < document.Since + PayeeRules.NewFor
            )
            : null;

    private static Guard.Counter Counter(CustomerId customer, long delta) =>
        new(
            Collections.Payees.Key(customer.Value),
            delta,
            Min: 0,
            BankingLimits.PayeesPerCustomerMax
        );

    private static OperationId IdOf(string what, CustomerId customer, string reference) =>
        new(InstructionId.From(Channel.Internal, $"{what}/{customer}", reference).Value);

    private async Task<QueryAnswer<T>> ForCustomerAsync<T>(
        Actor actor,
        Func<CustomerId, Task<T>> read
    )
    {
        if (Access.CustomerOf(actor) is not { } customer)
        {
            return new QueryAnswer<T>.Refused(OutcomeReason.NotAuthorised);
        }
        try
        {
            return new QueryAnswer<T>.Found(await read(customer), bank.Time.GetUtcNow());
        }
        catch (BankUnavailableException)
        {
            return new QueryAnswer<T>.Refused(OutcomeReason.ServiceUnavailable);
        }
    }

    private QueryAnswer<T> AnswerOf<T>(TaskOutcome<T> outcome) =>
        outcome switch
        {
            TaskOutcome<T>.Done done => new QueryAnswer<T>.Found(done.Value, bank.Time.GetUtcNow()),
            TaskOutcome<T>.NotDone notDone => new QueryAnswer<T>.Refused(notDone.Reason),
            _ => throw new InvalidOperationException("A third kind of outcome."),
        };
}
