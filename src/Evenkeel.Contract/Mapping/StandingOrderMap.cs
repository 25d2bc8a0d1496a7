using Evenkeel.Payments;
using static Evenkeel.Contract.Mapping.Scalars;

namespace Evenkeel.Contract.Mapping;

/// <summary>Standing orders, there and back.</summary>
internal static class StandingOrderMap
{
    public static Wire.SetUpStandingOrderRequest ToWire(
        Actor actor,
        string reference,
        StandingOrderRequest request
    )
    {
        Wire.SetUpStandingOrderRequest wire = new()
        {
            Actor = ActorMap.ToWire(actor),
            Reference = reference,
            Debtor = request.Debtor.Value,
            Amount = Scalars.ToWire(request.Amount),
            Schedule = ToWire(request.Schedule),
            From = request.From.DayNumber,
        };
        switch (request.Creditor)
        {
            case Creditor.Here here:
                wire.Here = MovementMap.ToWire(here);
                break;
            case Creditor.Elsewhere elsewhere:
                wire.Elsewhere = MovementMap.ToWire(elsewhere);
                break;
            default:
                throw new InvalidOperationException("An unknown creditor.");
        }
        if (request.Last is { } last)
        {
            wire.Last = last.DayNumber;
        }
        if (request.Remittance is { } remittance)
        {
            wire.Remittance = remittance;
        }
        return wire;
    }

    public static StandingOrderRequest ToDomain(Wire.SetUpStandingOrderRequest wire) =>
        new(
            ToAccount(wire.Debtor),
            wire.CreditorCase switch
            {
                Wire.SetUpStandingOrderRequest.CreditorOneofCase.Here => MovementMap.ToDomain(
                    wire.Here
                ),
                Wire.SetUpStandingOrderRequest.CreditorOneofCase.Elsewhere => MovementMap.ToDomain(
                    wire.Elsewhere
                ),
                _ => throw new ContractException("A creditor is missing."),
            },
            ToMoney(wire.Amount),
            ToDomain(wire.Schedule),
            ToDate(wire.From),
            wire.HasLast ? ToDate(wire.Last) : null,
            wire.HasRemittance ? wire.Remittance : null
        );

    public static Wire.ChangeStandingOrderRequest ToWire(
        Actor actor,
        string reference,
        string id,
        StandingOrderChange change
    )
    {
        Wire.ChangeStandingOrderRequest wire = new()
        {
            Actor = ActorMap.ToWire(actor),
            Reference = reference,
            Id = id,
            Amount = Scalars.ToWire(change.Amount),
            Schedule = ToWire(change.Schedule),
        };
        if (change.Last is { } last)
        {
            wire.Last = last.DayNumber;
        }
        if (change.Remittance is { } remittance)
        {
            wire.Remittance = remittance;
        }
        return wire;
    }

    public static StandingOrderChange ToDomain(Wire.ChangeStandingOrderRequest wire) =>
        new(
            ToMoney(wire.Amount),
            ToDomain(wire.Schedule),
            wire.HasLast ? ToDate(wire.Last) : null,
            wire.HasRemittance ? wire.Remittance : null
        );

    public static Wire.StandingOrdersAnswer ToWire(
        QueryAnswer<IReadOnlyList<StandingOrderView>> answer
    ) =>
        Answers.ToWire<IReadOnlyList<StandingOrderView>, Wire.StandingOrdersAnswer>(
            answer,
            static (wire, orders) => wire.Orders.AddRange(orders.Select(ToWire))
        );

    public static QueryAnswer<IReadOnlyList<StandingOrderView>> ToDomain(
        Wire.StandingOrdersAnswer wire
    ) =>
        Answers.ToDomain<IReadOnlyList<StandingOrderView>, Wire.StandingOrdersAnswer>(
            wire,
            static found => [.. found.Orders.Select(ToDomain)]
        );

    public static Wire.StandingOrderAnswer ToWire(QueryAnswer<StandingOrderView> answer) =>
        Answers.ToWire<StandingOrderView, Wire.StandingOrderAnswer>(
            answer,
            static (wire, order) => wire.Order = ToWire(order)
        );

    public static QueryAnswer<StandingOrderView> ToDomain(Wire.StandingOrderAnswer wire) =>
        Answers.ToDomain(wire, static found => ToDomain(found.Order));

    private static Wire.StandingOrder ToWire(StandingOrderView view)
    {
        Wire.StandingOrder wire = new()
        {
            Id = view.Id,
            Debtor = view.Debtor.Value,
            Amount = Scalars.ToWire(view.Amount),
            Schedule = ToWire(view.Schedule),
            State = (uint)view.State,
            Upcoming = { view.Upcoming.Select(static day => day.DayNumber) },
            Runs = { view.Runs.Select(ToWire) },
        };
        if (view.Creditor is { } creditor)
        {
            wire.Creditor = creditor.Value;
        }
        if (view.NextRun is { } next)
        {
            wire.NextRun = next.DayNumber;
        }
        if (view.Elsewhere is { } elsewhere)
        {
            wire.Elsewhere = MovementMap.ToWire(elsewhere);
        }
        if (view.Last is { } last)
        {
            wire.Last = last.DayNumber;
        }
        if (view.Remittance is { } remittance)
        {
            wire.Remittance = remittance;
        }
        return wire;
    }

    private static StandingOrderView ToDomain(Wire.StandingOrder? wire)
    {
        var given = Needed(wire);
        return new StandingOrderView(
            given.Id,
            ToAccount(given.Debtor),
            given.HasCreditor ? ToAccount(given.Creditor) : null,
            ToMoney(given.Amount),
            ToDomain(given.Schedule),
            given.HasNextRun ? ToDate(given.NextRun) : null,
            ToKnown<StandingOrderState>(given.State)
        )
        {
            Elsewhere = given.Elsewhere is { } elsewhere ? MovementMap.ToDomain(elsewhere) : null,
            Last = given.HasLast ? ToDate(given.Last) : null,
            Remittance = given.HasRemittance ? given.Remittance : null,
            Upcoming = [.. given.Upcoming.Select(ToDate)],
            Runs = [.. given.Runs.Select(ToDomain)],
        };
    }

    private static Wire.StandingRun ToWire(StandingRunView run) =>
        new()
        {
            Due = run.Due.DayNumber,
            Run = run.Run.DayNumber,
            State = (uint)run.State,
            Reason = (uint)run.Reason,
            Instruction = Scalars.ToWire(run.Instruction),
        };

    private static StandingRunView ToDomain(Wire.StandingRun wire) =>
        new(
            ToDate(wire.Due),
            ToDate(wire.Run),
            ToKnown<StandingRunState>(wire.State),
            ToKnown<OutcomeReason>(wire.Reason),
            ToInstructionId(wire.Instruction)
        );

    private static Wire.Schedule ToWire(Schedule schedule) =>
        new()
        {
            Kind = (uint)schedule.Kind,
            Day = schedule.Day,
            Shift = (uint)schedule.Shift,
        };

    private static Schedule ToDomain(Wire.Schedule? wire)
    {
        var given = Needed(wire);
        return new Schedule(
            ToKnown<ScheduleKind>(given.Kind),
            given.Day,
            ToKnown<DateShift>(given.Shift)
        );
    }
}
