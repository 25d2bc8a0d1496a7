using System.Globalization;

namespace Evenkeel.Channels.Iso8583;

/// <summary>Times of a dialect that carries no year.</summary>
public static class IsoClock
{
    /// <summary>MMDDhhmmss in UTC, in the year that brings it nearest to now.</summary>
    /// <param name="text">Of a field 7 that was decoded, so it is a date of some year.</param>
    public static DateTimeOffset Utc(string text, DateTimeOffset now)
    {
        var nearest = DateTimeOffset.MinValue;
        for (var year = now.Year - 1; year <= now.Year + 1; year++)
        {
            // 29 February is a date of a leap year only; other years have no such moment.
            if (
                DateTimeOffset.TryParseExact(
                    year.ToString("0000", CultureInfo.InvariantCulture) + text,
                    "yyyyMMddHHmmss",
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal,
                    out var candidate
                )
                && (candidate - now).Duration() < (nearest - now).Duration()
            )
            {
                nearest = candidate;
            }
        }
        return nearest == DateTimeOffset.MinValue ? now : nearest;
    }

    /// <summary>Field 7 of a moment.</summary>
    public static string TransmissionTime(DateTimeOffset at) =>
        at.UtcDateTime.ToString("MMddHHmmss", CultureInfo.InvariantCulture);

    /// <summary>Field 15 of a business date.</summary>
    public static string MonthDay(DateOnly date) =>
        date.ToString("MMdd", CultureInfo.InvariantCulture);
}
