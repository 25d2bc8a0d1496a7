using Evenkeel.Identity.Passkeys;

namespace Evenkeel.Identity.Library;

/// <summary>Opens ASP.NET Core Identity over our records, once for each request.</summary>
internal sealed class LoginLibrary(
    LoginStore logins,
    ISecretVault vault,
    TimeProvider time,
    PasskeyOptions passkeys
)
{
    private readonly LibraryOptions _options = new(passkeys);
    private readonly AuthenticatorCodes _codes = new(time);

    public LoginUsers Open(CancellationToken requested) => Open(forgetsCounts: false, requested);

    /// <param name="forgetsCounts"><see cref="LoginUserStore.ForgetsCounts"/>.</param>
    public LoginUsers Open(bool forgetsCounts, CancellationToken requested) =>
        new(
            new LoginUserStore(logins, vault, time, requested) { ForgetsCounts = forgetsCounts },
            _options,
            _codes
        );

    public string HashOf(string secret) =>
        _options.Hasher.HashPassword(LoginUser.Nobody(""), secret);
}
