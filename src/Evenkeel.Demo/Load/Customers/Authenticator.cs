using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace Evenkeel.Demo.Load.Customers;

/// <summary>What a customer's telephone shows: TOTP (RFC 6238) with HMAC-SHA1, six digits, 30 seconds.</summary>
public static class Authenticator
{
    private const int StepSeconds = 30;
    private const uint Modulus = 1_000_000;
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>The step of a moment; each shows another code.</summary>
    public static long StepAt(DateTimeOffset now) => now.ToUnixTimeSeconds() / StepSeconds;

    /// <param name="key">In Base32 (RFC 4648).</param>
    public static string CodeAt(string key, DateTimeOffset now) => CodeOf(key, StepAt(now));

    [SuppressMessage(
        "Security",
        "CA5350",
        Justification = "RFC 6238 with HMAC-SHA1 is what authenticators speak; HMAC does not rest on collisions."
    )]
    public static string CodeOf(string key, long step)
    {
        ArgumentNullException.ThrowIfNull(key);
        Span<byte> message = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(message, step);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        HMACSHA1.HashData(Decode(key), message, hash);
        var value = BinaryPrimitives.ReadUInt32BigEndian(hash[(hash[^1] & 15)..]) & 0x7FFF_FFFF;
        return (value % Modulus).ToString("D6", CultureInfo.InvariantCulture);
    }

    private static byte[] Decode(string key)
    {
        var bytes = new byte[key.Length * 5 / 8];
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var value = Base32.IndexOf(key[bit / 5], StringComparison.Ordinal);
            bytes[bit / 8] |= (byte)(((value >> (4 - (bit % 5))) & 1) << (7 - (bit % 8)));
        }
        return bytes;
    }
}
