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
        Answers.ToWire<AccountView, Wire.AccountAnswer>(
            answer,
            static (wire, value) => wire.Account = ToWire(value)
        );

    public static QueryAnswer<AccountView> ToDomain(Wire.AccountAnswer wire) =>
        Answers.ToDomain(wire, static found => ToDomain(found.Account));

    public static Wire.AccountsAnswer ToWire(QueryAnswer<IReadOnlyList<AccountView>> answer) =>
        Answers.ToWire<IReadOnlyList<AccountView>, Wire.AccountsAnswer>(
            answer,
            static (wire, value) => wire.Accounts.AddRange(value.Select(ToWire))
        );

    public static QueryAnswer<IReadOnlyList<AccountView>> ToDomain(Wire.AccountsAnswer wire) =>
        Answers.ToDomain<IReadOnlyList<AccountView>, Wire.AccountsAnswer>(
            wire,
            static found => [.. found.Accounts.Select(ToDomain)]
        );

    public static Wire.StatementAnswer ToWire(QueryAnswer<StatementPage> answer) =>
        Answers.ToWire<StatementPage, Wire.StatementAnswer>(
            answer,
            static (wire, page) =>
            {
                wire.Opening = Scalars.ToWire(page.Opening);
                wire.Closing = Scalars.ToWire(page.Closing);
                wire.Lines.AddRange(page.Lines.Select(ToWire));
                if (page.Next is { } next)
                {
                    wire.Next = next;
                }
            }
        );

    public static QueryAnswer<StatementPage> ToDomain(Wire.StatementAnswer wire) =>
        Answers.ToDomain(
            wire,
            static found => new StatementPage(
                ToMoney(found.Opening),
                ToMoney(found.Closing),
                [.. found.Lines.Select(ToDomain)],
                found.HasNext ? found.Next : null
            )
        );

    public static Wire.TraceAnswer ToWire(QueryAnswer<IReadOnlyList<InstructionTrace>> answer) =>
        Answers.ToWire<IReadOnlyList<InstructionTrace>, Wire.TraceAnswer>(
            answer,
            static (wire, value) => wire.Traces.AddRange(value.Select(ToWire))
        );

    public static QueryAnswer<IReadOnlyList<InstructionTrace>> ToDomain(Wire.TraceAnswer wire) =>
        Answers.ToDomain<IReadOnlyList<InstructionTrace>, Wire.TraceAnswer>(
            wire,
            static found => [.. found.Traces.Select(ToDomain)]
        );

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
