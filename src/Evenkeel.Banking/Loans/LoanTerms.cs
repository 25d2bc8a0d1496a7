using Evenkeel.Banking.Calendars;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Loans;

/// <param name="Loan">As it stands after the payment.</param>
internal sealed record LoanPayment(LoanDocument Loan, long InterestMinor, long PrincipalMinor)
{
    public bool IsNothing => InterestMinor == 0 && PrincipalMinor == 0;
}

/// <summary>What falls due, what a payment pays, and how the loan then stands. Pure.</summary>
internal static class LoanTerms
{
    /// <summary>Paid instalments that the document keeps.</summary>
    private const int PaidKept = 12;

    private const int ArrearsDays = 30;
    private const int DefaultDays = 90;

    /// <summary>Adds every instalment whose day has come.</summary>
    /// <param name="accruedMinor">Interest accrued and not paid, demanded or not; minor units.</param>
    public static LoanDocument Demand(
        LoanDocument loan,
        long accruedMinor,
        BankCalendar calendar,
        DateOnly today
    )
    {
        while (loan.DemandedCount < loan.Term && RunOf(loan, calendar) <= today)
        {
            var interest = Math.Max(0, accruedMinor - loan.OpenInterestMinor);
            var left = loan.OutstandingMinor - loan.OpenPrincipalMinor;
            var principal =
                loan.DemandedCount + 1 == loan.Term
                    ? left
                    : Math.Clamp(loan.InstalmentMinor - interest, 0, left);
            loan = Add(loan, loan.NextDue, interest, principal, today);
        }
        // After the last instalment no other will ask for the interest of the days until it is paid.
        var rest = accruedMinor - loan.OpenInterestMinor;
        return loan.DemandedCount >= loan.Term && rest > 0 ? AddInterest(loan, rest, today) : loan;
    }

    /// <summary>Oldest instalment first; of each interest first.</summary>
    public static LoanPayment Pay(LoanDocument loan, long availableMinor, DateOnly today)
    {
        var left = Math.Max(0, availableMinor);
        var (interest, principal) = (0L, 0L);
        List<InstalmentDocument> demanded = [];
        foreach (var instalment in loan.Demanded)
        {
            if (instalment.Paid is not null)
            {
                demanded.Add(instalment);
                continue;
            }
            var forInterest = Math.Min(
                left,
                instalment.InterestMinor - instalment.InterestPaidMinor
            );
            var forPrincipal = Math.Min(
                left - forInterest,
                instalment.PrincipalMinor - instalment.PrincipalPaidMinor
            );
            left -= forInterest + forPrincipal;
            interest += forInterest;
            principal += forPrincipal;
            var paid = instalment with
            {
                InterestPaidMinor = instalment.InterestPaidMinor + forInterest,
                PrincipalPaidMinor = instalment.PrincipalPaidMinor + forPrincipal,
            };
            demanded.Add(IsPaid(paid) ? paid with { Paid = today } : paid);
        }
        return new LoanPayment(
            loan with
            {
                Demanded = demanded,
                OutstandingMinor = loan.OutstandingMinor - principal,
            },
            interest,
            principal
        );
    }

    /// <summary>Its state and the next day on which there is something to do.</summary>
    public static LoanDocument Judge(LoanDocument loan, BankCalendar calendar, DateOnly today)
    {
        var kept = loan.Demanded.Count(static instalment => instalment.Paid is not null) - PaidKept;
        loan = loan with
        {
            Demanded =
            [
                .. loan.Demanded.Where(instalment => instalment.Paid is null || kept-- <= 0),
            ],
        };
        var oldest = loan.Open.FirstOrDefault();
        if (oldest is null && loan.OutstandingMinor == 0)
        {
            return loan with { State = LoanState.Repaid, NextRun = null };
        }
        var days = oldest is null ? 0 : today.DayNumber - oldest.Demanded.DayNumber;
        return loan with
        {
            State = days switch
            {
                >= DefaultDays => LoanState.InDefault,
                >= ArrearsDays => LoanState.InArrears,
                > 0 => LoanState.Late,
                _ => LoanState.Current,
            },
            NextRun =
                oldest is not null || loan.DemandedCount >= loan.Term
                    ? today.AddDays(1)
                    : RunOf(loan, calendar),
        };
    }

    private static LoanDocument AddInterest(LoanDocument loan, long interest, DateOnly today) =>
        loan.Demanded is [.., { Paid: null } last]
            ? loan with
            {
                Demanded =
                [
                    .. loan.Demanded.SkipLast(1),
                    last with
                    {
                        InterestMinor = last.InterestMinor + interest,
                    },
                ],
            }
            : Add(loan, today, interest, 0, today);

    private static bool IsPaid(InstalmentDocument instalment) =>
        instalment.InterestPaidMinor == instalment.InterestMinor
        && instalment.PrincipalPaidMinor == instalment.PrincipalMinor;

    private static DateOnly RunOf(LoanDocument loan, BankCalendar calendar) =>
        calendar.Shift(loan.NextDue, DateShift.Following);

    private static LoanDocument Add(
        LoanDocument loan,
        DateOnly due,
        long interest,
        long principal,
        DateOnly today
    )
    {
        InstalmentDocument instalment = new(
            loan.DemandedCount + 1,
            due,
            Demanded: today,
            interest,
            principal,
            InterestPaidMinor: 0,
            PrincipalPaidMinor: 0,
            Paid: interest + principal == 0 ? today : null
        );
        return loan with
        {
            Demanded = [.. loan.Demanded, instalment],
            DemandedCount = loan.DemandedCount + 1,
        };
    }
}
