using Evenkeel.Model;

namespace Evenkeel.Import;

/// <summary>Decimal text to whole minor units, exactly: nothing is rounded or guessed.</summary>
public static class MinorUnits
{
    private const int DigitsMax = 18;

    /// <summary>
    /// Reads text like <c>-12.3</c>. False when there are more decimals than the currency has, other
    /// characters, or more than 18 digits.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, int decimals, out long minorUnits)
    {
        Check.That(decimals is >= 0 and <= 4);
        minorUnits = 0;
        var negative = text.StartsWith("-", StringComparison.Ordinal);
        var digits = negative ? text[1..] : text;
        var point = digits.IndexOf('.');
        var whole = point < 0 ? digits : digits[..point];
        var fraction = point < 0 ? [] : digits[(point + 1)..];
        if (
            whole.IsEmpty
            || (point >= 0 && fraction.IsEmpty)
            || fraction.Length > decimals
            || whole.Length + decimals > DigitsMax
        )
        {
            return false;
        }

        long value = 0;
        foreach (var c in whole)
        {
            if (!Append(c))
            {
                return false;
            }
        }
        for (var i = 0; i < decimals; i++)
        {
            if (!Append(i < fraction.Length ? fraction[i] : '0'))
            {
                return false;
            }
        }
        minorUnits = negative ? -value : value;
        return true;

        bool Append(char c)
        {
            if (!char.IsAsciiDigit(c))
            {
                return false;
            }
            value = (value * 10) + (c - '0');
            return true;
        }
    }

    /// <summary>Minor units as a decimal number, for display and JSON.</summary>
    public static decimal ToDecimal(Int128 minorUnits, int decimals)
    {
        var scaled = (decimal)minorUnits;
        for (var i = 0; i < decimals; i++)
        {
            scaled /= 10m;
        }
        // Adding a zero with the wanted scale keeps trailing zeros: 5 -> 5.00.
        return scaled + new decimal(0, 0, 0, isNegative: false, (byte)decimals);
    }
}
