using Evenkeel.Contract.Mapping;
using Evenkeel.Payments;
using Grpc.Core;

namespace Evenkeel.Contract.Serving;

/// <content>Who somebody is, and by what they show it.</content>
internal sealed partial class BankService
{
    public override async Task<Wire.SignInAnswer> SignIn(
        Wire.SignInRequest request,
        ServerCallContext context
    ) =>
        Still(
            await bank.SignIn.SignInAsync(SignInMap.ToDomain(request), context.CancellationToken)
        );

    public override async Task<Wire.SignInAnswer> Confirm(
        Wire.CodeConfirmation request,
        ServerCallContext context
    ) =>
        Still(
            await bank.SignIn.ConfirmAsync(SignInMap.ToDomain(request), context.CancellationToken)
        );

    public override async Task<Wire.PasskeyChallengeAnswer> Challenge(
        Wire.PasskeyPrompt request,
        ServerCallContext context
    ) =>
        PasskeyMap.ToWire(
            Still(
                await bank.SignIn.ChallengeAsync(
                    PasskeyMap.ToDomain(request),
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.SignInAnswer> SignInWithPasskey(
        Wire.PasskeySignIn request,
        ServerCallContext context
    ) =>
        Still(
            await bank.SignIn.SignInWithPasskeyAsync(
                PasskeyMap.ToDomain(request),
                context.CancellationToken
            )
        );

    public override async Task<Wire.PasskeyChallengeAnswer> BeginPasskey(
        Wire.PasskeyOwner request,
        ServerCallContext context
    ) =>
        PasskeyMap.ToWire(
            Still(await bank.Passkeys.BeginAsync(OwnerOf(request), context.CancellationToken))
        );

    public override async Task<Wire.PasskeyAnswer> AddPasskey(
        Wire.AddPasskeyRequest request,
        ServerCallContext context
    ) =>
        PasskeyMap.ToWire(
            Still(
                await bank.Passkeys.AddAsync(
                    OwnerOf(request.Owner),
                    PasskeyMap.ToDomain(request),
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.PasskeysAnswer> ListPasskeys(
        Wire.PasskeyOwner request,
        ServerCallContext context
    ) =>
        PasskeyMap.ToWire(
            Still(await bank.Passkeys.ListAsync(OwnerOf(request), context.CancellationToken))
        );

    public override async Task<Wire.PasskeyAnswer> RemovePasskey(
        Wire.RemovePasskeyRequest request,
        ServerCallContext context
    ) =>
        PasskeyMap.ToWire(
            Still(
                await bank.Passkeys.RemoveAsync(
                    OwnerOf(request.Owner),
                    request.Passkey,
                    context.CancellationToken
                )
            )
        );

    private static PasskeyOwner OwnerOf(Wire.PasskeyOwner? wire)
    {
        var owner = Scalars.Needed(wire);
        return new PasskeyOwner(AskerOf(owner.Actor), owner.Login, owner.Session);
    }

    /// <summary>Who could not be verified since this node no longer leads is verified by the one that does.</summary>
    private Wire.SignInAnswer Still(SignInAnswer answer) =>
        answer is SignInAnswer.Unavailable && !options.Leads()
            ? throw Door.Certainly(StatusCode.FailedPrecondition, Door.NotLeader)
            : SignInMap.ToWire(answer);
}
