using System.Security.Cryptography;

namespace Evenkeel.Identity;

/// <summary>Devices that a login was used on with two factors.</summary>
internal static class Devices
{
    /// <param name="shown">What the device keeps; null = nothing.</param>
    public static KnownDevice? Find(LoginDocument? login, string? shown)
    {
        if (login is null || shown is null)
        {
            return null;
        }
        var hash = LoginStore.Sha256(shown);
        return login.Devices.FirstOrDefault(d =>
            string.Equals(d.Sha256, hash, StringComparison.Ordinal)
        );
    }

    /// <returns>The document with the device as last used, and what a new device shall keep.</returns>
    public static (LoginDocument Document, string? Kept) Use(
        LoginDocument login,
        KnownDevice? used,
        DateTimeOffset now
    )
    {
        var made = used is null
            ? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))
            : null;
        return (
            login with
            {
                Devices =
                [
                    new KnownDevice(made is null ? used!.Sha256 : LoginStore.Sha256(made), now),
                    .. login
                        .Devices.Where(d => d != used)
                        .OrderByDescending(static d => d.LastUsed)
                        .Take(IdentityLimits.DevicesMax - 1),
                ],
            },
            made
        );
    }
}
