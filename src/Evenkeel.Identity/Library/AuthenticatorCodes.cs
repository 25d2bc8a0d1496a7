using Microsoft.AspNetCore.Identity;
using OtpNet;

namespace Evenkeel.Identity.Library;

/// <summary>
/// Codes of authenticators: TOTP of RFC 6238 with HMAC-SHA1, six digits, 30 seconds. Takes the place of
/// the library's own provider, which reads the machine's clock and takes five codes at a time.
/// </summary>
internal sealed class AuthenticatorCodes(TimeProvider time) : IUserTwoFactorTokenProvider<LoginUser>
{
    /// <summary>Steps before and after now that are taken as well: clocks differ.</summary>
    private static readonly VerificationWindow Drift = new(previous: 1, future: 1);

    public async Task<bool> CanGenerateTwoFactorTokenAsync(
        UserManager<LoginUser> manager,
        LoginUser user
    ) => await manager.GetAuthenticatorKeyAsync(user) is not null;

    /// <summary>Nothing is sent: the person's own device makes the code.</summary>
    public Task<string> GenerateAsync(
        string purpose,
        UserManager<LoginUser> manager,
        LoginUser user
    ) => Task.FromResult("");

    public async Task<bool> ValidateAsync(
        string purpose,
        string token,
        UserManager<LoginUser> manager,
        LoginUser user
    ) =>
        await manager.GetAuthenticatorKeyAsync(user) is { } key
        && Of(key).VerifyTotp(time.GetUtcNow().UtcDateTime, token, out _, Drift);

    /// <param name="key">Base32 of RFC 4648, as authenticators read it.</param>
    public static string At(string key, DateTimeOffset now) => Of(key).ComputeTotp(now.UtcDateTime);

    private static Totp Of(string key) => new(Base32Encoding.ToBytes(key));
}
