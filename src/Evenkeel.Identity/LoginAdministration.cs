using Evenkeel.Journal;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Identity;

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

/// <summary>Logins come, get an authenticator, and are blocked.</summary>
public sealed class LoginAdministration
{
    private readonly LoginStore _logins;
    private readonly ISecretVault _vault;
    private readonly TimeProvider _time;
    private readonly PasswordHasher<LoginDocument> _hasher = new();

    public LoginAdministration(IJournal journal, ISecretVault vault, TimeProvider time)
    {
        _logins = new LoginStore(journal);
        _vault = vault;
        _time = time;
    }

    /// <returns>
    /// False when there is such a login, the secret is too short, or scopes are none, unknown, or given
    /// to somebody who is no program.
    /// </returns>
    public async Task<bool> MakeAsync(NewLogin login, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(login);
        if (
            login.Secret.Length
                is < IdentityLimits.PasswordCharsMin
                    or > IdentityLimits.SecretCharsMax
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
        // Before the secret is hashed, which costs a tenth of a second: whoever asks again has it already.
        if (
            (await _logins.FindAsync(login.Kind, login.Login, cancellationToken)).Document
            is not null
        )
        {
            return false;
        }
        LoginDocument document = new(login.Kind, login.Subject, "", _time.GetUtcNow())
        {
            Branch = login.Branch,
            Scopes =
                login.Kind == LoginKind.Program ? [.. login.Scopes ?? ProgramScopes.All] : null,
            SealedCodeKey = login.CodeKey is { } key
                ? _vault.Seal(
                    SignInDesk.SubjectOf(login.Kind, login.Subject),
                    SignInDesk.CodePurpose,
                    key
                )
                : null,
        };
        return await _logins.WriteAsync(
            LoginStore.KeyOf(login.Kind, login.Login),
            document with
            {
                SecretHash = _hasher.HashPassword(document, login.Secret),
            },
            expected: 0,
            IdentityJson.Default.LoginDocument,
            cancellationToken
        );
    }

    /// <summary>Gives the login an authenticator, in place of any that it had.</summary>
    /// <returns>Its key in Base32, shown this once; null when there is no such login.</returns>
    public async Task<string?> AddAuthenticatorAsync(
        LoginKind kind,
        string login,
        CancellationToken cancellationToken
    )
    {
        var (document, version) = await _logins.FindAsync(kind, login, cancellationToken);
        if (document is null)
        {
            return null;
        }
        var key = Codes.NewKey();
        var changed = document with
        {
            SealedCodeKey = _vault.Seal(
                SignInDesk.SubjectOf(kind, document.Subject),
                SignInDesk.CodePurpose,
                key
            ),
            UsedCode = null,
            UsedCodeAt = null,
            // Who had the old one has no business with devices either.
            Devices = [],
        };
        return await _logins.WriteAsync(
            LoginStore.KeyOf(kind, login),
            changed,
            version,
            IdentityJson.Default.LoginDocument,
            cancellationToken
        )
            ? key
            : null;
    }

    /// <returns>False when there is no such login, or somebody else changed it at the same time.</returns>
    public async Task<bool> BlockAsync(
        LoginKind kind,
        string login,
        bool isBlocked,
        CancellationToken cancellationToken
    )
    {
        var (document, version) = await _logins.FindAsync(kind, login, cancellationToken);
        return document is not null
            && await _logins.WriteAsync(
                LoginStore.KeyOf(kind, login),
                document with
                {
                    IsBlocked = isBlocked,
                },
                version,
                IdentityJson.Default.LoginDocument,
                cancellationToken
            );
    }
}
