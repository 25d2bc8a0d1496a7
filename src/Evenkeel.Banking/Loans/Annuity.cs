using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Loans;

/// <summary>
/// Instalments of equal amount. The plan counts each month as a twelfth of a year; what is demanded in the
/// end is the interest that has accrued day by day, and the principal is the rest of the instalment.
/// </summary>
internal static class Annuity
{
    private const decimal BasisPointsPerOne = 10_000m;
    private const int MonthsOfYear = 12;

    /// <summary>The amount of each instalment, minor units, rounded up so that the last one is not larger.</summary>
    public static long Instalment(long principalMinor, int basisPoints, int months)
    {
        Check.That(principalMinor > 0 && months > 0);
        if (basisPoints == 0)
        {
            return (principalMinor + months - 1) / months;
        }
        var rate = basisPoints / BasisPointsPerOne / MonthsOfYear;
        var growth = 1m;
        for (var month = 0; month < months; month++)
        {
            growth *= 1 + rate;
        }
        return (long)decimal.Ceiling(principalMinor * rate * growth / (growth - 1));
    }

    /// <summary>What is still to come, if all of it is paid on its day.</summary>
    public static IReadOnlyList<PlannedInstalment> Plan(
        long outstandingMinor,
        int basisPoints,
        long instalmentMinor,
        int firstNumber,
        int months,
        DateOnly firstDue
    )
    {
        List<PlannedInstalment> plan = [];
        var left = outstandingMinor;
        for (var i = 0; i < months && left > 0; i++)
        {
            var interest = (long)
                decimal.Round(
                    left * (basisPoints / BasisPointsPerOne) / MonthsOfYear,
                    MidpointRounding.ToEven
                );
            var principal =
                i == months - 1 ? left : Math.Clamp(instalmentMinor - interest, 0, left);
            left -= principal;
            plan.Add(
                new PlannedInstalment(
                    firstNumber + i,
                    firstDue.AddMonths(i),
                    interest,
                    principal,
                    left
                )
            );
        }
        return plan;
    }
}
