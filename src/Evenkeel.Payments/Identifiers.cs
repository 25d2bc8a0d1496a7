using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Evenkeel.Model;

namespace Evenkeel.Payments;

/// <summary>
/// The identity of an instruction for ever: two with the same id are the same instruction, by
/// whatever way and however often they come.
/// </summary>
public readonly record struct InstructionId(UInt128 Value)
{
    /// <summary>
    /// From who asks and the reference that they gave it. Not from the content: a second payment of
    /// the same amount to the same payee is a second payment.
    /// </summary>
    /// <param name="originator">A customer, company, terminal, rail: whoever numbers their own.</param>
    public static InstructionId From(Channel channel, string originator, string reference)
    {
        ArgumentException.ThrowIfNullOrEmpty(originator);
        ArgumentException.ThrowIfNullOrEmpty(reference);
        return new(Digest($"EKI1\n{(int)channel}\n{originator.Length}\n{originator}\n{reference}"));
    }

    /// <summary>Of something that follows from this one: a refund, a fee, the next run.</summary>
    public InstructionId Derive(string purpose) => new(Digest($"EKI2\n{this}\n{purpose}"));

    /// <summary>32 hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);

    public static bool TryParse(string? text, out InstructionId id)
    {
        var parsed = UInt128.TryParse(
            text,
            NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture,
            out var value
        );
        id = new(value);
        return parsed && text!.Length == 32 && value != 0;
    }

    private static UInt128 Digest(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        var value = BinaryPrimitives.ReadUInt128BigEndian(hash);
        // All ones is reserved by the ledger, zero by the journal.
        return value == 0 || value == UInt128.MaxValue ? 1 : value;
    }
}

/// <summary>
/// Number of an account of this bank: 12 digits and two check digits (ISO 7064 MOD 97-10, which finds
/// every single wrong digit and every swap of neighbours).
/// </summary>
public readonly record struct AccountNumber
{
    public const int Digits = 14;

    private const ulong SerialMax = 999_999_999_999;

    private AccountNumber(ulong value) => Value = value;

    /// <summary>The number with its check digits.</summary>
    public ulong Value { get; }

    /// <summary>The number of a serial, which must not be 0.</summary>
    public static AccountNumber FromSerial(ulong serial)
    {
        Check.That(serial is > 0 and <= SerialMax);
        var shifted = serial * 100;
        return new(shifted + (98 - (shifted % 97)));
    }

    public static bool TryParse([NotNullWhen(true)] string? text, out AccountNumber number)
    {
        number = default;
        if (
            text is not { Length: Digits }
            || !ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            || value / 100 == 0
            || value % 97 != 1
        )
        {
            return false;
        }
        number = new(value);
        return true;
    }

    /// <exception cref="FormatException">Not a number of an account of this bank.</exception>
    public static AccountNumber Parse(string text) =>
        TryParse(text, out var number)
            ? number
            : throw new FormatException("Not an account number of this bank.");

    public override string ToString() => Value.ToString("D14", CultureInfo.InvariantCulture);
}

/// <summary>A customer, person or company.</summary>
public readonly record struct CustomerId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>
/// Stands for a card number: a keyed hash of it, made where card keys live. The number itself never
/// comes this far.
/// </summary>
/// <param name="Value">32 hexadecimal digits.</param>
public readonly record struct CardToken(string Value)
{
    public override string ToString() => Value;
}

/// <summary>A PIN under the bank's key, bound to one card; only the key interface can open it.</summary>
public readonly record struct SealedPin(ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Says nothing of the content.</summary>
    public override string ToString() => "(sealed)";
}

/// <summary>A till, a cash machine or a shop's terminal, as field 41 names it.</summary>
public readonly record struct TerminalId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>Another bank on the clearing: BIC or national code.</summary>
public readonly record struct BankCode(string Value)
{
    public override string ToString() => Value;
}

/// <summary>Who takes a bill: water, power, telephone.</summary>
public readonly record struct BillerCode(string Value)
{
    public override string ToString() => Value;
}
