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

    public async Task<QueryAnswer<PasskeyChallenge>> ChallengeAsync(
        PasskeyPrompt prompt,
        CancellationToken cancellationToken
    )
    {
        var wire = PasskeyMap.ToWire(prompt);
        return Answer(
            await _caller.CallAsync(
                nameof(Wire.Bank.BankClient.Challenge),
                (client, options) => client.ChallengeAsync(wire, options),
                static answer => Judge(answer.Refused),
                cancellationToken
            ),
            PasskeyMap.ToDomain
        );
    }

    public async Task<QueryAnswer<PasskeyChallenge>> BeginAsync(
        PasskeyOwner owner,
        CancellationToken cancellationToken
    )
    {
        var wire = PasskeyMap.ToWire(owner);
        return Answer(
            await _caller.CallAsync(
                nameof(Wire.Bank.BankClient.BeginPasskey),
                (client, options) => client.BeginPasskeyAsync(wire, options),
                static answer => Judge(answer.Refused),
                cancellationToken
            ),
            PasskeyMap.ToDomain
        );
    }

    public async Task<QueryAnswer<PasskeyView>> AddAsync(
        PasskeyOwner owner,
        NewPasskey passkey,
        CancellationToken cancellationToken
    )
    {
        var wire = PasskeyMap.ToWire(owner, passkey);
        return Answer(
            await _caller.CallAsync(
                nameof(Wire.Bank.BankClient.AddPasskey),
                (client, options) => client.AddPasskeyAsync(wire, options),
                static answer => Judge(answer.Refused),
                cancellationToken
            ),
            PasskeyMap.ToDomain
        );
    }

    public async Task<QueryAnswer<IReadOnlyList<PasskeyView>>> ListAsync(
        PasskeyOwner owner,
        CancellationToken cancellationToken
    )
    {
        var wire = PasskeyMap.ToWire(owner);
        return Answer(
            await _caller.CallAsync(
                nameof(Wire.Bank.BankClient.ListPasskeys),
                (client, options) => client.ListPasskeysAsync(wire, options),
                static answer => Judge(answer.Refused),
                cancellationToken
            ),
            PasskeyMap.ToDomain
        );
    }

    public async Task<QueryAnswer<PasskeyView>> RemoveAsync(
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
        return Answer(
            await _caller.CallAsync(
                nameof(Wire.Bank.BankClient.RemovePasskey),
                (client, options) => client.RemovePasskeyAsync(wire, options),
                static answer => Judge(answer.Refused),
                cancellationToken
            ),
            PasskeyMap.ToDomain
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
