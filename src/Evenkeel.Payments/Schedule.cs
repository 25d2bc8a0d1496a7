namespace Evenkeel.Payments;

/// <summary>How something comes again. Persisted: numbers only grow.</summary>
public enum ScheduleKind : byte
{
    None = 0,

    /// <summary>On day n of each month; on its last day where there is no such day.</summary>
    MonthlyOnDay = 1,
    EndOfMonth = 2,

    /// <summary>On a day of the week: 0 is Sunday.</summary>
    Weekly = 3,
    Daily = 4,
}

/// <summary>When something is due again and again.</summary>
/// <param name="Day">Of the month (1 to 31) or of the week (0 to 6); else 0.</param>
/// <param name="Shift">What happens when a due date is no banking day.</param>
public sealed record Schedule(ScheduleKind Kind, int Day = 0, DateShift Shift = DateShift.Following)
{
    private const int DaysOfMonthMax = 31;
    private const int DaysOfWeek = 7;

    /// <summary>The first due date on or after a day, before any shift.</summary>
    public DateOnly FirstFrom(DateOnly from)
    {
        switch (Kind)
        {
            case ScheduleKind.MonthlyOnDay or ScheduleKind.EndOfMonth:
                var due = InMonth(from.Year, from.Month);
                var next = from.AddDays(1 - from.Day).AddMonths(1);
                return due >= from ? due : InMonth(next.Year, next.Month);
            case ScheduleKind.Weekly:
                return from.AddDays((Day - (int)from.DayOfWeek + DaysOfWeek) % DaysOfWeek);
            case ScheduleKind.Daily:
                return from;
            default:
                throw new InvalidOperationException("A schedule of no kind.");
        }
    }

    public DateOnly NextAfter(DateOnly due) => FirstFrom(due.AddDays(1));

    /// <summary>The day fits the kind.</summary>
    public bool IsSound =>
        Kind switch
        {
            ScheduleKind.MonthlyOnDay => Day is >= 1 and <= DaysOfMonthMax,
            ScheduleKind.Weekly => Day is >= 0 and < DaysOfWeek,
            ScheduleKind.EndOfMonth or ScheduleKind.Daily => Day == 0,
            _ => false,
        };

    private DateOnly InMonth(int year, int month)
    {
        var last = DateTime.DaysInMonth(year, month);
        return new DateOnly(
            year,
            month,
            Kind == ScheduleKind.EndOfMonth ? last : Math.Min(Day, last)
        );
    }
}
