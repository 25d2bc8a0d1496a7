namespace Evenkeel.Demo;

/// <summary>
/// The business days that a demonstration has lived through when it is shown first: opened on the first,
/// each day closed by its end of day, up to <paramref name="Until"/>, which is open.
/// </summary>
/// <param name="Days">0 = none: the bank is as new.</param>
public sealed record DemoPeriod(DateOnly Until, int Days = 0)
{
    /// <summary>
    /// A little more than two weeks: each costs two thirds of a second of a processor at the first start.
    /// 31 contain every day of a month: wages, rents, a month's end.
    /// </summary>
    public const int DaysDefault = 16;

    public const int DaysMax = 366;

    public DateOnly First => Until.AddDays(-Days);
}
