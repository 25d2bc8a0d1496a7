using Evenkeel.Payments;

namespace Evenkeel.Channels.Tests.Rest;

/// <content>One passkey, which the bank takes for what its text says.</content>
internal sealed partial class PlayedBank
{
    /// <summary>What the browser brings back, as the bank gets it.</summary>
    public const string Credential = "{\"id\":\"right\"}";

    private static readonly PasskeyView Passkey = new(
        "k1",
        "phone",
        DateTimeOffset.UnixEpoch,
        null,
        IsSynced: true
    );

    public Task<SignInAnswer> ConfirmAsync(
        CodeConfirmation request,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<SignInAnswer>(
            request is { Login: RestBed.CustomerLogin, Code: "123456" }
                ? new SignInAnswer.SignedIn(new Actor.Customer(Owner, Assurance.Strong), null)
                : new SignInAnswer.Refused()
        );

    /// <summary>The state names who asked.</summary>
    public Task<QueryAnswer<PasskeyChallenge>> ChallengeAsync(
        PasskeyPrompt prompt,
        CancellationToken cancellationToken
    ) => Found(new PasskeyChallenge("{\"challenge\":\"AA\"}", $"{prompt.Login}/{prompt.Session}"));

    public Task<SignInAnswer> SignInWithPasskeyAsync(
        PasskeySignIn request,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<SignInAnswer>(
            request.Credential != Credential ? new SignInAnswer.Refused()
            : request.State == "another"
                ? new SignInAnswer.SignedIn(
                    new Actor.Customer(new CustomerId("C000000000002"), Assurance.Strong),
                    null
                )
                {
                    Login = "c2",
                }
            : request.State.EndsWith($"/{request.Session}", StringComparison.Ordinal)
                ? new SignInAnswer.SignedIn(new Actor.Customer(Owner, Assurance.Strong), "device")
                {
                    Login = RestBed.CustomerLogin,
                }
            : new SignInAnswer.Refused()
        );

    public Task<QueryAnswer<PasskeyChallenge>> BeginAsync(
        PasskeyOwner owner,
        CancellationToken cancellationToken
    ) =>
        owner.Actor is Actor.Customer { Assurance: Assurance.Strong }
            ? Found(new PasskeyChallenge("{\"challenge\":\"AA\"}", owner.Session))
            : Refused<PasskeyChallenge>(OutcomeReason.StrongAuthenticationRequired);

    public Task<QueryAnswer<PasskeyView>> AddAsync(
        PasskeyOwner owner,
        NewPasskey passkey,
        CancellationToken cancellationToken
    ) =>
        passkey.State == owner.Session && passkey.Credential == Credential
            ? Found(Passkey with { Name = passkey.Name })
            : Refused<PasskeyView>(OutcomeReason.PasskeyNotAccepted);

    public Task<QueryAnswer<IReadOnlyList<PasskeyView>>> ListAsync(
        PasskeyOwner owner,
        CancellationToken cancellationToken
    ) => Found<IReadOnlyList<PasskeyView>>([Passkey]);

    public Task<QueryAnswer<PasskeyView>> RemoveAsync(
        PasskeyOwner owner,
        string passkey,
        CancellationToken cancellationToken
    ) =>
        passkey == Passkey.Id ? Found(Passkey) : Refused<PasskeyView>(OutcomeReason.PasskeyUnknown);
}
