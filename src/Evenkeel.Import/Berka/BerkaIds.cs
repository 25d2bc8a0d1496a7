using Evenkeel.Model;

namespace Evenkeel.Import.Berka;

/// <summary>Ids of what comes from the Berka data set, and the ledger it goes to.</summary>
public static class BerkaIds
{
    /// <summary>ISO 4217 number of the Czech koruna.</summary>
    public const uint Ledger = 203;

    /// <summary>Decimals of an amount in the source and in the ledger.</summary>
    public const int Decimals = 2;

    public static readonly SourceIds Source = new("berka", "berka");

    public static UInt128 Account(ulong accountId) =>
        Source.Id(SourceKind.CustomerAccount, accountId);

    public static UInt128 Movement(ulong transId) => Source.Id(SourceKind.Movement, transId);

    /// <summary>A bank-side account; <paramref name="bank"/> is a two-letter code or 0.</summary>
    public static UInt128 Bank(AccountCode code, ushort bank = 0) =>
        Source.Id(SourceKind.BankAccount, ((ulong)code << 16) | bank);

    /// <summary>Two letters in 16 bits, 0 for no bank.</summary>
    public static bool TryBankCode(ReadOnlySpan<char> text, out ushort code)
    {
        code = 0;
        if (text.IsEmpty)
        {
            return true;
        }
        if (
            text.Length != 2
            || !char.IsAsciiLetterUpper(text[0])
            || !char.IsAsciiLetterUpper(text[1])
        )
        {
            return false;
        }
        code = (ushort)((text[0] << 8) | text[1]);
        return true;
    }

    public static string BankCodeText(ushort code) =>
        code == 0 ? "" : $"{(char)(code >> 8)}{(char)(code & 0xFF)}";
}
