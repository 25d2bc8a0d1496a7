using System.Globalization;
using System.Text.Json;
using Evenkeel.Banking.Calendars;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.Queries;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.StandingOrders;

/// <summary>Standing orders are set up and cancelled here; the end of day executes them.</summary>
public sealed class StandingOrderDesk
{
    private const string CreditorPurpose = "standing-order/creditor";
    private const string RemittancePurpose = "standing-order/remittance";

    private readonly Bank _bank;

    internal StandingOrderDesk(Bank bank) => _bank = bank;

    public Task<TaskOutcome<StandingOrderView>> SetUpAsync(
        Actor actor,
        string reference,
        StandingOrderRequest request,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentNullException.ThrowIfNull(request);
        var id = InstructionId.From(
            Channel.Internal,
            "standing-order-set-up",
            $"{actor.Name}/{reference}"
        );
        var key = id.ToString();
        return Administration.DecideAsync(
            _bank,
            actor,
            new(id.Value),
            "standing-order/set-up",
            request.ToString(),
            [Collections.StandingOrders.Key(key)],
            async (reader, draft, token) =>
            {
                if (await reader.ReadBusinessDateAsync(token) is not { } date)
                {
                    return Refuse(OutcomeReason.ServiceUnavailable);
                }
                if (actor is Actor.Customer { Assurance: < Assurance.Strong })
                {
                    return Refuse(OutcomeReason.StrongAuthenticationRequired);
                }
                var account = await Collections.Accounts.ReadAsync(
                    reader,
                    request.Debtor.ToString(),
                    token
                );
                if (account is null || !Access.MaySee(actor, account))
                {
                    return Refuse(OutcomeReason.DebtorAccountUnknown);
                }
                if (account.Currency != request.Amount.Currency)
                {
                    return Refuse(OutcomeReason.CurrencyMismatch);
                }
                // What it will ask for must be well formed today, not only when it is due.
                var fault = InstructionRules.Judge(
                    InstructionOf(id, request.Debtor, request.Creditor, request.Amount, date) with
                    {
                        Remittance = request.Remittance,
                    }
                );
                if (fault != OutcomeReason.None)
                {
                    return Refuse(fault);
                }
                if (
                    !request.Schedule.IsSound
                    || request.From <= date
                    || request.From.DayNumber - date.DayNumber > PaymentLimits.ExecutionDaysAheadMax
                    || request.Last < request.From
                )
                {
                    return Refuse(OutcomeReason.DateInvalid);
                }
                if (await IsFullAsync(request.Debtor, token))
                {
                    return Refuse(OutcomeReason.TooManyHeld);
                }
                var calendar = await CalendarAdministration.ReadAsync(
                    reader,
                    account.Currency,
                    token
                );
                var due = request.Schedule.FirstFrom(request.From);
                var run = calendar.Shift(due, request.Schedule.Shift);
                if (due > request.Last)
                {
                    return Refuse(OutcomeReason.DateInvalid);
                }
                var customer = new CustomerId(account.Customer);
                StandingOrderDocument order = new(
                    account.Customer,
                    request.Debtor.ToString(),
                    (request.Creditor as Creditor.Here)?.Account.ToString(),
                    request.Creditor is Creditor.Elsewhere elsewhere
                        ? Seal(customer, elsewhere)
                        : null,
                    request.Amount.Minor,
                    request.Amount.Currency,
                    request.Schedule,
                    due,
                    run > date ? run : date.AddDays(1),
                    request.Last,
                    request.Remittance is { } remittance
                        ? _bank.Persons.Seal(customer, RemittancePurpose, remittance)
                        : null,
                    StandingOrderState.Active
                );
                return AdminDecision<StandingOrderView>.Accept(
                    draft with
                    {
                        Writes = [Collections.StandingOrders.Write(key, order)],
                    },
                    ViewOf(key, order)
                );

                AdminDecision<StandingOrderView> Refuse(OutcomeReason reason) =>
                    AdminDecision<StandingOrderView>.Refuse(draft, reason);
            },
            async token => await ReadViewAsync(key, token),
            cancellationToken
        );
    }

