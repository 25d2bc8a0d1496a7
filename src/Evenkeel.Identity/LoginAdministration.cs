using Evenkeel.Identity.Library;
using Evenkeel.Identity.Passkeys;
using Evenkeel.Journal;
using Evenkeel.Payments;

namespace Evenkeel.Identity;

/// <summary>A login to be made.</summary>
/// <param name="Subject">Customer's number; of staff, the member's own name in the audit.</param>
public sealed record NewLogin(LoginKind Kind, string Login, string Subject, string Secret)
{
    /// <summary>Of staff.</summary>
    public string? Branch { get; init; }

    /// <summary>Of a program: some of <see cref="ProgramScopes"/>; null = all that there are today.</summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>Key of an authenticator that the holder has already, in Base32; null = none yet.</summary>
    public string? CodeKey { get; init; }

    /// <summary>Says nothing of the secret.</summary>
    public override string ToString() => $"NewLogin {{ {Kind} }}";
}

/// <summary>Logins come, get an authenticator or lose it, and are blocked.</summary>
public sealed class LoginAdministration(IJournal journal, ISecretVault vault, TimeProvider time)
{
    // Passkeys are not made here: where they may be is the sign-in desk's setting.
    private readonly LoginLibrary _library = new(
        new LoginStore(journal),
        vault,
        time,
        new PasskeyOptions()
    );

    /// <returns>
    /// False when there is such a login, the secret is too short, or scopes are none, unknown, or given
    /// to somebody who is no program.
    /// </returns>
    public async Task<bool> MakeAsync(NewLogin login, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(login);
        if (
            login.Secret.Length > IdentityLimits.SecretCharsMax
            || login.Login.Length is 0 or > IdentityLimits.LoginCharsMax
            || login.Kind == LoginKind.None
            || (
                login.Scopes is { } scopes
                && (
                    login.Kind != LoginKind.Program
                    || scopes.Count == 0
                    || !scopes.All(ProgramScopes.IsKnown)
                )
            )
        )
        {
            return false;
        }
        using var users = _library.Open(cancellationToken);
        // Before the secret is hashed, which costs a tenth of a second: whoever asks again has it already.
        if (await users.FindByNameAsync(LoginUser.NameOf(login.Kind, login.Login)) is not null)
        {
            return false;
        }
        LoginUser user = new(
            login.Kind,
            login.Login,
            new LoginDocument(login.Kind, login.Subject, "", time.GetUtcNow())
            {
                Branch = login.Branch,
                Scopes =
                    login.Kind == LoginKind.Program ? [.. login.Scopes ?? ProgramScopes.All] : null,
            },
            version: 0
        );
        if (login.CodeKey is { } key)
        {
            users.SetAuthenticatorKey(user, key);
        }
        return (await users.CreateAsync(user, login.Secret)).Succeeded;
    }

    /// <summary>Gives the login an authenticator, in place of any that it had.</summary>
    /// <returns>Its key in Base32, shown this once; null when there is no such login.</returns>
    public async Task<string?> AddAuthenticatorAsync(
        LoginKind kind,
        string login,
        CancellationToken cancellationToken
    )
    {
        using var users = _library.Open(cancellationToken);
        if (await users.FindByNameAsync(LoginUser.NameOf(kind, login)) is not { } user)
        {
            return null;
        }
        user.Document = user.Document with
        {
            UsedCode = null,
            UsedCodeAt = null,
            // Who had the old one has no business with devices either.
            Devices = [],
        };
        return (await users.ResetAuthenticatorKeyAsync(user)).Succeeded
            ? await users.GetAuthenticatorKeyAsync(user)
            : null;
    }

    /// <summary>Its owner has lost it, and signs in with a passkey.</summary>
    /// <returns>
    /// False when there is no such login, when nothing but the password would be left, or when somebody
    /// else changed it at the same time.
    /// </returns>
    public Task<bool> RemoveAuthenticatorAsync(
        LoginKind kind,
        string login,
        CancellationToken cancellationToken
    ) =>
        ChangeAsync(
            kind,
            login,
            static document =>
                document.Passkeys.Count > 0
                    ? document with
                    {
                        SealedCodeKey = null,
                        UsedCode = null,
                        UsedCodeAt = null,
                    }
                    : null,
            cancellationToken
        );

    /// <returns>False when there is no such login, or somebody else changed it at the same time.</returns>
    public Task<bool> BlockAsync(
        LoginKind kind,
        string login,
        bool isBlocked,
        CancellationToken cancellationToken
    ) =>
        ChangeAsync(
            kind,
            login,
            document => document with { IsBlocked = isBlocked },
            cancellationToken
        );

    private async Task<bool> ChangeAsync(
        LoginKind kind,
        string login,
        Func<LoginDocument, LoginDocument?> change,
        CancellationToken cancellationToken
    )
    {
        using var users = _library.Open(cancellationToken);
        if (
            await users.FindByNameAsync(LoginUser.NameOf(kind, login)) is not { } user
            || change(user.Document) is not { } changed
        )
        {
            return false;
        }
        user.Document = changed;
        return (await users.WriteAsync(user)).Succeeded;
    }
}
