using Evenkeel.Payments;

namespace Evenkeel.Contract.Tests;

/// <content>Passkeys: remembers the last question of each kind.</content>
internal sealed partial class ScriptedBank
{
    public static readonly PasskeyChallenge Challenge = new("{}", "sealed");

    public static readonly PasskeyView Passkey = new(
        "k1",
        "phone",
        DateTimeOffset.UnixEpoch,
        DateTimeOffset.UnixEpoch.AddDays(1),
        IsSynced: true
    );

    public object? LastAsked { get; private set; }

    public Task<SignInAnswer> ConfirmAsync(
        CodeConfirmation request,
        CancellationToken cancellationToken
    )
    {
        LastAsked = request;
        return Task.FromResult<SignInAnswer>(new SignInAnswer.CodeNeeded());
    }

    public Task<QueryAnswer<PasskeyChallenge>> ChallengeAsync(
        PasskeyPrompt prompt,
        CancellationToken cancellationToken
    )
    {
        LastAsked = prompt;
        return Found(Challenge);
    }

    public Task<SignInAnswer> SignInWithPasskeyAsync(
        PasskeySignIn request,
        CancellationToken cancellationToken
    )
    {
        LastAsked = request;
        return Task.FromResult<SignInAnswer>(
            new SignInAnswer.SignedIn(new Actor.Staff("s", "B1"), "device") { Login = "s1" }
        );
    }

    public Task<QueryAnswer<PasskeyChallenge>> BeginAsync(
        PasskeyOwner owner,
        CancellationToken cancellationToken
    )
    {
        LastAsked = owner;
        return Found(Challenge);
    }

    public Task<QueryAnswer<PasskeyView>> AddAsync(
        PasskeyOwner owner,
        NewPasskey passkey,
        CancellationToken cancellationToken
    )
    {
        LastAsked = (owner, passkey);
        return Found(Passkey);
    }

    public Task<QueryAnswer<IReadOnlyList<PasskeyView>>> ListAsync(
        PasskeyOwner owner,
        CancellationToken cancellationToken
    )
    {
        LastAsked = owner;
        return Found<IReadOnlyList<PasskeyView>>([Passkey, Passkey with { LastUsed = null }]);
    }

    public Task<QueryAnswer<PasskeyView>> RemoveAsync(
        PasskeyOwner owner,
        string passkey,
        CancellationToken cancellationToken
    )
    {
        LastAsked = (owner, passkey);
        return Refused<PasskeyView>(OutcomeReason.LastSecondFactor);
    }
}
