using Microsoft.AspNetCore.Identity;

namespace Evenkeel.Identity.Library;

/// <content>Passkeys, as the library keeps them.</content>
internal sealed partial class LoginUserStore
{
    internal const string PasskeyNamePurpose = "passkey-name";

    /// <summary>Shows every passkey as if it had never counted: to learn whether only its count was wrong.</summary>
    public bool ForgetsCounts { get; init; }

    /// <summary>Gives the login a handle, written with the next write.</summary>
    public void SetHandle(LoginUser user, string handle)
    {
        user.Document = user.Document with { Handle = handle };
        _added.Add(LoginStore.AliasOfHandle(handle));
    }

    public Task AddOrUpdatePasskeyAsync(
        LoginUser user,
        UserPasskeyInfo passkey,
        CancellationToken cancellationToken
    )
    {
        var now = time.GetUtcNow();
        var passkeys = user.Document.Passkeys.ToList();
        var at = passkeys.FindIndex(p => IsOf(p, passkey.CredentialId));
        if (at >= 0)
        {
            passkeys[at] = passkeys[at] with
            {
                SignCount = passkey.SignCount,
                IsBackedUp = passkey.IsBackedUp,
                LastUsed = now,
            };
        }
        else
        {
            // The library's own moment is the machine's clock; ours is the bank's.
            passkeys.Add(
                new PasskeyDocument(passkey.CredentialId, passkey.PublicKey, now)
                {
                    SealedName = vault.Seal(
                        user.SealingSubject,
                        PasskeyNamePurpose,
                        passkey.Name ?? ""
                    ),
                    SignCount = passkey.SignCount,
                    Transports = passkey.Transports ?? [],
                    IsBackupEligible = passkey.IsBackupEligible,
                    IsBackedUp = passkey.IsBackedUp,
                    MadeFor = user.Answering,
                }
            );
            _added.Add(LoginStore.AliasOfPasskey(passkey.CredentialId));
        }
        user.Document = user.Document with { Passkeys = passkeys };
        return Task.CompletedTask;
    }

    public Task<IList<UserPasskeyInfo>> GetPasskeysAsync(
        LoginUser user,
        CancellationToken cancellationToken
    ) => Task.FromResult<IList<UserPasskeyInfo>>([.. user.Document.Passkeys.Select(ToInfo)]);

    public Task<LoginUser?> FindByPasskeyIdAsync(
        byte[] credentialId,
        CancellationToken cancellationToken
    ) => FindByAliasAsync(LoginStore.AliasOfPasskey(credentialId));

    public Task<UserPasskeyInfo?> FindPasskeyAsync(
        LoginUser user,
        byte[] credentialId,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult(
            user.Document.Passkeys.FirstOrDefault(p => IsOf(p, credentialId)) is { } found
                ? ToInfo(found)
                : null
        );

    public Task RemovePasskeyAsync(
        LoginUser user,
        byte[] credentialId,
        CancellationToken cancellationToken
    )
    {
        user.Document = user.Document with
        {
            Passkeys = [.. user.Document.Passkeys.Where(p => !IsOf(p, credentialId))],
        };
        _removed.Add(LoginStore.AliasOfPasskey(credentialId));
        return Task.CompletedTask;
    }

    private static bool IsOf(PasskeyDocument passkey, ReadOnlySpan<byte> credentialId) =>
        credentialId.SequenceEqual(passkey.CredentialId);

    private UserPasskeyInfo ToInfo(PasskeyDocument passkey) =>
        new(
            passkey.CredentialId,
            passkey.PublicKey,
            passkey.Since,
            ForgetsCounts ? 0 : passkey.SignCount,
            [.. passkey.Transports],
            // Without it none is taken.
            isUserVerified: true,
            passkey.IsBackupEligible,
            passkey.IsBackedUp,
            // No statement is asked for, so there is none worth keeping.
            attestationObject: [],
            clientDataJson: []
        );
}
