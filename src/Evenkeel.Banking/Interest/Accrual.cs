namespace Evenkeel.Banking.Interest;

/// <summary>How interest goes on from one close to the next. Pure.</summary>
internal static class Accrual
{
    /// <summary>
    /// Takes in the movements, corrects the days that those with an older value date have changed, and
    /// accrues the days up to and including <paramref name="through"/>.
    /// </summary>
    /// <param name="opened">No movement counts from before the account's first day.</param>
    /// <param name="ofDay">Interest of a balance on a day, millionths of a minor unit.</param>
    public static InterestDocument Advance(
        InterestDocument before,
        IReadOnlyList<AccountMovement> movements,
        DateOnly opened,
        DateOnly through,
        Func<long, DateOnly, (long Credit, long Debit)> ofDay
    )
    {
        var floor = Latest(opened, before.Through.AddDays(1 - BankingLimits.BackValueDaysMax));
        var steps = before.Steps;
        var first = before.Through.AddDays(1);
        foreach (var movement in movements)
        {
            var from = Latest(floor, movement.ValueDate);
            steps = steps.Add(from, movement.ChangeMinor);
            first = from < first ? from : first;
        }
        var (credit, debit) = (before.CreditMicro, before.DebitMicro);
        for (var day = first; day <= through; day = day.AddDays(1))
        {
            var now = ofDay(steps.At(day), day);
            // Of a day that was accrued before only the difference counts.
            var then = day <= before.Through ? ofDay(before.Steps.At(day), day) : (0, 0);
            credit += now.Credit - then.Credit;
            debit += now.Debit - then.Debit;
        }
        return before with
        {
            Through = Latest(before.Through, through),
            Steps = steps.Prune(through.AddDays(-BankingLimits.BackValueDaysMax)),
            CreditMicro = credit,
            DebitMicro = debit,
            CreditPostedMinor = DailyInterest.RoundToMinor(credit),
            DebitPostedMinor = DailyInterest.RoundToMinor(debit),
        };
    }

    private static DateOnly Latest(DateOnly left, DateOnly right) => left > right ? left : right;
}
