using System.Globalization;
using Evenkeel.Import;
using Evenkeel.Model;

namespace Evenkeel.Host.Money;

/// <summary>Numbers of the ledger as people and machines read them.</summary>
internal static class Show
{
    private static readonly long UnixEpochTicks = DateTime.UnixEpoch.Ticks;

    /// <summary>An amount with the decimals of the ledger's currency, without its letters.</summary>
    public static string Amount(Int128 minorUnits, uint ledger)
    {
        var decimals = Currencies.OfLedger(ledger).Decimals;
        return MinorUnits
            .ToDecimal(minorUnits, decimals)
            .ToString($"N{decimals}", CultureInfo.CurrentCulture);
    }

    public static string AmountWithCurrency(Int128 minorUnits, uint ledger) =>
        $"{Amount(minorUnits, ledger)} {Currencies.OfLedger(ledger).Letters}";

    /// <summary>The same for JSON: a plain number.</summary>
    public static decimal Number(Int128 minorUnits, uint ledger) =>
        MinorUnits.ToDecimal(minorUnits, Currencies.OfLedger(ledger).Decimals);

    public static string Ledger(uint ledger)
    {
        var letters = Currencies.OfLedger(ledger).Letters;
        var number = ledger.ToString(CultureInfo.InvariantCulture);
        return string.Equals(letters, number, StringComparison.Ordinal)
            ? number
            : $"{letters} ({number})";
    }

    /// <summary>The short name of an account, or its number.</summary>
    public static string Account(UInt128 id) => SourceAccounts.NameOf(id) ?? Id(id);

    public static string Id(UInt128 id) => id.ToString(CultureInfo.InvariantCulture);

    /// <summary>Log time in UTC to the second.</summary>
    public static string Time(ulong nanoseconds) =>
        new DateTime(UnixEpochTicks + (long)(nanoseconds / 100), DateTimeKind.Utc).ToString(
            "yyyy-MM-dd HH:mm:ss",
            CultureInfo.InvariantCulture
        );

    /// <summary>A value date, or the bare number where it is none.</summary>
    public static string ValueDate(uint number) =>
        number == 0 ? ""
        : ValueDates.TryParse(number, out var date)
            ? date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
        : number.ToString(CultureInfo.InvariantCulture);
}
