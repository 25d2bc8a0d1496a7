using Evenkeel.Payments;
using static Evenkeel.Contract.Mapping.Scalars;

namespace Evenkeel.Contract.Mapping;

/// <summary>Loans and credit lines, there and back.</summary>
internal static class CreditMap
{
    public static Wire.LoansAnswer ToWire(QueryAnswer<IReadOnlyList<LoanView>> answer) =>
        Answers.ToWire<IReadOnlyList<LoanView>, Wire.LoansAnswer>(
            answer,
            static (wire, loans) => wire.Loans.AddRange(loans.Select(ToWire))
        );

    public static QueryAnswer<IReadOnlyList<LoanView>> ToDomain(Wire.LoansAnswer wire) =>
        Answers.ToDomain<IReadOnlyList<LoanView>, Wire.LoansAnswer>(
            wire,
            static found => [.. found.Loans.Select(ToDomain)]
        );

    public static Wire.LoanAnswer ToWire(QueryAnswer<LoanView> answer) =>
        Answers.ToWire<LoanView, Wire.LoanAnswer>(
            answer,
            static (wire, loan) => wire.Loan = ToWire(loan)
        );

    public static QueryAnswer<LoanView> ToDomain(Wire.LoanAnswer wire) =>
        Answers.ToDomain(wire, static found => ToDomain(found.Loan));

    public static Wire.CreditLinesAnswer ToWire(
        QueryAnswer<IReadOnlyList<CreditLineView>> answer
    ) =>
        Answers.ToWire<IReadOnlyList<CreditLineView>, Wire.CreditLinesAnswer>(
            answer,
            static (wire, lines) => wire.Lines.AddRange(lines.Select(ToWire))
        );

    public static QueryAnswer<IReadOnlyList<CreditLineView>> ToDomain(
        Wire.CreditLinesAnswer wire
    ) =>
        Answers.ToDomain<IReadOnlyList<CreditLineView>, Wire.CreditLinesAnswer>(
            wire,
            static found => [.. found.Lines.Select(ToDomain)]
        );

    private static Wire.Loan ToWire(LoanView view)
    {
        Wire.Loan wire = new()
        {
            Account = view.Account.Value,
            Principal = Scalars.ToWire(view.Principal),
            Outstanding = Scalars.ToWire(view.Outstanding),
            RateBasisPoints = view.RateBasisPoints,
            Instalment = Scalars.ToWire(view.Instalment),
            State = (uint)view.State,
            OverdueMinor = view.OverdueMinor,
            Plan = { view.Plan.Select(ToWire) },
            Term = view.Term,
            Due = { view.Due.Select(ToWire) },
        };
        if (view.Settlement is { } settlement)
        {
            wire.Settlement = settlement.Value;
        }
        if (view.NextDue is { } next)
        {
            wire.NextDue = next.DayNumber;
        }
        return wire;
    }

    private static LoanView ToDomain(Wire.Loan? wire)
    {
        var given = Needed(wire);
        return new LoanView(
            ToAccount(given.Account),
            ToMoney(given.Principal),
            ToMoney(given.Outstanding),
            given.RateBasisPoints,
            ToMoney(given.Instalment),
            ToKnown<LoanState>(given.State),
            given.OverdueMinor,
            [
                .. given.Plan.Select(static planned => new PlannedInstalment(
                    planned.Number,
                    ToDate(planned.Due),
                    planned.InterestMinor,
                    planned.PrincipalMinor,
                    planned.RemainingMinor
                )),
            ]
        )
        {
            Settlement = given.HasSettlement ? ToAccount(given.Settlement) : null,
            Term = given.Term,
            NextDue = given.HasNextDue ? ToDate(given.NextDue) : null,
            Due =
            [
                .. given.Due.Select(static due => new DueInstalment(
                    due.Number,
                    ToDate(due.Due),
                    due.InterestMinor,
                    due.PrincipalMinor,
                    due.InterestPaidMinor,
                    due.PrincipalPaidMinor,
                    due.HasPaid ? ToDate(due.Paid) : null
                )),
            ],
        };
    }

    private static Wire.Instalment ToWire(PlannedInstalment planned) =>
        new()
        {
            Number = planned.Number,
            Due = planned.Due.DayNumber,
            InterestMinor = planned.InterestMinor,
            PrincipalMinor = planned.PrincipalMinor,
            RemainingMinor = planned.RemainingMinor,
        };

    private static Wire.Instalment ToWire(DueInstalment due)
    {
        Wire.Instalment wire = new()
        {
            Number = due.Number,
            Due = due.Due.DayNumber,
            InterestMinor = due.InterestMinor,
            PrincipalMinor = due.PrincipalMinor,
            InterestPaidMinor = due.InterestPaidMinor,
            PrincipalPaidMinor = due.PrincipalPaidMinor,
        };
        if (due.Paid is { } paid)
        {
            wire.Paid = paid.DayNumber;
        }
        return wire;
    }

    private static Wire.CreditLine ToWire(CreditLineView view)
    {
        Wire.CreditLine wire = new() { Account = view.Account.Value, State = (uint)view.State };
        if (view.Billed is { } billed)
        {
            wire.Billed = Scalars.ToWire(billed);
        }
        if (view.Minimum is { } minimum)
        {
            wire.Minimum = Scalars.ToWire(minimum);
        }
        if (view.Due is { } due)
        {
            wire.Due = due.DayNumber;
        }
        return wire;
    }

    private static CreditLineView ToDomain(Wire.CreditLine wire) =>
        new(
            ToAccount(wire.Account),
            wire.Billed is { } billed ? ToMoney(billed) : null,
            wire.Minimum is { } minimum ? ToMoney(minimum) : null,
            wire.HasDue ? ToDate(wire.Due) : null,
            ToKnown<BillState>(wire.State)
        );
}
