namespace Evenkeel.Channels.Iso8583.Codec;

/// <summary>Digits that claim to be a date or a time.</summary>
internal static class IsoDates
{
    /// <summary>Whether digits that passed as such are of the shape; no year, so 29 February is.</summary>
    public static bool Are(IsoShape shape, ReadOnlySpan<byte> digits) =>
        shape switch
        {
            IsoShape.Any => true,
            IsoShape.MonthDayTime => digits.Length == 10
                && IsMonthDay(digits[..4])
                && IsTime(digits[4..]),
            IsoShape.Time => digits.Length == 6 && IsTime(digits),
            IsoShape.MonthDay => digits.Length == 4 && IsMonthDay(digits),
            IsoShape.YearMonth => digits.Length == 4 && Two(digits[2..]) is >= 1 and <= 12,
            IsoShape.YearMonthDay => digits.Length == 6 && IsMonthDay(digits[2..]),
            _ => false,
        };

    private static bool IsMonthDay(ReadOnlySpan<byte> digits)
    {
        const int leapYear = 2000;
        var month = Two(digits);
        var day = Two(digits[2..]);
        return month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(leapYear, month);
    }

    private static bool IsTime(ReadOnlySpan<byte> digits) =>
        Two(digits) <= 23 && Two(digits[2..]) <= 59 && Two(digits[4..]) <= 59;

    private static int Two(ReadOnlySpan<byte> digits) =>
        ((digits[0] - '0') * 10) + (digits[1] - '0');
}
