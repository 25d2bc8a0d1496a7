using System.Text.Json.Serialization;
using Evenkeel.Banking.Calendars;
using Evenkeel.Payments;

namespace Evenkeel.Banking.EndOfDay;

/// <summary>
/// When business days end by themselves. It is kept with the bank's records, so that whichever node leads
/// knows the same; a bank without one closes its days only when it is asked to.
/// </summary>
/// <param name="EndsAt">
/// By the clocks of <paramref name="Zone"/>. From noon on it is that time of the day itself; before noon it
/// is that of the day after, so that 00:00 is midnight at the day's end.
/// </param>
/// <param name="Zone">A zone of the IANA database ("Asia/Shanghai").</param>
/// <param name="Calendar">
/// Currency (number of ISO 4217) whose banking days alone are business days; null = every day is one.
/// </param>
/// <param name="RetryMinutes">Between two attempts of standing orders that wait for money.</param>
public sealed record DaySchedule(
    TimeOnly EndsAt,
    string Zone,
    uint? Calendar = null,
    int RetryMinutes = DaySchedule.RetryMinutesDefault
)
{
    public const int RetryMinutesDefault = 15;

    public const int RetryMinutesMax = 24 * 60;

    private const int Noon = 12;

    /// <summary>At midnight of every day.</summary>
    public static DaySchedule Midnight(string zone) => new(TimeOnly.MinValue, zone);

    /// <summary>The zone is known here, and the numbers are within their bounds.</summary>
    [JsonIgnore]
    public bool IsSound =>
        TimeZoneInfo.TryFindSystemTimeZoneById(Zone, out _)
        && RetryMinutes is > 0 and <= RetryMinutesMax;

    /// <summary>The instant at which a business day is over.</summary>
    public DateTimeOffset EndOf(DateOnly date)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(Zone);
        var local = (EndsAt.Hour < Noon ? date.AddDays(1) : date).ToDateTime(EndsAt);
        // Clocks that are put forward skip an hour: the first moment that exists.
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(1);
        }
        return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }

    /// <summary>The business day that should be open at an instant.</summary>
    /// <param name="calendar">Of <see cref="Calendar"/>; null where every day is one.</param>
    public DateOnly OpenAt(DateTimeOffset now, BankCalendar? calendar)
    {
        var local = TimeZoneInfo.ConvertTime(now, TimeZoneInfo.FindSystemTimeZoneById(Zone));
        var day = DateOnly.FromDateTime(local.DateTime).AddDays(-1);
        while (EndOf(day) <= now)
        {
            day = day.AddDays(1);
        }
        return calendar?.Shift(day, DateShift.Following) ?? day;
    }

    /// <summary>
    /// The business day to open after one that is over; null while it is not. One that is to follow far
    /// behind is reached by the first of each month between, so that what is monthly happens each month.
    /// </summary>
    public DateOnly? NextAfter(DateOnly date, DateTimeOffset now, BankCalendar? calendar)
    {
        if (EndOf(date) > now)
        {
            return null;
        }
        var open = OpenAt(now, calendar);
        var first = date.AddDays(1 - date.Day).AddMonths(1);
        return open > first ? first : open;
    }
}
