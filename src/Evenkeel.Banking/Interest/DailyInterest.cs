using Evenkeel.Banking.Products;
using Evenkeel.Model;

namespace Evenkeel.Banking.Interest;

/// <summary>
/// Interest of one day, in millionths of a minor unit, each day rounded half to even. Only whole minor
/// units are ever booked; the rest is carried on, so that no cent is lost to rounding over a year.
/// </summary>
internal static class DailyInterest
{
    public const long MicroPerMinor = 1_000_000;

    private const int BasisPointsPerOne = 10_000;
    private const int DaysOfYearActual = 365;
    private const int DaysOfYear360 = 360;
    private const int DaysOfMonth360 = 30;

    /// <param name="minor">The balance that bears interest; not negative.</param>
    public static long MicroOf(long minor, int basisPoints, DayCount dayCount, DateOnly day)
    {
        Check.That(minor >= 0);
        var (days, ofYear) = dayCount switch
        {
            DayCount.Actual365Fixed => (1, DaysOfYearActual),
            DayCount.Thirty360European => (Days360(day, day.AddDays(1)), DaysOfYear360),
            _ => throw new InvalidOperationException("A product without a day count."),
        };
        return (long)DivideHalfEven(
            (Int128)minor * basisPoints * MicroPerMinor * days,
            (Int128)BasisPointsPerOne * ofYear
        );
    }

    /// <summary>Whole minor units, half to even.</summary>
    public static long RoundToMinor(long micro) => (long)DivideHalfEven(micro, MicroPerMinor);

    /// <summary>Days between two dates when every month has thirty: the 31st counts as the 30th.</summary>
    internal static int Days360(DateOnly from, DateOnly to) =>
        ((to.Year - from.Year) * DaysOfYear360)
        + ((to.Month - from.Month) * DaysOfMonth360)
        + Math.Min(to.Day, DaysOfMonth360)
        - Math.Min(from.Day, DaysOfMonth360);

    private static Int128 DivideHalfEven(Int128 value, Int128 divisor)
    {
        var (quotient, rest) = Int128.DivRem(value, divisor);
        var twice = Int128.Abs(rest) * 2;
        var isUp = twice > divisor || (twice == divisor && Int128.IsOddInteger(quotient));
        return isUp ? quotient + (value < 0 ? -1 : 1) : quotient;
    }
}
