using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Evenkeel.Demo.Plan;

/// <summary>
/// Passwords of a demonstration follow from its seed, so that nothing need be kept: whoever
/// knows the seed knows them all. That is why only the profile named demo builds such a bank.
/// </summary>
public static class DemoSecrets
{
    public static string PasswordOf(DemoOptions options, string reference) =>
        "demo-" + Convert.ToHexStringLower(Digest(options, "password", reference).AsSpan(0, 6));

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
