using System.Globalization;

namespace Evenkeel.Host.CommandLine;

/// <summary>Which language a person reads.</summary>
internal static class Languages
{
    public const string Option = "--lang";

    public static readonly string[] All = ["en", "zh-Hans", "zh-Hant"];

    /// <summary>
    /// Decided before anything is parsed, since help and complaints about the command line are texts
    /// too: the option, else LC_ALL, LC_MESSAGES, LANG, else English.
    /// </summary>
    public static CultureInfo Choose(IReadOnlyList<string> args, Func<string, string?> environment)
    {
        var wanted =
            FromOption(args)
            ?? NonEmpty(environment("LC_ALL"))
            ?? NonEmpty(environment("LC_MESSAGES"))
            ?? NonEmpty(environment("LANG"));
        return CultureInfo.GetCultureInfo(Closest(wanted));
    }

    /// <summary>zh_TW.UTF-8 is traditional, other Chinese simplified, everything else English.</summary>
    public static string Closest(string? locale)
    {
        var parts = (locale ?? "").Split('.', '@')[0].Split('_', '-');
        if (!string.Equals(parts[0], "zh", StringComparison.OrdinalIgnoreCase))
        {
            return "en";
        }
        var traditional = parts
            .Skip(1)
            .Any(p => p.ToUpperInvariant() is "HANT" or "TW" or "HK" or "MO");
        var simplified = parts.Skip(1).Any(p => p.ToUpperInvariant() is "HANS");
        return traditional && !simplified ? "zh-Hant" : "zh-Hans";
    }

    private static string? FromOption(IReadOnlyList<string> args)
    {
        for (var i = 0; i < args.Count; i++)
        {
            if (string.Equals(args[i], Option, StringComparison.Ordinal) && i + 1 < args.Count)
            {
                return args[i + 1];
            }
            if (args[i].StartsWith(Option + "=", StringComparison.Ordinal))
            {
                return args[i][(Option.Length + 1)..];
            }
        }
        return null;
    }

    private static string? NonEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
