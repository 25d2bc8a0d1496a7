using Evenkeel.Identity.Library;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Identity;

namespace Evenkeel.Identity.Passkeys;

/// <summary>
/// Signing in with a passkey, by the library's handler. Nothing is counted against a login here: a
/// signature can't be guessed, so there is nothing to slow down and nothing that a stranger could use up.
/// </summary>
internal sealed class PasskeySignIns(
    LoginLibrary library,
    Challenges challenges,
    ISignInAudit audit,
    TimeProvider time
)
{
    /// <summary>In the audit: the count of signatures went back, so there may be a copy of the passkey.</summary>
    internal const string CountBack = "passkey-count-back";

    public async Task<QueryAnswer<PasskeyChallenge>> ChallengeAsync(
        PasskeyPrompt prompt,
        CancellationToken cancellationToken
    )
    {
        if (
            prompt.Kind == LoginKind.None
            || prompt.Login is { Length: 0 or > IdentityLimits.LoginCharsMax }
            || (prompt.Login is null && prompt.Session is not null)
        )
        {
            return new QueryAnswer<PasskeyChallenge>.Refused(OutcomeReason.Malformed);
        }
        try
        {
            using var users = library.Open(cancellationToken);
            // Only its own session is told which passkeys a login has. For anybody else no record is even
            // read: a login that exists and one that does not are the same question.
            var login = prompt is { Session: not null, Login: { } name }
                ? await users.FindByNameAsync(LoginUser.NameOf(prompt.Kind, name))
                : null;
            var (options, state) = await users.MakeRequestAsync(login);
            return new QueryAnswer<PasskeyChallenge>.Found(
                new PasskeyChallenge(
                    options,
                    challenges.Seal(
                        ChallengeUse.SignIn,
                        prompt.Kind,
                        prompt.Login,
                        prompt.Session,
                        state
                    )
                ),
                time.GetUtcNow()
            );
        }
        catch (IdentityUnavailableException)
        {
            return new QueryAnswer<PasskeyChallenge>.Refused(OutcomeReason.ServiceUnavailable);
        }
    }

    public async Task<SignInAnswer> SignInAsync(
        PasskeySignIn request,
        CancellationToken cancellationToken
    )
    {
        if (
            request.Credential.Length is 0 or > IdentityLimits.PasskeyCharsMax
            || challenges.Open(request.State, ChallengeUse.SignIn, request.Kind, request.Session)
                is not { } challenge
        )
        {
            return new SignInAnswer.Refused();
        }
        try
        {
            for (var tries = 0; tries < IdentityLimits.WriteTriesMax; tries++)
            {
                if (await TryAsync(request, challenge, cancellationToken) is { } answer)
                {
                    return answer;
                }
            }
            return new SignInAnswer.Unavailable();
        }
        catch (IdentityUnavailableException)
        {
            return new SignInAnswer.Unavailable();
        }
    }

    /// <returns>Null when somebody else changed the login meanwhile: it is looked at again.</returns>
    private async Task<SignInAnswer?> TryAsync(
        PasskeySignIn request,
        Challenge challenge,
        CancellationToken cancellationToken
    )
    {
        using var users = library.Open(cancellationToken);
        var shown = await users.AssertAsync(request.Credential, challenge.State);
        if (!shown.Succeeded)
        {
            await NoteCountAsync(request, challenge, cancellationToken);
            return new SignInAnswer.Refused();
        }
        var login = shown.User;
        if (!IsMeant(login, challenge) || login.Document.IsBlocked)
        {
            return new SignInAnswer.Refused();
        }
        if (challenges.Answered(login.Document, challenge) is not { } document)
        {
            return new SignInAnswer.Refused();
        }
        if (challenges.FullUntil(login.Document) is { } full)
        {
            return new SignInAnswer.NotBefore(full);
        }
        (login.Document, var kept) = Devices.Use(
            document,
            Devices.Find(login.Document, request.Device),
            time.GetUtcNow()
        );
        return (await users.AddOrUpdatePasskeyAsync(login, shown.Passkey)).Succeeded
            ? new SignInAnswer.SignedIn(login.ToActor(Assurance.Strong), kept)
            {
                Login = login.Login,
            }
            : null;
    }

    private static bool IsMeant(LoginUser login, Challenge challenge) =>
        challenge.Login is { } name ? login.Is(challenge.Kind, name) : login.Kind == challenge.Kind;

    /// <summary>
    /// The library says that it failed, not why. What would have been right but for the count is signed
    /// by the passkey or by a copy of it: that, and only that, is worth a line in the audit.
    /// </summary>
    private async Task NoteCountAsync(
        PasskeySignIn request,
        Challenge challenge,
        CancellationToken cancellationToken
    )
    {
        using var users = library.Open(forgetsCounts: true, cancellationToken);
        var shown = await users.AssertAsync(request.Credential, challenge.State);
        if (
            shown.Succeeded
            && IsMeant(shown.User, challenge)
            // The same answer again has an old count too, and proves no copy.
            && challenges.Answered(shown.User.Document, challenge) is not null
        )
        {
            await audit.WriteAsync(
                shown.User.ToActor(Assurance.Single),
                CountBack,
                cancellationToken
            );
        }
    }
}
