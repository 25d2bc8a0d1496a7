using System.Globalization;
using Evenkeel.Import.Amlsim;
using Evenkeel.Import.Berka;

namespace Evenkeel.Import;

/// <summary>Short names for imported accounts: <c>berka:576</c>, <c>berka:cash</c>, <c>amlsim:12</c>.</summary>
public static class SourceAccounts
{
    /// <summary>Every source. A new one is one line.</summary>
    private static readonly SourceIds[] Sources =
    [
        BerkaIds.Source,
        AmlsimImport.Limited,
        AmlsimImport.Unlimited,
    ];

    private static readonly (AccountCode Code, string Name)[] BankSide =
    [
        (AccountCode.Cash, "cash"),
        (AccountCode.Clearing, "clearing"),
        (AccountCode.Loans, "loans"),
        (AccountCode.Opening, "opening"),
        (AccountCode.PassThrough, "pass-through"),
        (AccountCode.FeeIncome, "fee-income"),
        (AccountCode.PenaltyInterestIncome, "penalty-interest-income"),
        (AccountCode.InterestExpense, "interest-expense"),
    ];

    /// <summary>False when the text names no imported account.</summary>
    public static bool TryParse(string text, out UInt128 id)
    {
        id = default;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var source = Sources.FirstOrDefault(s =>
            colon > 0 && text.AsSpan(0, colon).Equals(s.Alias, StringComparison.OrdinalIgnoreCase)
        );
        if (source is null)
        {
            return false;
        }
        var name = text[(colon + 1)..];
        if (ulong.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            id = source.Id(SourceKind.CustomerAccount, number);
            return true;
        }
        foreach (var (code, bankSide) in BankSide)
        {
            ushort bank = 0;
            var isThis =
                string.Equals(name, bankSide, StringComparison.OrdinalIgnoreCase)
                || (
                    name.StartsWith(bankSide + "-", StringComparison.OrdinalIgnoreCase)
                    && BerkaIds.TryBankCode(
                        name[(bankSide.Length + 1)..].ToUpperInvariant(),
                        out bank
                    )
                );
            if (isThis)
            {
                id = source.Id(SourceKind.BankAccount, ((ulong)code << 16) | bank);
                return true;
            }
        }
        return false;
    }

    /// <summary>The short name of an imported account; null for every other id.</summary>
    public static string? NameOf(UInt128 id)
    {
        foreach (var source in Sources)
        {
            if (!source.TryParse(id, out var kind, out var number, out var leg) || leg != 0)
            {
                continue;
            }
            if (kind == SourceKind.CustomerAccount)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{source.Alias}:{number}");
            }
            if (kind == SourceKind.BankAccount)
            {
                var name = BankSide.FirstOrDefault(b => (ulong)b.Code == number >> 16).Name;
                var bank = (ushort)(number & 0xFFFF);
                return name is null ? null
                    : bank == 0 ? $"{source.Alias}:{name}"
                    : $"{source.Alias}:{name}-{BerkaIds.BankCodeText(bank)}";
            }
        }
        return null;
    }
}
