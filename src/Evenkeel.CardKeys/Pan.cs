using System.Text;

namespace Evenkeel.CardKeys;

/// <summary>A card number as ASCII digits in a buffer that its owner zeroes.</summary>
public static class Pan
{
    /// <summary>13 to 19 ASCII digits.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> pan) =>
        pan.Length is >= CardKeyLimits.PanDigitsMin and <= CardKeyLimits.PanDigitsMax
        && !pan.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    /// <summary>Well formed, and the last digit is the check digit of the others (ISO/IEC 7812-1).</summary>
    public static bool IsValid(ReadOnlySpan<byte> pan) =>
        IsWellFormed(pan) && CheckDigit(pan[..^1]) == pan[^1];

    /// <summary>The digit that makes a number valid when appended, as ASCII.</summary>
    public static byte CheckDigit(ReadOnlySpan<byte> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            var doubled = i % 2 == 0 ? digit * 2 : digit;
            sum += doubled > 9 ? doubled - 9 : doubled;
        }
        return (byte)('0' + ((10 - (sum % 10)) % 10));
    }

    /// <summary>All of a card number that may be shown or recorded: its last four digits.</summary>
    public static string LastFour(ReadOnlySpan<byte> pan) =>
        IsWellFormed(pan)
            ? Encoding.ASCII.GetString(pan[^4..])
            : throw new ArgumentException("Not a card number.", nameof(pan));
}
