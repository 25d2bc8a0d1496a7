using Evenkeel.Payments;
using static Evenkeel.Contract.Mapping.Scalars;

namespace Evenkeel.Contract.Mapping;

/// <summary>Answers of queries, there and back.</summary>
internal static class ViewMap
{
    public static Wire.AccountView ToWire(AccountView view) =>
        new()
        {
            Number = view.Number.Value,
            Holder = view.Holder.Value,
            Product = view.Product,
            State = (uint)view.State,
            Booked = Scalars.ToWire(view.Booked),
            Available = Scalars.ToWire(view.Available),
        };

    public static AccountView ToDomain(Wire.AccountView? wire)
    {
        var given = Needed(wire);
        return new AccountView(
            ToAccount(given.Number),
            new CustomerId(given.Holder),
            given.Product,
            ToKnown<AccountState>(given.State),
            ToMoney(given.Booked),
            ToMoney(given.Available)
        );
    }

    public static Wire.AccountAnswer ToWire(QueryAnswer<AccountView> answer) =>
        answer switch
        {
            QueryAnswer<AccountView>.Found found => new()
            {
                AsOf = Scalars.ToWire(found.AsOf),
                Account = ToWire(found.Value),
            },
            QueryAnswer<AccountView>.Refused refused => new() { Refused = (uint)refused.Reason },
            _ => throw new InvalidOperationException("A third kind of answer."),
        };

    public static QueryAnswer<AccountView> ToDomain(Wire.AccountAnswer wire) =>
        Answer(wire.Refused, wire.AsOf, () => ToDomain(wire.Account));

    public static Wire.AccountsAnswer ToWire(QueryAnswer<IReadOnlyList<AccountView>> answer) =>
        answer switch
        {
            QueryAnswer<IReadOnlyList<AccountView>>.Found found => new()
            {
                AsOf = Scalars.ToWire(found.AsOf),
                Accounts = { found.Value.Select(ToWire) },
            },
            QueryAnswer<IReadOnlyList<AccountView>>.Refused refused => new()
            {
                Refused = (uint)refused.Reason,
            },
            _ => throw new InvalidOperationException("A third kind of answer."),
        };

    public static QueryAnswer<IReadOnlyList<AccountView>> ToDomain(Wire.AccountsAnswer wire) =>
        Answer<IReadOnlyList<AccountView>>(
            wire.Refused,
            wire.AsOf,
            () => [.. wire.Accounts.Select(ToDomain)]
        );

    public static Wire.StatementAnswer ToWire(QueryAnswer<StatementPage> answer)
    {
        switch (answer)
        {
            case QueryAnswer<StatementPage>.Found found:
                Wire.StatementAnswer wire = new()
                {
                    AsOf = Scalars.ToWire(found.AsOf),
                    Opening = Scalars.ToWire(found.Value.Opening),
                    Closing = Scalars.ToWire(found.Value.Closing),
                    Lines = { found.Value.Lines.Select(ToWire) },
                };
                if (found.Value.Next is { } next)
                {
                    wire.Next = next;
                }
                return wire;
            case QueryAnswer<StatementPage>.Refused refused:
                return new() { Refused = (uint)refused.Reason };
            default:
                throw new InvalidOperationException("A third kind of answer.");
        }
    }

    public static QueryAnswer<StatementPage> ToDomain(Wire.StatementAnswer wire) =>
        Answer(
            wire.Refused,
            wire.AsOf,
            () =>
                new StatementPage(
                    ToMoney(wire.Opening),
                    ToMoney(wire.Closing),
                    [.. wire.Lines.Select(ToDomain)],
                    wire.HasNext ? wire.Next : null
                )
        );

    public static Wire.TraceAnswer ToWire(QueryAnswer<IReadOnlyList<InstructionTrace>> answer) =>
        answer switch
        {
            QueryAnswer<IReadOnlyList<InstructionTrace>>.Found found => new()
            {
                AsOf = Scalars.ToWire(found.AsOf),
                Traces = { found.Value.Select(ToWire) },
            },
            QueryAnswer<IReadOnlyList<InstructionTrace>>.Refused refused => new()
            {
                Refused = (uint)refused.Reason,
            },
            _ => throw new InvalidOperationException("A third kind of answer."),
        };

