using System.Buffers.Text;
using System.Security.Cryptography;
using Evenkeel.Identity.Library;
using Evenkeel.Payments;

namespace Evenkeel.Identity.Passkeys;

/// <summary>Passkeys come and go, by the library's handler.</summary>
internal sealed class PasskeyDesk(
    LoginLibrary library,
    Challenges challenges,
    ISecretVault vault,
    TimeProvider time
) : IPasskeys
{
    private const int HandleBytes = 32;
    private const int IdChars = 32;

    /// <summary>What is shown for the name of somebody who was forgotten.</summary>
    private const string Nameless = "-";

    public Task<QueryAnswer<PasskeyChallenge>> BeginAsync(
        PasskeyOwner owner,
        CancellationToken cancellationToken
    ) =>
        ForAsync<PasskeyChallenge>(
            owner,
            changes: true,
            async (users, login) =>
            {
                if (login.Document.Passkeys.Count >= IdentityLimits.PasskeysMax)
                {
                    return Refused<PasskeyChallenge>(OutcomeReason.PasskeyLimitReached);
                }
                if (login.Document.Handle is null)
                {
                    users.SetHandle(
                        login,
                        Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(HandleBytes))
                    );
                    if (!(await users.WriteAsync(login)).Succeeded)
                    {
                        return null;
                    }
                }
                var (options, state) = await users.MakeCreationAsync(login);
                return Found(
                    new PasskeyChallenge(
                        options,
                        challenges.Seal(
                            ChallengeUse.Add,
                            login.Kind,
                            login.Login,
                            owner.Session,
                            state
                        )
                    )
                );
            },
            cancellationToken
        );

    public Task<QueryAnswer<PasskeyView>> AddAsync(
        PasskeyOwner owner,
        NewPasskey passkey,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(passkey);
        return ForAsync<PasskeyView>(
            owner,
            changes: true,
            async (users, login) =>
            {
                var name = passkey.Name.Trim();
                if (
                    name.Length is 0 or > IdentityLimits.PasskeyNameCharsMax
                    || name.Any(char.IsControl)
                    || passkey.Credential.Length is 0 or > IdentityLimits.PasskeyCharsMax
                )
                {
                    return Refused<PasskeyView>(OutcomeReason.Malformed);
                }
                if (
                    challenges.Open(passkey.State, ChallengeUse.Add, login.Kind, owner.Session)
                        is not { } challenge
                    || !login.Is(challenge.Kind, challenge.Login ?? "")
                )
                {
                    return Refused<PasskeyView>(OutcomeReason.PasskeyNotAccepted);
                }
                if (challenges.Answered(login.Document, challenge) is not { } document)
                {
                    // The answer to the first one was lost on its way: the same again gets it.
                    return
                        login.Document.Passkeys.FirstOrDefault(p =>
                            string.Equals(p.MadeFor, challenge.Id, StringComparison.Ordinal)
                        )
                            is { } made
                        ? Found(ViewOf(login, made))
                        : Refused<PasskeyView>(OutcomeReason.PasskeyNotAccepted);
                }
                if (
                    login.Document.Passkeys.Count >= IdentityLimits.PasskeysMax
                    || challenges.FullUntil(login.Document) is not null
                )
                {
                    return Refused<PasskeyView>(OutcomeReason.PasskeyLimitReached);
                }
                var attested = await users.AttestAsync(passkey.Credential, challenge.State);
                if (
                    !attested.Succeeded
                    || !string.Equals(
                        attested.UserEntity.Id,
                        login.Document.Handle,
                        StringComparison.Ordinal
                    )
                )
                {
                    return Refused<PasskeyView>(OutcomeReason.PasskeyNotAccepted);
                }
                login.Document = document;
                login.Answering = challenge.Id;
                attested.Passkey.Name = name;
                return (await users.AddOrUpdatePasskeyAsync(login, attested.Passkey)).Succeeded
                    ? Found(ViewOf(login, login.Document.Passkeys[^1]))
                    : null;
            },
            cancellationToken
        );
    }

    public Task<QueryAnswer<IReadOnlyList<PasskeyView>>> ListAsync(
        PasskeyOwner owner,
        CancellationToken cancellationToken
    ) =>
        ForAsync<IReadOnlyList<PasskeyView>>(
            owner,
            changes: false,
            (_, login) =>
                Task.FromResult<QueryAnswer<IReadOnlyList<PasskeyView>>?>(
                    Found<IReadOnlyList<PasskeyView>>([
                        .. login.Document.Passkeys.Select(p => ViewOf(login, p)),
                    ])
                ),
            cancellationToken
        );

    public Task<QueryAnswer<PasskeyView>> RemoveAsync(
        PasskeyOwner owner,
        string passkey,
        CancellationToken cancellationToken
    ) =>
        ForAsync<PasskeyView>(
            owner,
            changes: true,
            async (users, login) =>
            {
                if (
                    login.Document.Passkeys.FirstOrDefault(p =>
                        string.Equals(IdOf(p), passkey, StringComparison.Ordinal)
                    )
                    is not { } removed
                )
                {
                    return Refused<PasskeyView>(OutcomeReason.PasskeyUnknown);
                }
                if (login.Document is { SealedCodeKey: null, Passkeys.Count: 1 })
                {
                    return Refused<PasskeyView>(OutcomeReason.LastSecondFactor);
                }
                return (await users.RemovePasskeyAsync(login, removed.CredentialId)).Succeeded
                    ? Found(ViewOf(login, removed))
                    : null;
            },
            cancellationToken
        );

    /// <param name="act">Null when somebody else changed the login meanwhile: it is done again.</param>
    private async Task<QueryAnswer<T>> ForAsync<T>(
        PasskeyOwner owner,
        bool changes,
        Func<LoginUsers, LoginUser, Task<QueryAnswer<T>?>> act,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(owner);
        if (
            owner.Kind is not (LoginKind.Customer or LoginKind.Staff)
            || owner.Login.Length is 0 or > IdentityLimits.LoginCharsMax
            || owner.Session.Length == 0
        )
        {
            return Refused<T>(OutcomeReason.NotAuthorised);
        }
        try
        {
            for (var tries = 0; tries < IdentityLimits.WriteTriesMax; tries++)
            {
                using var users = library.Open(cancellationToken);
                var login = await users.FindByNameAsync(LoginUser.NameOf(owner.Kind, owner.Login));
                if (login is null || login.Document.IsBlocked || !IsOwn(owner.Actor, login))
                {
                    return Refused<T>(OutcomeReason.NotAuthorised);
                }
                if (changes && !IsStrong(owner.Actor, login))
                {
                    return Refused<T>(OutcomeReason.StrongAuthenticationRequired);
                }
                if (await act(users, login) is { } answer)
                {
                    return answer;
                }
            }
            return Refused<T>(OutcomeReason.Busy);
        }
        catch (IdentityUnavailableException)
        {
            return Refused<T>(OutcomeReason.ServiceUnavailable);
        }
    }

    private static bool IsOwn(Actor actor, LoginUser login) =>
        actor switch
        {
            Actor.Customer customer => string.Equals(
                customer.Id.Value,
                login.Document.Subject,
                StringComparison.Ordinal
            ),
            Actor.Staff staff => string.Equals(
                staff.User,
                login.Document.Subject,
                StringComparison.Ordinal
            ),
            _ => false,
        };

    /// <summary>Staff with a second factor never sign in without it; without one they are not strong.</summary>
    private static bool IsStrong(Actor actor, LoginUser login) =>
        actor is Actor.Customer { Assurance: Assurance.Strong }
        || (actor is Actor.Staff && login.HasSecondFactor);

    private PasskeyView ViewOf(LoginUser login, PasskeyDocument passkey) =>
        new(
            IdOf(passkey),
            passkey.SealedName is { } name
                ? vault.Open(login.SealingSubject, LoginUserStore.PasskeyNamePurpose, name)
                    ?? Nameless
                : Nameless,
            passkey.Since,
            passkey.LastUsed,
            passkey.IsBackedUp
        );

    private static string IdOf(PasskeyDocument passkey) =>
        Convert.ToHexStringLower(SHA256.HashData(passkey.CredentialId))[..IdChars];

    private QueryAnswer<T> Found<T>(T value) => new QueryAnswer<T>.Found(value, time.GetUtcNow());

    private static QueryAnswer<T> Refused<T>(OutcomeReason reason) =>
        new QueryAnswer<T>.Refused(reason);
}
