using Evenkeel.Banking.Calendars;
using Evenkeel.Banking.Products;
using Evenkeel.Payments;

namespace Evenkeel.Demo.Month;

/// <summary>
/// A loan computed once more by other means, in decimals, from what its holder can see: the statements of
/// the loan and of the account that pays it. Pure.
/// </summary>
internal static class LoanCheck
{
    private const string Instalment = "LoanInstalment";
    private const decimal BasisPointsPerOne = 10_000m;
    private const int MonthsOfYear = 12;

    /// <param name="Interest">Not paid yet, minor units.</param>
    private sealed record Open(long Interest, long Principal);

    /// <summary>
    /// The instalment as the amount whose present values over the term are the principal: a sum, where the
    /// bank has a closed formula.
    /// </summary>
    public static long InstalmentMinor(long principalMinor, int basisPoints, int months)
    {
        var rate = basisPoints / BasisPointsPerOne / MonthsOfYear;
        var (factor, sum) = (1m, 0m);
        for (var month = 1; month <= months; month++)
        {
            factor /= 1 + rate;
            sum += factor;
        }
        return (long)decimal.Ceiling(principalMinor / sum);
    }

    /// <summary>
    /// Minor units by which the principal repaid on each day differs from what the day's payments pay after
    /// interest, oldest instalment first; and by which the instalment differs.
    /// </summary>
    /// <param name="loan">Lines of the loan's account; the first one is the draw.</param>
    /// <param name="settlement">Lines of the account that pays.</param>
    /// <param name="instalmentMinor">As the bank says.</param>
    /// <param name="last">The last day that was closed: the day after it is looked at, too.</param>
    public static long DifferenceMinor(
        IReadOnlyList<StatementLine> loan,
        IReadOnlyList<StatementLine> settlement,
        LoanFacts facts,
        BankCalendar calendar,
        long instalmentMinor,
        DateOnly last
    )
    {
        var draw = loan.MinBy(static line => line.At)!;
        var left = -draw.Amount.Minor;
        var difference = Math.Abs(
            instalmentMinor - InstalmentMinor(left, facts.RateBasisPoints, facts.Term)
        );
        var (accrued, asked, demanded) = (0m, 0L, 0);
        Queue<Open> open = new();
        for (
            var today = draw.BookingDate.AddDays(1);
            today <= last.AddDays(1);
            today = today.AddDays(1)
        )
        {
            accrued += InterestOf(loan, facts, today.AddDays(-1));
            var due = facts.FirstDue.AddMonths(demanded);
            if (demanded < facts.Term && calendar.Shift(due, DateShift.Following) <= today)
            {
                var interest = (long)decimal.Round(accrued, MidpointRounding.ToEven) - asked;
                var unasked = left - open.Sum(static one => one.Principal);
                var principal =
                    demanded + 1 == facts.Term
                        ? unasked
                        : Math.Clamp(instalmentMinor - interest, 0, unasked);
                open.Enqueue(new Open(interest, principal));
                asked += interest;
                demanded++;
            }
            var repaid = RepaidBy(open, PaidOn(settlement, today));
            left -= repaid;
            difference += Math.Abs(repaid - PrincipalOn(loan, today));
        }
        return difference;
    }

    /// <summary>Takes a payment off what is open, oldest first, of each interest first.</summary>
    /// <returns>What of it was principal.</returns>
    private static long RepaidBy(Queue<Open> open, long paid)
    {
        var principal = 0L;
        List<Open> rest = [];
        foreach (var one in open)
        {
            var forInterest = Math.Min(paid, one.Interest);
            var forPrincipal = Math.Min(paid - forInterest, one.Principal);
            paid -= forInterest + forPrincipal;
            principal += forPrincipal;
            rest.Add(new Open(one.Interest - forInterest, one.Principal - forPrincipal));
        }
        open.Clear();
        foreach (var one in rest.Where(static one => one.Interest + one.Principal > 0))
        {
            open.Enqueue(one);
        }
        return principal;
    }

    private static long PaidOn(IReadOnlyList<StatementLine> settlement, DateOnly day) =>
        -settlement
            .Where(line => line.BookingDate == day && IsInstalment(line))
            .Sum(static line => line.Amount.Minor);

    private static long PrincipalOn(IReadOnlyList<StatementLine> loan, DateOnly day) =>
        loan.Where(line => line.BookingDate == day && IsInstalment(line))
            .Sum(static line => line.Amount.Minor);

    private static bool IsInstalment(StatementLine line) =>
        string.Equals(line.Kind, Instalment, StringComparison.Ordinal);

    private static decimal InterestOf(
        IReadOnlyList<StatementLine> loan,
        LoanFacts facts,
        DateOnly day
    ) =>
        -loan.Where(line => line.ValueDate <= day).Sum(static line => (decimal)line.Amount.Minor)
        * facts.RateBasisPoints
        / BasisPointsPerOne
        * DayShare.Of(facts.DayCount, day);
}

/// <summary>What a loan's agreement says.</summary>
internal sealed record LoanFacts(
    int RateBasisPoints,
    DayCount DayCount,
    int Term,
    DateOnly FirstDue
);

/// <summary>Which part of a year a day is.</summary>
internal static class DayShare
{
    public static decimal Of(DayCount dayCount, DateOnly day) =>
        dayCount == DayCount.Actual365Fixed ? 1m / 365m : DaysOfMonth30(day) / 360m;

    /// <summary>
    /// How many of a month's thirty days this one is: the 30th is none where a 31st follows it, and the last
    /// of February is all that are missing.
    /// </summary>
    private static decimal DaysOfMonth30(DateOnly day) =>
        day.Day == 30 && day.AddDays(1).Day == 31 ? 0
        : day.AddDays(1).Day == 1 && day.Month == 2 ? 31 - day.Day
        : 1;
}
