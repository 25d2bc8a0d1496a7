using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Evenkeel.Demo.Plan;

/// <summary>
/// Secrets of a demonstration follow from its seed, so that nothing need be kept: whoever
/// knows the seed knows them all. That is why only the profile named demo builds such a bank.
/// </summary>
public static class DemoSecrets
{
    private const int CodeKeyBytes = 20;
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static string PasswordOf(DemoOptions options, string reference) =>
        "demo-" + Convert.ToHexStringLower(Digest(options, "password", reference).AsSpan(0, 6));

    /// <summary>Key of the authenticator, in Base32 (RFC 4648) as authenticators read it.</summary>
    public static string CodeKeyOf(DemoOptions options, string reference)
    {
        var bytes = Digest(options, "authenticator", reference).AsSpan(0, CodeKeyBytes);
        StringBuilder text = new();
        for (var bit = 0; bit < bytes.Length * 8; bit += 5)
        {
            // Five bits of the two bytes that they lie in; 20 bytes are 32 characters and no rest.
            var pair =
                (bytes[bit / 8] << 8) | (bit / 8 + 1 < bytes.Length ? bytes[(bit / 8) + 1] : 0);
            text.Append(Base32[(pair >> (11 - (bit % 8))) & 31]);
        }
        return text.ToString();
    }

    private static byte[] Digest(DemoOptions options, string what, string reference) =>
        SHA256.HashData(
            Encoding.UTF8.GetBytes(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"evenkeel-demo\n{options.Seed}\n{what}\n{reference}"
                )
            )
        );
}
