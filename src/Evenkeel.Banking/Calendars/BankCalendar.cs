using Evenkeel.Payments;

namespace Evenkeel.Banking.Calendars;

/// <summary>
/// Banking days of one currency. The bank itself is open every day; a calendar says on which days due
/// dates and cut-offs of its currency fall.
/// </summary>
/// <param name="Weekend">Days of the week without banking.</param>
/// <param name="Holidays">Other days without, in order.</param>
/// <param name="WorkingWeekends">Days of a weekend that are worked in exchange for a holiday.</param>
public sealed record BankCalendar(
    IReadOnlyList<DayOfWeek> Weekend,
    IReadOnlyList<DateOnly> Holidays,
    IReadOnlyList<DateOnly> WorkingWeekends
)
{
    /// <summary>Days in a row that may be without banking; more is a mistake in the calendar.</summary>
    private const int ClosedDaysMax = 20;

    private const int DaysOfWeek = 7;

    /// <summary>Saturdays and Sundays.</summary>
    public static BankCalendar Standard { get; } =
        new([DayOfWeek.Saturday, DayOfWeek.Sunday], [], []);

    public bool IsBankingDay(DateOnly day) =>
        !Holidays.Contains(day)
        && (!Weekend.Contains(day.DayOfWeek) || WorkingWeekends.Contains(day));

    public DateOnly Shift(DateOnly day, DateShift rule) =>
        rule switch
        {
            DateShift.None => day,
            DateShift.Following => Seek(day, 1),
            DateShift.Preceding => Seek(day, -1),
            DateShift.ModifiedFollowing when Seek(day, 1) is var next => next.Month == day.Month
                ? next
                : Seek(day, -1),
            _ => throw new InvalidOperationException("An unknown rule of shifting."),
        };

    /// <summary>The first banking day after this one.</summary>
    public DateOnly NextAfter(DateOnly day) => Seek(day.AddDays(1), 1);

    /// <summary>Every day has a banking day not far before and after it.</summary>
    internal bool IsSound =>
        Holidays.Count <= BankingLimits.HolidaysMax
        && Weekend.Distinct().Count() < DaysOfWeek
        && Holidays.All(day => TrySeek(day, 1) is not null && TrySeek(day, -1) is not null);

    private DateOnly Seek(DateOnly from, int step) =>
        TrySeek(from, step)
        ?? throw new InvalidOperationException("A calendar without banking days.");

    private DateOnly? TrySeek(DateOnly from, int step)
    {
        for (var i = 0; i <= ClosedDaysMax; i++)
        {
            var day = from.AddDays(i * step);
            if (IsBankingDay(day))
            {
                return day;
            }
        }
        return null;
    }
}
