using System.Globalization;
using System.Resources;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.Channels.Texts;

/// <summary>What a reason says to people.</summary>
internal static class ReasonText
{
    private static readonly ResourceManager Resources = new(
        "Evenkeel.Channels.Texts.Reasons",
        typeof(ReasonText).Assembly
    );

    /// <summary>The text of a slug; the slug itself has none only by mistake, which a test finds.</summary>
    public static string Of(string slug, CultureInfo culture) =>
        Resources.GetString(slug, culture) ?? slug;
}

/// <summary>Languages that the channels speak.</summary>
internal static class Languages
{
    public static readonly CultureInfo English = CultureInfo.GetCultureInfo("en");
    public static readonly CultureInfo Simplified = CultureInfo.GetCultureInfo("zh-Hans");
    public static readonly CultureInfo Traditional = CultureInfo.GetCultureInfo("zh-Hant");

    private const int LanguagesMax = 10;

    /// <summary>The first of <c>Accept-Language</c> that is spoken here; English else.</summary>
    public static CultureInfo Of(HttpContext http)
    {
        foreach (
            var wanted in http
                .Request.GetTypedHeaders()
                .AcceptLanguage.Take(LanguagesMax)
                .OrderByDescending(static l => l.Quality ?? 1)
        )
        {
            var name = wanted.Value.ToString().ToUpperInvariant();
            switch (name)
            {
                case "ZH-HANT" or "ZH-TW" or "ZH-HK" or "ZH-MO":
                    return Traditional;
                case var _ when name.StartsWith("ZH-HANT", StringComparison.Ordinal):
                    return Traditional;
                case var _ when name.StartsWith("ZH", StringComparison.Ordinal):
                    return Simplified;
                case var _ when name.StartsWith("EN", StringComparison.Ordinal):
                    return English;
            }
        }
        return English;
    }
}
