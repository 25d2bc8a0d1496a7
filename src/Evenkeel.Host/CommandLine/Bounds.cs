using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Evenkeel.Host.CommandLine;

/// <summary>Bounds of numbers on the command line; out of bounds is a usage error.</summary>
internal static class Bounds
{
    public static Action<OptionResult> Between(Option option, int min, int max) =>
        result =>
        {
            // Text that is no number at all is the parser's complaint, not ours.
            if (
                result.Tokens.Count == 1
                && int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var value)
                && (value < min || value > max)
            )
            {
                result.AddError(
                    string.Create(CultureInfo.InvariantCulture, $"{option.Name}: {min}..{max}")
                );
            }
        };
}
