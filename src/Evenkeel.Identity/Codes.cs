using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Evenkeel.Identity;

/// <summary>Codes of authenticators: TOTP of RFC 6238 with HMAC-SHA1, six digits, 30 seconds.</summary>
internal static class Codes
{
    private const int StepSeconds = 30;
    private const int KeyBytes = 20;
    private const uint Modulus = 1_000_000;

    /// <summary>Steps before and after now that are taken as well: clocks differ.</summary>
    private const int Drift = 1;

    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>A new key, in Base32 (RFC 4648) as authenticators read it.</summary>
    public static string NewKey()
    {
        var bytes = RandomNumberGenerator.GetBytes(KeyBytes);
        var text = new char[KeyBytes * 8 / 5];
        for (var i = 0; i < text.Length; i++)
        {
            var value = 0;
            for (var bit = 0; bit < 5; bit++)
            {
                var at = (i * 5) + bit;
                value = (value << 1) | ((bytes[at / 8] >> (7 - (at % 8))) & 1);
            }
            text[i] = Base32[value];
        }
        return new string(text);
    }

    public static bool IsRight(string key, string code, DateTimeOffset now)
    {
        var step = now.ToUnixTimeSeconds() / StepSeconds;
        var right = false;
        // All of them, so that time does not tell which one it was.
        for (var drift = -Drift; drift <= Drift; drift++)
        {
            right |= CryptographicOperations.FixedTimeEquals(
                System.Text.Encoding.UTF8.GetBytes(Of(key, step + drift)),
                System.Text.Encoding.UTF8.GetBytes(code)
            );
        }
        return right;
    }

    public static string At(string key, DateTimeOffset now) =>
        Of(key, now.ToUnixTimeSeconds() / StepSeconds);

    [System.Diagnostics.CodeAnalysis.SuppressMessage(
        "Security",
        "CA5350",
        Justification = "RFC 6238 with HMAC-SHA1 is what authenticators speak; HMAC does not rest on collisions."
    )]
    private static string Of(string key, long step)
    {
        Span<byte> message = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(message, step);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        HMACSHA1.HashData(Decode(key), message, hash);
        var offset = hash[^1] & 15;
        var value = BinaryPrimitives.ReadUInt32BigEndian(hash[offset..]) & 0x7FFF_FFFF;
        return (value % Modulus).ToString("D6", CultureInfo.InvariantCulture);
    }

    private static byte[] Decode(string key)
    {
        var bytes = new byte[key.Length * 5 / 8];
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var value = Base32.IndexOf(key[bit / 5], StringComparison.Ordinal);
            if (((value >> (4 - (bit % 5))) & 1) == 1)
            {
                bytes[bit / 8] |= (byte)(1 << (7 - (bit % 8)));
            }
        }
        return bytes;
    }
}
