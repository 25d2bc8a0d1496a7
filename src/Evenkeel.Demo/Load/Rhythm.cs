using Evenkeel.Demo.Plan;

namespace Evenkeel.Demo.Load;

/// <summary>
/// When customers bank, and what they do then: a share for each hour, more on paydays and rent days, shops
/// full on weekends, counters closed at night.
/// </summary>
internal static class Rhythm
{
    private const int CounterOpens = 9;
    private const int CounterCloses = 17;
    private const int OfficeOpens = 8;
    private const int OfficeCloses = 19;
    private const int NightEnds = 6;
    private const double PayDayFactor = 2;
    private const double RentDayFactor = 1.4;

    /// <summary>Share of each hour of the day; they average to one after <see cref="Average"/>.</summary>
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

    private static readonly double Average = ByHour.Average();

    /// <summary>Weights of an ordinary hour.</summary>
    private static readonly (ActKind Kind, double Weight)[] Mix =
    [
        (ActKind.Look, 16),
        (ActKind.Statement, 4),
        (ActKind.OwnTransfer, 5),
        (ActKind.KnownPayee, 9),
        (ActKind.NewPayee, 2),
        (ActKind.Bill, 4),
        (ActKind.Purchase, 34),
        (ActKind.Withdrawal, 8),
        (ActKind.CounterDeposit, 2),
        (ActKind.CounterWithdrawal, 2),
        (ActKind.Program, 14),
    ];

    /// <summary>How much busier than on average.</summary>
    public static double FactorAt(DateTime lived)
    {
        var date = DateOnly.FromDateTime(lived);
        return ByHour[lived.Hour]
            / Average
            * (
                DemoDays.IsPayDay(date) ? PayDayFactor
                : DemoDays.IsRentDay(date) ? RentDayFactor
                : 1
            );
    }

    public static ActKind Draw(DateTime lived, Random random)
    {
        var draw = random.NextDouble() * Mix.Sum(pair => WeightOf(pair, lived));
        foreach (var pair in Mix)
        {
            draw -= WeightOf(pair, lived);
            if (draw < 0)
            {
                return pair.Kind;
            }
        }
        return ActKind.Look;
    }

    internal static double WeightOf(ActKind kind, DateTime lived) =>
        WeightOf(Array.Find(Mix, pair => pair.Kind == kind), lived);

    private static double WeightOf((ActKind Kind, double Weight) pair, DateTime lived)
    {
        var date = DateOnly.FromDateTime(lived);
        var isWeekend = lived.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;
        var isPayDay = DemoDays.IsPayDay(date);
        return pair.Weight
            * pair.Kind switch
            {
                ActKind.CounterDeposit or ActKind.CounterWithdrawal => isWeekend
                || lived.Hour is < CounterOpens or >= CounterCloses
                    ? 0
                    : 1,
                ActKind.Program when isWeekend => 0.1,
                ActKind.Program => lived.Hour is < OfficeOpens or >= OfficeCloses ? 0.2
                : DemoDays.IsSupplierDay(date) ? 3
                : 1,
                ActKind.Purchase => (isWeekend ? 1.6 : 1) * (lived.Hour < NightEnds ? 0.3 : 1),
                ActKind.Look or ActKind.Withdrawal or ActKind.OwnTransfer => isPayDay ? 2 : 1,
                ActKind.KnownPayee => DemoDays.IsRentDay(date) ? 2.5 : 1,
                _ => 1,
            };
    }
}
