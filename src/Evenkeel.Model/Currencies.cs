using System.Globalization;

namespace Evenkeel.Model;

/// <summary>A currency of ISO 4217.</summary>
/// <param name="Decimals">Digits of the minor unit.</param>
public sealed record Currency(string Letters, uint Number, int Decimals);

/// <summary>
/// A ledger's number is its currency's number in ISO 4217. Ledgers with other numbers are shown in
/// whole minor units.
/// </summary>
public static class Currencies
{
    private const int DecimalsUsual = 2;

    /// <summary>Letters and number of the currencies with two decimals.</summary>
    private const string Usual =
        "AED784 AFN971 ALL008 AMD051 AOA973 ARS032 AUD036 AWG533 AZN944 BAM977 BBD052 BDT050 "
        + "BMD060 BND096 BOB068 BRL986 BSD044 BTN064 BWP072 BYN933 BZD084 CAD124 CDF976 "
        + "CHF756 CNY156 COP170 CRC188 CUP192 CVE132 CZK203 DKK208 DOP214 DZD012 EGP818 ERN232 "
        + "ETB230 EUR978 FJD242 FKP238 GBP826 GEL981 GHS936 GIP292 GMD270 GTQ320 GYD328 HKD344 "
        + "HNL340 HTG332 HUF348 IDR360 ILS376 INR356 IRR364 JMD388 KES404 KGS417 KHR116 KPW408 "
        + "KYD136 KZT398 LAK418 LBP422 LKR144 LRD430 LSL426 MAD504 MDL498 MGA969 MKD807 MMK104 "
        + "MNT496 MOP446 MRU929 MUR480 MVR462 MWK454 MXN484 MYR458 MZN943 NAD516 NGN566 NIO558 "
        + "NOK578 NPR524 NZD554 PAB590 PEN604 PGK598 PHP608 PKR586 PLN985 QAR634 RON946 RSD941 "
        + "RUB643 SAR682 SBD090 SCR690 SDG938 SEK752 SGD702 SHP654 SOS706 SRD968 SSP728 STN930 "
        + "SYP760 SZL748 THB764 TJS972 TMT934 TOP776 TRY949 TTD780 TWD901 TZS834 UAH980 "
        + "USD840 UYU858 UZS860 WST882 XCD951 YER886 ZAR710 ZMW967";

    private const string WithoutDecimals =
        "BIF108 CLP152 DJF262 GNF324 ISK352 JPY392 KMF174 KRW410 PYG600 RWF646 UGX800 VND704 "
        + "VUV548 XAF950 XOF952 XPF953";

    private const string WithThree = "BHD048 IQD368 JOD400 KWD414 LYD434 OMR512 TND788";

    private static readonly Currency[] All =
    [
        .. Parse(Usual, DecimalsUsual),
        .. Parse(WithoutDecimals, 0),
        .. Parse(WithThree, 3),
    ];

    private static readonly Dictionary<uint, Currency> ByNumber = All.ToDictionary(c => c.Number);

    /// <summary>The currency of a ledger; letters are the number and decimals 0 when it has none.</summary>
    public static Currency OfLedger(uint ledger) =>
        ByNumber.TryGetValue(ledger, out var currency)
            ? currency
            : new Currency(ledger.ToString(CultureInfo.InvariantCulture), ledger, 0);

    /// <summary>Reads <c>203</c> or <c>CZK</c>.</summary>
    public static bool TryParseLedger(string text, out uint ledger)
    {
        if (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ledger))
        {
            return ledger != 0;
        }
        var found = Array.Find(
            All,
            c => string.Equals(c.Letters, text, StringComparison.OrdinalIgnoreCase)
        );
        ledger = found?.Number ?? 0;
        return found is not null;
    }

    private static IEnumerable<Currency> Parse(string list, int decimals) =>
        list.Split(' ')
            .Select(c => new Currency(
                c[..3],
                uint.Parse(c.AsSpan(3), CultureInfo.InvariantCulture),
                decimals
            ));
}
