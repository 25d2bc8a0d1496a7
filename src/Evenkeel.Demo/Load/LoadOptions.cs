namespace Evenkeel.Demo.Load;

/// <summary>How busy the customers are.</summary>
public sealed record LoadOptions
{
    public int Seed { get; init; } = 1;

    /// <summary>Instructions a second on an average hour of an average day.</summary>
    public double PerSecond { get; init; } = 20;

    /// <summary>Instructions under way at once; above it customers wait, which is counted.</summary>
    public int InFlightMax { get; init; } = 512;

    /// <summary>
    /// The hours of the day are lived this much faster than the clock: 60 makes an hour of one minute. 0
    /// keeps the average rate all the time.
    /// </summary>
    public double DaysFaster { get; init; }
}

/// <summary>
/// When people bank: a share for each hour of their day, and more on paydays. Averages to one over a day.
/// </summary>
internal static class Rhythm
{
    private static readonly double[] ByHour =
    [
        0.15,
        0.08,
        0.05,
        0.05,
        0.08,
        0.2,
        0.5,
        1.0,
        1.5,
        1.8,
        1.9,
        1.8,
        1.9,
        1.6,
        1.5,
        1.5,
        1.5,
        1.6,
        1.8,
        1.6,
        1.3,
        0.9,
        0.5,
        0.3,
    ];

    private const double PayDayFactor = 2.5;

    private static readonly double Average = ByHour.Average();

    public static double FactorAt(DateTimeOffset time, bool isPayDay) =>
        ByHour[time.Hour] / Average * (isPayDay ? PayDayFactor : 1);
}
