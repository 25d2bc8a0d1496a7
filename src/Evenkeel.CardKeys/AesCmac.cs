using System.Security.Cryptography;

namespace Evenkeel.CardKeys;

/// <summary>AES-CMAC (NIST SP 800-38B, RFC 4493); the base library has none.</summary>
internal static class AesCmac
{
    public const int Bytes = 16;

    public static void Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, Span<byte> tag)
    {
        using var aes = Aes.Create();
        aes.SetKey(key);
        Span<byte> subkey = stackalloc byte[Bytes];
        Span<byte> last = stackalloc byte[Bytes];
        aes.EncryptEcb(last, subkey, PaddingMode.None); // Of zeros.
        Double(subkey);
        var whole = message.Length > 0 && message.Length % Bytes == 0;
        var head = whole ? message.Length - Bytes : message.Length / Bytes * Bytes;
        message[head..].CopyTo(last);
        if (!whole)
        {
            Double(subkey);
            last[message.Length - head] = 0x80;
        }
        Span<byte> chain = stackalloc byte[Bytes];
        for (var at = 0; at < head; at += Bytes)
        {
            Xor(chain, message.Slice(at, Bytes));
            aes.EncryptEcb(chain, chain, PaddingMode.None);
        }
        Xor(chain, last);
        Xor(chain, subkey);
        aes.EncryptEcb(chain, tag[..Bytes], PaddingMode.None);
        CryptographicOperations.ZeroMemory(subkey);
    }

    /// <summary>The first five bytes of the code of a block of zeros.</summary>
    public static string CheckValue(ReadOnlySpan<byte> key)
    {
        Span<byte> tag = stackalloc byte[Bytes];
        Compute(key, stackalloc byte[Bytes], tag);
        return Convert.ToHexString(tag[..5]);
    }

    /// <summary>Multiplication by x in the field of 2^128.</summary>
    private static void Double(Span<byte> block)
    {
        var carry = (byte)(block[0] >> 7);
        for (var i = 0; i < Bytes - 1; i++)
        {
            block[i] = (byte)(((block[i] << 1) | (block[i + 1] >> 7)) & 0xFF);
        }
        block[Bytes - 1] = (byte)(((block[Bytes - 1] << 1) & 0xFF) ^ (carry * 0x87));
    }

    private static void Xor(Span<byte> into, ReadOnlySpan<byte> other)
    {
        for (var i = 0; i < Bytes; i++)
        {
            into[i] ^= other[i];
        }
    }
}