    public static QueryAnswer<IReadOnlyList<InstructionTrace>> ToDomain(Wire.TraceAnswer wire) =>
        Answer<IReadOnlyList<InstructionTrace>>(
            wire.Refused,
            wire.AsOf,
            () => [.. wire.Traces.Select(ToDomain)]
        );

    public static QueryAnswer<T> Answer<T>(uint refused, long asOf, Func<T> value) =>
        refused != 0
            ? new QueryAnswer<T>.Refused(ToKnown<OutcomeReason>(refused))
            : new QueryAnswer<T>.Found(value(), ToInstant(asOf));

    private static Wire.StatementLine ToWire(StatementLine line)
    {
        Wire.StatementLine wire = new()
        {
            At = Scalars.ToWire(line.At),
            BookingDate = line.BookingDate.DayNumber,
            ValueDate = line.ValueDate.DayNumber,
            Amount = Scalars.ToWire(line.Amount),
            Balance = Scalars.ToWire(line.Balance),
            Kind = line.Kind,
        };
        if (line.Instruction is { } instruction)
        {
            wire.Instruction = Scalars.ToWire(instruction);
        }
        if (line.Counterparty is { } counterparty)
        {
            wire.Counterparty = counterparty;
        }
        if (line.Remittance is { } remittance)
        {
            wire.Remittance = remittance;
        }
        return wire;
    }

    private static StatementLine ToDomain(Wire.StatementLine wire) =>
        new(
            ToInstant(wire.At),
            ToDate(wire.BookingDate),
            ToDate(wire.ValueDate),
            ToMoney(wire.Amount),
            ToMoney(wire.Balance),
            wire.Kind,
            wire.HasInstruction ? ToInstructionId(wire.Instruction) : null,
            wire.HasCounterparty ? wire.Counterparty : null,
            wire.HasRemittance ? wire.Remittance : null
        );

    private static Wire.InstructionTrace ToWire(InstructionTrace trace)
    {
        Wire.InstructionTrace wire = new()
        {
            Id = Scalars.ToWire(trace.Id),
            Kind = trace.Kind,
            Amount = Scalars.ToWire(trace.Amount),
            State = (uint)trace.State,
            Reason = (uint)trace.Reason,
            References = { trace.References },
            Timeline = { trace.Timeline.Select(ToWire) },
        };
        if (trace.Deadline is { } deadline)
        {
            wire.Deadline = Scalars.ToWire(deadline);
        }
        if (trace.Debtor is { } debtor)
        {
            wire.Debtor = debtor.Value;
        }
        if (trace.Creditor is { } creditor)
        {
            wire.Creditor = creditor;
        }
        return wire;
    }

    private static InstructionTrace ToDomain(Wire.InstructionTrace wire) =>
        new()
        {
            Id = ToInstructionId(wire.Id),
            Kind = wire.Kind,
            Amount = ToMoney(wire.Amount),
            State = ToKnown<InstructionState>(wire.State),
            Reason = ToKnown<OutcomeReason>(wire.Reason),
            Deadline = wire.HasDeadline ? ToInstant(wire.Deadline) : null,
            Debtor = wire.HasDebtor ? ToAccount(wire.Debtor) : null,
            Creditor = wire.HasCreditor ? wire.Creditor : null,
            References = [.. wire.References],
            Timeline = [.. wire.Timeline.Select(ToDomain)],
        };

    private static Wire.TimelineEntry ToWire(TimelineEntry entry)
    {
        Wire.TimelineEntry wire = new()
        {
            At = Scalars.ToWire(entry.At),
            State = (uint)entry.State,
            By = entry.By,
        };
        if (entry.Detail is { } detail)
        {
            wire.Detail = detail;
        }
        return wire;
    }

    private static TimelineEntry ToDomain(Wire.TimelineEntry wire) =>
        new(
            ToInstant(wire.At),
            ToKnown<InstructionState>(wire.State),
            wire.By,
            wire.HasDetail ? wire.Detail : null
        );
}
