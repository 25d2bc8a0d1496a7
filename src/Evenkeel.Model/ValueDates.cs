namespace Evenkeel.Model;

/// <summary>
/// The value date as <c>user_data_32</c> carries it: the decimal number YYYYMMDD, 0 when there is
/// none. Readable as it stands, and it sorts as dates do.
/// </summary>
public static class ValueDates
{
    public static uint ToNumber(DateOnly date) =>
        (uint)((date.Year * 10_000) + (date.Month * 100) + date.Day);

    /// <summary>False for numbers that are no date.</summary>
    public static bool TryParse(uint number, out DateOnly date)
    {
        var (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
        var valid =
            year is >= 1 and <= 9999
            && month is >= 1 and <= 12
            && day >= 1
            && day <= DateTime.DaysInMonth((int)year, (int)month);
        date = valid ? new DateOnly((int)year, (int)month, (int)day) : default;
        return valid;
    }
}
