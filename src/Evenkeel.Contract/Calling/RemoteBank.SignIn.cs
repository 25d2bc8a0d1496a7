using Evenkeel.Contract.Mapping;
using Evenkeel.Payments;
using Grpc.Core;

namespace Evenkeel.Contract.Calling;

/// <content>Who somebody is, and by what they show it.</content>
public sealed partial class RemoteBank
{
    public Task<SignInAnswer> SignInAsync(
        SignInRequest request,
        CancellationToken cancellationToken
    )
    {
        var wire = SignInMap.ToWire(request);
        return AskWhoAsync(
            nameof(Wire.Bank.BankClient.SignIn),
            (client, options) => client.SignInAsync(wire, options),
            cancellationToken
        );
    }

    public Task<SignInAnswer> ConfirmAsync(
        CodeConfirmation request,
        CancellationToken cancellationToken
    )
    {
        var wire = SignInMap.ToWire(request);
        return AskWhoAsync(
            nameof(Wire.Bank.BankClient.Confirm),
            (client, options) => client.ConfirmAsync(wire, options),
            cancellationToken
        );
    }

    public Task<SignInAnswer> SignInWithPasskeyAsync(
        PasskeySignIn request,
        CancellationToken cancellationToken
    )
    {
        var wire = PasskeyMap.ToWire(request);
        return AskWhoAsync(
            nameof(Wire.Bank.BankClient.SignInWithPasskey),
            (client, options) => client.SignInWithPasskeyAsync(wire, options),
            cancellationToken
        );
    }

    public Task<QueryAnswer<PasskeyChallenge>> ChallengeAsync(
        PasskeyPrompt prompt,
        CancellationToken cancellationToken
    )
    {
        var wire = PasskeyMap.ToWire(prompt);
        return AskAsync(
            nameof(Wire.Bank.BankClient.Challenge),
            wire,
            static (client, request, options) => client.ChallengeAsync(request, options),
            PasskeyMap.ToDomain,
            cancellationToken
        );
    }

    public Task<QueryAnswer<PasskeyChallenge>> BeginAsync(
        PasskeyOwner owner,
        CancellationToken cancellationToken
    )
    {
        var wire = PasskeyMap.ToWire(owner);
        return AskAsync(
            nameof(Wire.Bank.BankClient.BeginPasskey),
            wire,
            static (client, request, options) => client.BeginPasskeyAsync(request, options),
            PasskeyMap.ToDomain,
            cancellationToken
        );
    }

    public Task<QueryAnswer<PasskeyView>> AddAsync(
        PasskeyOwner owner,
        NewPasskey passkey,
        CancellationToken cancellationToken
    )
    {
        var wire = PasskeyMap.ToWire(owner, passkey);
        return AskAsync(
            nameof(Wire.Bank.BankClient.AddPasskey),
            wire,
            static (client, request, options) => client.AddPasskeyAsync(request, options),
            PasskeyMap.ToDomain,
            cancellationToken
        );
    }

    public Task<QueryAnswer<IReadOnlyList<PasskeyView>>> ListAsync(
        PasskeyOwner owner,
        CancellationToken cancellationToken
    )
    {
        var wire = PasskeyMap.ToWire(owner);
        return AskAsync(
            nameof(Wire.Bank.BankClient.ListPasskeys),
            wire,
            static (client, request, options) => client.ListPasskeysAsync(request, options),
            PasskeyMap.ToDomain,
            cancellationToken
        );
    }

    public Task<QueryAnswer<PasskeyView>> RemoveAsync(
        PasskeyOwner owner,
        string passkey,
        CancellationToken cancellationToken
    )
    {
        Wire.RemovePasskeyRequest wire = new()
        {
            Owner = PasskeyMap.ToWire(owner),
            Passkey = passkey,
        };
        return AskAsync(
            nameof(Wire.Bank.BankClient.RemovePasskey),
            wire,
            static (client, request, options) => client.RemovePasskeyAsync(request, options),
            PasskeyMap.ToDomain,
            cancellationToken
        );
    }

    private async Task<SignInAnswer> AskWhoAsync(
        string method,
        Func<Wire.Bank.BankClient, CallOptions, AsyncUnaryCall<Wire.SignInAnswer>> call,
        CancellationToken cancellationToken
    )
    {
        var reply = await _caller.CallAsync(
            method,
            call,
            static _ => Finality.Final,
            cancellationToken
        );
        return reply.Value is { } answer
            ? SignInMap.ToDomain(answer)
            : new SignInAnswer.Unavailable();
    }
}
