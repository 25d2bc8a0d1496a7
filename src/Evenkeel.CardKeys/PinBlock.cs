using System.Security.Cryptography;
using Evenkeel.Model;

namespace Evenkeel.CardKeys;

/// <summary>
/// ISO 9564-1 format 0: the PIN field (0, length, digits, F...) exclusive-or the account number field
/// (0000 and the 12 rightmost digits of the card number without its check digit).
/// </summary>
internal static class PinBlock
{
    private const int Bytes = CardKeyLimits.PinBlockBytes;

    /// <summary>Writes the clear PIN field of 8 bytes.</summary>
    /// <param name="pin">4 to 12 ASCII digits.</param>
    public static void WritePinField(ReadOnlySpan<byte> pin, Span<byte> field)
    {
        Check.That(
            pin.Length is >= CardKeyLimits.PinDigitsMin and <= CardKeyLimits.PinDigitsMax
                && !pin.ContainsAnyExceptInRange((byte)'0', (byte)'9')
        );
        field[..Bytes].Fill(0xFF);
        field[0] = (byte)pin.Length;
        for (var i = 0; i < pin.Length; i++)
        {
            var digit = pin[i] - '0';
            ref var at = ref field[1 + (i / 2)];
            at = i % 2 == 0 ? (byte)((digit << 4) | 0x0F) : (byte)((at & 0xF0) | digit);
        }
    }

    /// <summary>Whether 8 bytes are a PIN field: control 0, length 4 to 12, digits, then F only.</summary>
    public static bool IsPinField(ReadOnlySpan<byte> field)
    {
        var length = field[0];
        if (length is < CardKeyLimits.PinDigitsMin or > CardKeyLimits.PinDigitsMax)
        {
            return false; // The high nibble, the control, is 0 in every length allowed.
        }
        for (var i = 0; i < 2 * (Bytes - 1); i++)
        {
            var pair = field[1 + (i / 2)];
            var nibble = i % 2 == 0 ? pair >> 4 : pair & 0x0F;
            if (i < length ? nibble > 9 : nibble != 0x0F)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Turns a PIN field into a format 0 block, or back: exclusive-or is its own inverse.</summary>
    public static void CombineWithPan(Span<byte> field, ReadOnlySpan<byte> pan)
    {
        var digits = pan[..^1][^12..];
        for (var i = 0; i < digits.Length; i += 2)
        {
            field[2 + (i / 2)] ^= (byte)(((digits[i] - '0') << 4) | (digits[i + 1] - '0'));
        }
    }

    public static void Encrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> clear, Span<byte> block)
    {
        using var cipher = Cipher(key);
        var written = cipher.EncryptEcb(clear[..Bytes], block, PaddingMode.None);
        Check.That(written == Bytes);
    }

    public static void Decrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> block, Span<byte> clear)
    {
        using var cipher = Cipher(key);
        var written = cipher.DecryptEcb(block[..Bytes], clear, PaddingMode.None);
        Check.That(written == Bytes);
    }

    /// <summary>The first three bytes of the encryption of zeros.</summary>
    public static string CheckValue(ReadOnlySpan<byte> key)
    {
        Span<byte> block = stackalloc byte[Bytes];
        Encrypt(key, stackalloc byte[Bytes], block);
        return Convert.ToHexString(block[..3]);
    }

#pragma warning disable CA5350 // Format 0 is a block of 64 bits: the standard's cipher for it is TDES.
    private static TripleDES Cipher(ReadOnlySpan<byte> key)
    {
        var cipher = TripleDES.Create();
        cipher.SetKey(key);
        return cipher;
    }
#pragma warning restore CA5350
}
