using System.Globalization;
using Evenkeel.Import;

namespace Evenkeel.Host.CommandLine;

/// <summary>Reads what people write for accounts and ids, or says what is wrong with it.</summary>
internal static class Arguments
{
    public static UInt128 Account(string text) =>
        SourceAccounts.TryParse(text, out var id) || TryNumber(text, out id)
            ? id
            : throw new CommandFailedException(ExitCode.Usage, Text.AccountNotUnderstood(text));

    public static UInt128 Number(string text) =>
        TryNumber(text, out var number)
            ? number
            : throw new CommandFailedException(ExitCode.Usage, Text.NumberNotUnderstood(text));

    private static bool TryNumber(string text, out UInt128 number) =>
        text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? UInt128.TryParse(
                text.AsSpan(2),
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                out number
            )
            : UInt128.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