    /// <summary>What it says for all due dates to come; the payee stays.</summary>
    public Task<TaskOutcome<StandingOrderView>> ChangeAsync(
        Actor actor,
        string reference,
        string id,
        StandingOrderChange change,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentNullException.ThrowIfNull(change);
        var operation = InstructionId.From(
            Channel.Internal,
            "standing-order-change",
            $"{actor.Name}/{id}/{reference}"
        );
        return Administration.DecideAsync(
            _bank,
            actor,
            new(operation.Value),
            "standing-order/change",
            $"{id}\n{change}",
            [Collections.StandingOrders.Key(id)],
            async (reader, draft, token) =>
            {
                if (await reader.ReadBusinessDateAsync(token) is not { } date)
                {
                    return Refuse(OutcomeReason.ServiceUnavailable);
                }
                if (actor is Actor.Customer { Assurance: < Assurance.Strong })
                {
                    return Refuse(OutcomeReason.StrongAuthenticationRequired);
                }
                var order = await Collections.StandingOrders.ReadAsync(reader, id, token);
                if (order is null || !Access.MaySee(actor, order.Customer))
                {
                    return Refuse(OutcomeReason.OriginalUnknown);
                }
                if (order.State != StandingOrderState.Active || order.NextRun is not { } next)
                {
                    return Refuse(OutcomeReason.OriginalNotReversible);
                }
                // What is due is being executed: a new schedule would step over it.
                if (next <= date)
                {
                    return Refuse(OutcomeReason.EndOfDayCutOver);
                }
                if (change.Amount.Currency != order.Currency)
                {
                    return Refuse(OutcomeReason.CurrencyMismatch);
                }
                var fault = InstructionRules.Judge(
                    InstructionOf(operation, id, order, order.NextDue) with
                    {
                        Amount = change.Amount,
                        Remittance = change.Remittance,
                    }
                );
                if (fault != OutcomeReason.None)
                {
                    return Refuse(fault);
                }
                var calendar = await CalendarAdministration.ReadAsync(
                    reader,
                    order.Currency,
                    token
                );
                var due =
                    change.Schedule == order.Schedule || !change.Schedule.IsSound
                        ? order.NextDue
                        : change.Schedule.FirstFrom(date.AddDays(1));
                if (!change.Schedule.IsSound || change.Last < due)
                {
                    return Refuse(OutcomeReason.DateInvalid);
                }
                var run = calendar.Shift(due, change.Schedule.Shift);
                var changed = order with
                {
                    AmountMinor = change.Amount.Minor,
                    Schedule = change.Schedule,
                    NextDue = due,
                    NextRun = run > date ? run : date.AddDays(1),
                    Last = change.Last,
                    SealedRemittance = change.Remittance is { } remittance
                        ? _bank.Persons.Seal(
                            new CustomerId(order.Customer),
                            RemittancePurpose,
                            remittance
                        )
                        : null,
                };
                return AdminDecision<StandingOrderView>.Accept(
                    draft with
                    {
                        Writes = [Collections.StandingOrders.Write(id, changed)],
                    },
                    ViewOf(id, changed)
                );

                AdminDecision<StandingOrderView> Refuse(OutcomeReason reason) =>
                    AdminDecision<StandingOrderView>.Refuse(draft, reason);
            },
            async token => await ReadViewAsync(id, token),
            cancellationToken
        );
    }

    public Task<TaskOutcome<StandingOrderView>> CancelAsync(
        Actor actor,
        string id,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(actor);
        var operation = InstructionId.From(
            Channel.Internal,
            "standing-order-cancel",
            $"{actor.Name}/{id}"
        );
        return Administration.DecideAsync(
            _bank,
            actor,
            new(operation.Value),
            "standing-order/cancel",
            id,
            [Collections.StandingOrders.Key(id)],
            async (reader, draft, token) =>
            {
                var order = await Collections.StandingOrders.ReadAsync(reader, id, token);
                var account = order is null
                    ? null
                    : await Collections.Accounts.ReadAsync(reader, order.Debtor, token);
                if (order is null || account is null || !Access.MaySee(actor, account))
                {
                    return AdminDecision<StandingOrderView>.Refuse(
                        draft,
                        OutcomeReason.OriginalUnknown
                    );
                }
                var changed = order with { State = StandingOrderState.Cancelled, NextRun = null };
                return AdminDecision<StandingOrderView>.Accept(
                    draft with
                    {
                        Writes = [Collections.StandingOrders.Write(id, changed)],
                    },
                    ViewOf(id, changed)
                );
            },
            async token => await ReadViewAsync(id, token),
            cancellationToken
        );
    }

