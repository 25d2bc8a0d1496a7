using Evenkeel.Payments;
using static Evenkeel.Contract.Mapping.Scalars;
using Kind = Evenkeel.Contract.Wire.SignInAnswer.KindOneofCase;

namespace Evenkeel.Contract.Mapping;

/// <summary>Signing in, there and back.</summary>
internal static class SignInMap
{
    public static Wire.SignInRequest ToWire(SignInRequest request)
    {
        Wire.SignInRequest wire = new()
        {
            Kind = (uint)request.Kind,
            Login = request.Login,
            Secret = request.Secret,
            Network = request.Network,
        };
        if (request.Code is { } code)
        {
            wire.Code = code;
        }
        if (request.Device is { } device)
        {
            wire.Device = device;
        }
        return wire;
    }

    public static SignInRequest ToDomain(Wire.SignInRequest wire) =>
        new(ToKnown<LoginKind>(wire.Kind), wire.Login, wire.Secret, wire.Network)
        {
            Code = wire.HasCode ? wire.Code : null,
            Device = wire.HasDevice ? wire.Device : null,
        };

    public static Wire.CodeConfirmation ToWire(CodeConfirmation request)
    {
        Wire.CodeConfirmation wire = new()
        {
            Kind = (uint)request.Kind,
            Login = request.Login,
            Code = request.Code,
            Network = request.Network,
        };
        if (request.Device is { } device)
        {
            wire.Device = device;
        }
        return wire;
    }

    public static CodeConfirmation ToDomain(Wire.CodeConfirmation wire) =>
        new(ToKnown<LoginKind>(wire.Kind), wire.Login, wire.Code, wire.Network)
        {
            Device = wire.HasDevice ? wire.Device : null,
        };

    public static Wire.SignInAnswer ToWire(SignInAnswer answer)
    {
        switch (answer)
        {
            case SignInAnswer.SignedIn signedIn:
                Wire.SignInAnswer.Types.SignedIn wire = new()
                {
                    Actor = ActorMap.ToWire(signedIn.Actor),
                };
                if (signedIn.Device is { } device)
                {
                    wire.Device = device;
                }
                wire.Scopes.AddRange(signedIn.Scopes);
                if (signedIn.Login is { } login)
                {
                    wire.Login = login;
                }
                return new() { SignedIn = wire };
            case SignInAnswer.CodeNeeded:
                return new() { CodeNeeded = new() };
            case SignInAnswer.Refused:
                return new() { Refused = new() };
            case SignInAnswer.NotBefore notBefore:
                return new() { NotBefore = Scalars.ToWire(notBefore.At) };
            case SignInAnswer.Unavailable:
                return new() { Unavailable = new() };
            default:
                throw new InvalidOperationException("An unknown answer to a sign-in.");
        }
    }

    public static SignInAnswer ToDomain(Wire.SignInAnswer wire) =>
        wire.KindCase switch
        {
            Kind.SignedIn => new SignInAnswer.SignedIn(
                ActorMap.ToDomain(wire.SignedIn.Actor),
                wire.SignedIn.HasDevice ? wire.SignedIn.Device : null
            )
            {
                Scopes = wire.SignedIn.Scopes.Count == 0 ? [] : [.. wire.SignedIn.Scopes],
                Login = wire.SignedIn.HasLogin ? wire.SignedIn.Login : null,
            },
            Kind.CodeNeeded => new SignInAnswer.CodeNeeded(),
            Kind.Refused => new SignInAnswer.Refused(),
            Kind.NotBefore => new SignInAnswer.NotBefore(ToInstant(wire.NotBefore)),
            Kind.Unavailable => new SignInAnswer.Unavailable(),
            _ => throw new ContractException("An unknown answer to a sign-in."),
        };
}
