using System.Globalization;

namespace Evenkeel.Channels.Iso8583;

/// <summary>Numbers that terminals give their messages.</summary>
public static class IsoNumbers
{
    /// <summary>Field 37: year, day, hour and trace number, as shops and machines number.</summary>
    /// <param name="stan">Field 11, at most 999999.</param>
    public static string Rrn(DateTimeOffset at, int stan) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{at.Year % 10}{at.DayOfYear:D3}{at.Hour:D2}{stan:D6}"
        );
}