    /// <summary>Those that pay from an account of the asker's; the first hundred.</summary>
    public async Task<QueryAnswer<IReadOnlyList<StandingOrderView>>> ListAsync(
        Actor actor,
        AccountNumber account,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var document = await Collections.Accounts.ReadAsync(
                _bank.Journal,
                account.ToString(),
                cancellationToken
            );
            if (document is null || !Access.MaySee(actor, document))
            {
                return new QueryAnswer<IReadOnlyList<StandingOrderView>>.Refused(
                    OutcomeReason.DebtorAccountUnknown
                );
            }
            var page = await Collections.StandingOrders.QueryAsync(
                _bank.Journal,
                new RecordQuery
                {
                    Collection = Collections.StandingOrders.Name,
                    Index = "debtor",
                    Value = account.ToString(),
                },
                cancellationToken
            );
            return new QueryAnswer<IReadOnlyList<StandingOrderView>>.Found(
                [.. page.Documents.Select(pair => ViewOf(pair.Key, pair.Document))],
                _bank.Time.GetUtcNow()
            );
        }
        catch (BankUnavailableException)
        {
            return new QueryAnswer<IReadOnlyList<StandingOrderView>>.Refused(
                OutcomeReason.ServiceUnavailable
            );
        }
    }

    /// <summary>The payment of one due date.</summary>
    internal PaymentInstruction InstructionOf(
        InstructionId id,
        string key,
        StandingOrderDocument order,
        DateOnly due
    )
    {
        var customer = new CustomerId(order.Customer);
        Creditor creditor = order.Creditor is { } here
            ? new Creditor.Here(AccountNumber.Parse(here))
            : Open(customer, order.SealedCreditor!);
        return InstructionOf(
            id,
            AccountNumber.Parse(order.Debtor),
            creditor,
            new Money(order.AmountMinor, order.Currency),
            due
        ) with
        {
            Remittance = order.SealedRemittance is { } remittance
                ? _bank.Persons.Open(customer, RemittancePurpose, remittance)
                : null,
            // Both dates and orders are looked up by it; a UUID's worth of digits fits the 35 characters.
            References = new References
            {
                EndToEndId =
                    $"SO{key[..16]}{due.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}",
            },
        };
    }

    private static PaymentInstruction InstructionOf(
        InstructionId id,
        AccountNumber debtor,
        Creditor creditor,
        Money amount,
        DateOnly due
    ) =>
        new()
        {
            Id = id,
            Actor = new Actor.Bank("standing-order"),
            Origin = new Origin(Channel.Internal),
            Movement = new Movement.CreditTransfer(debtor, creditor),
            Amount = amount,
            AskedAt = new DateTimeOffset(due, TimeOnly.MinValue, TimeSpan.Zero),
        };

    private string Seal(CustomerId customer, Creditor.Elsewhere elsewhere) =>
        _bank.Persons.Seal(
            customer,
            CreditorPurpose,
            JsonSerializer.Serialize(
                new OutsideAccount(elsewhere.Bank.Value, elsewhere.Account, elsewhere.Name),
                BankingJson.Default.OutsideAccount
            )
        );

    private Creditor.Elsewhere Open(CustomerId customer, string isSealed)
    {
        // Who was forgotten has no orders any more: the account is closed before.
        var outside = Find(customer, isSealed);
        Check.That(outside is not null);
        return outside!;
    }

    /// <summary>Null when the customer was forgotten.</summary>
    private Creditor.Elsewhere? Find(CustomerId customer, string isSealed) =>
        _bank.Persons.Open(customer, CreditorPurpose, isSealed) is { } plain
        && JsonSerializer.Deserialize(plain, BankingJson.Default.OutsideAccount) is { } outside
            ? new Creditor.Elsewhere(new BankCode(outside.Bank), outside.Account, outside.Name)
            : null;

    private async ValueTask<StandingOrderView?> ReadViewAsync(
        string key,
        CancellationToken cancellationToken
    ) =>
        await Collections.StandingOrders.ReadAsync(_bank.Journal, key, cancellationToken)
            is { } order
            ? ViewOf(key, order)
            : null;

    internal StandingOrderView ViewOf(string key, StandingOrderDocument order)
    {
        var customer = new CustomerId(order.Customer);
        return new(
            key,
            AccountNumber.Parse(order.Debtor),
            order.Creditor is { } creditor ? AccountNumber.Parse(creditor) : null,
            new Money(order.AmountMinor, order.Currency),
            order.Schedule,
            order.NextRun,
            order.State
        )
        {
            Elsewhere = order.SealedCreditor is { } elsewhere ? Find(customer, elsewhere) : null,
            Last = order.Last,
            Remittance = order.SealedRemittance is { } remittance
                ? _bank.Persons.Open(customer, RemittancePurpose, remittance)
                : null,
        };
    }

    private async ValueTask<bool> IsFullAsync(AccountNumber debtor, CancellationToken token)
    {
        // Not guarded: a few too many, made at the same moment, harm nobody.
        var page = await Collections.StandingOrders.QueryAsync(
            _bank.Journal,
            new RecordQuery
            {
                Collection = Collections.StandingOrders.Name,
                Index = "debtor",
                Value = debtor.ToString(),
                Limit = BankingLimits.StandingOrdersPerAccountMax,
            },
            token
        );
        return page.Next is not null
            || page.Documents.Count >= BankingLimits.StandingOrdersPerAccountMax;
    }
}
