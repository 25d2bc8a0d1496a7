using System.Text.Json;
using Evenkeel.Journal;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Identity;

namespace Evenkeel.Identity.Library;

/// <summary>
/// The store of ASP.NET Core Identity over our records, for one request. A write is one operation: it
/// happens whole, and only if nobody changed the login meanwhile.
/// </summary>
/// <param name="requested">Ends the request; the library hands its own token to nobody.</param>
internal sealed partial class LoginUserStore(
    LoginStore logins,
    ISecretVault vault,
    TimeProvider time,
    CancellationToken requested
)
    : IUserPasswordStore<LoginUser>,
        IUserAuthenticatorKeyStore<LoginUser>,
        IUserPasskeyStore<LoginUser>
{
    internal const string CodePurpose = "authenticator";

    private static readonly IdentityErrorDescriber Errors = new();

    /// <summary>Other names that come and go with the next write.</summary>
    private readonly List<RecordKey> _added = [];
    private readonly List<RecordKey> _removed = [];

    public Task<string> GetUserIdAsync(LoginUser user, CancellationToken cancellationToken) =>
        Task.FromResult(user.Document.Handle ?? user.Name);

    public Task<string?> GetUserNameAsync(LoginUser user, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(user.Name);

    public Task<string?> GetNormalizedUserNameAsync(
        LoginUser user,
        CancellationToken cancellationToken
    ) => Task.FromResult<string?>(user.Name);

    /// <summary>A login keeps its name.</summary>
    public Task SetUserNameAsync(
        LoginUser user,
        string? userName,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException("A login keeps its name.");

    /// <summary>The name is its own normal form.</summary>
    public Task SetNormalizedUserNameAsync(
        LoginUser user,
        string? normalizedName,
        CancellationToken cancellationToken
    ) => Task.CompletedTask;

    public Task<IdentityResult> CreateAsync(LoginUser user, CancellationToken cancellationToken) =>
        WriteAsync(user, Errors.DuplicateUserName(user.Login));

    public Task<IdentityResult> UpdateAsync(LoginUser user, CancellationToken cancellationToken) =>
        WriteAsync(user, Errors.ConcurrencyFailure());

    /// <summary>Logins are blocked, never deleted: history names them.</summary>
    public Task<IdentityResult> DeleteAsync(LoginUser user, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Logins are blocked.");

    /// <param name="userId">What its passkeys say of their owner.</param>
    public Task<LoginUser?> FindByIdAsync(string userId, CancellationToken cancellationToken) =>
        FindByAliasAsync(LoginStore.AliasOfHandle(userId));

    /// <param name="normalizedUserName"><see cref="LoginUser.NameOf"/>.</param>
    public async Task<LoginUser?> FindByNameAsync(
        string normalizedUserName,
        CancellationToken cancellationToken
    )
    {
        var (document, version) = await logins.ReadAsync(
            LoginStore.KeyOf(normalizedUserName),
            IdentityJson.Default.LoginDocument,
            requested
        );
        return document is null
            ? null
            : new LoginUser(
                document.Kind,
                normalizedUserName[
                    (normalizedUserName.IndexOf('/', StringComparison.Ordinal) + 1)..
                ],
                document,
                version
            );
    }

    public Task SetPasswordHashAsync(
        LoginUser user,
        string? passwordHash,
        CancellationToken cancellationToken
    )
    {
        user.Document = user.Document with { SecretHash = passwordHash ?? "" };
        return Task.CompletedTask;
    }

    public Task<string?> GetPasswordHashAsync(
        LoginUser user,
        CancellationToken cancellationToken
    ) => Task.FromResult<string?>(user.Document.SecretHash);

    public Task<bool> HasPasswordAsync(LoginUser user, CancellationToken cancellationToken) =>
        Task.FromResult(user.Document.SecretHash.Length > 0);

    public Task SetAuthenticatorKeyAsync(
        LoginUser user,
        string key,
        CancellationToken cancellationToken
    )
    {
        SetAuthenticatorKey(user, key);
        return Task.CompletedTask;
    }

    public void SetAuthenticatorKey(LoginUser user, string key) =>
        user.Document = user.Document with
        {
            SealedCodeKey = vault.Seal(user.SealingSubject, CodePurpose, key),
        };

    public Task<string?> GetAuthenticatorKeyAsync(
        LoginUser user,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult(
            user.Document.SealedCodeKey is { } key
                ? vault.Open(user.SealingSubject, CodePurpose, key)
                : null
        );

    public void Dispose()
    {
        // Holds nothing: the journal is the node's.
    }

    private async Task<LoginUser?> FindByAliasAsync(RecordKey alias)
    {
        var (found, _) = await logins.ReadAsync(
            alias,
            IdentityJson.Default.AliasDocument,
            requested
        );
        return found is null
            ? null
            : await FindByNameAsync(LoginUser.NameOf(found.Kind, found.Login), requested);
    }

    private async Task<IdentityResult> WriteAsync(LoginUser user, IdentityError unless)
    {
        var key = LoginStore.KeyOf(user.Name);
        AliasDocument alias = new(user.Kind, user.Login);
        var isDone = await logins.CommitAsync(
            [
                LoginStore.Expect(key, user.Version),
                // Nobody else has this passkey: the library has looked, but not at the same moment.
                .. _added.Select(static added => new Guard.Absent(added)),
            ],
            [
                new RecordWrite(
                    key,
                    JsonSerializer.SerializeToUtf8Bytes(
                        user.Document,
                        IdentityJson.Default.LoginDocument
                    )
                ),
                .. _added.Select(added => new RecordWrite(
                    added,
                    JsonSerializer.SerializeToUtf8Bytes(alias, IdentityJson.Default.AliasDocument)
                )),
                .. _removed.Select(static removed => new RecordWrite(removed, Json: null)),
            ],
            requested
        );
        if (!isDone)
        {
            return IdentityResult.Failed(unless);
        }
        user.Version++;
        _added.Clear();
        _removed.Clear();
        return IdentityResult.Success;
    }
}
