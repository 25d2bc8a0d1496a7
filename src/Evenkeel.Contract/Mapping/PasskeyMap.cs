using Evenkeel.Payments;
using static Evenkeel.Contract.Mapping.Scalars;

namespace Evenkeel.Contract.Mapping;

/// <summary>Passkeys, there and back.</summary>
internal static class PasskeyMap
{
    public static Wire.PasskeyPrompt ToWire(PasskeyPrompt prompt)
    {
        Wire.PasskeyPrompt wire = new() { Kind = (uint)prompt.Kind };
        if (prompt.Login is { } login)
        {
            wire.Login = login;
        }
        if (prompt.Session is { } session)
        {
            wire.Session = session;
        }
        return wire;
    }

    public static PasskeyPrompt ToDomain(Wire.PasskeyPrompt wire) =>
        new(ToKnown<LoginKind>(wire.Kind))
        {
            Login = wire.HasLogin ? wire.Login : null,
            Session = wire.HasSession ? wire.Session : null,
        };

    public static Wire.PasskeySignIn ToWire(PasskeySignIn request)
    {
        Wire.PasskeySignIn wire = new()
        {
            Kind = (uint)request.Kind,
            State = request.State,
            Credential = request.Credential,
        };
        if (request.Session is { } session)
        {
            wire.Session = session;
        }
        if (request.Device is { } device)
        {
            wire.Device = device;
        }
        return wire;
    }

    public static PasskeySignIn ToDomain(Wire.PasskeySignIn wire) =>
        new(ToKnown<LoginKind>(wire.Kind), wire.State, wire.Credential)
        {
            Session = wire.HasSession ? wire.Session : null,
            Device = wire.HasDevice ? wire.Device : null,
        };

    public static Wire.PasskeyOwner ToWire(PasskeyOwner owner) =>
        new()
        {
            Actor = ActorMap.ToWire(owner.Actor),
            Login = owner.Login,
            Session = owner.Session,
        };

    public static Wire.AddPasskeyRequest ToWire(PasskeyOwner owner, NewPasskey passkey) =>
        new()
        {
            Owner = ToWire(owner),
            Name = passkey.Name,
            State = passkey.State,
            Credential = passkey.Credential,
        };

    public static NewPasskey ToDomain(Wire.AddPasskeyRequest wire) =>
        new(wire.Name, wire.State, wire.Credential);

    public static Wire.PasskeyChallengeAnswer ToWire(QueryAnswer<PasskeyChallenge> answer) =>
        Answers.ToWire<PasskeyChallenge, Wire.PasskeyChallengeAnswer>(
            answer,
            static (wire, value) =>
            {
                wire.Options = value.Options;
                wire.State = value.State;
            }
        );

    public static QueryAnswer<PasskeyChallenge> ToDomain(Wire.PasskeyChallengeAnswer wire) =>
        Answers.ToDomain(wire, static found => new PasskeyChallenge(found.Options, found.State));

    public static Wire.PasskeyAnswer ToWire(QueryAnswer<PasskeyView> answer) =>
        Answers.ToWire<PasskeyView, Wire.PasskeyAnswer>(
            answer,
            static (wire, value) => wire.Passkey = ToWire(value)
        );

    public static QueryAnswer<PasskeyView> ToDomain(Wire.PasskeyAnswer wire) =>
        Answers.ToDomain(wire, static found => ToDomain(Needed(found.Passkey)));

    public static Wire.PasskeysAnswer ToWire(QueryAnswer<IReadOnlyList<PasskeyView>> answer) =>
        Answers.ToWire<IReadOnlyList<PasskeyView>, Wire.PasskeysAnswer>(
            answer,
            static (wire, value) => wire.Passkeys.AddRange(value.Select(ToWire))
        );

    public static QueryAnswer<IReadOnlyList<PasskeyView>> ToDomain(Wire.PasskeysAnswer wire) =>
        Answers.ToDomain<IReadOnlyList<PasskeyView>, Wire.PasskeysAnswer>(
            wire,
            static found => [.. found.Passkeys.Select(ToDomain)]
        );

    private static Wire.PasskeyView ToWire(PasskeyView view)
    {
        Wire.PasskeyView wire = new()
        {
            Id = view.Id,
            Name = view.Name,
            Since = Scalars.ToWire(view.Since),
            IsSynced = view.IsSynced,
        };
        if (view.LastUsed is { } lastUsed)
        {
            wire.LastUsed = Scalars.ToWire(lastUsed);
        }
        return wire;
    }

    private static PasskeyView ToDomain(Wire.PasskeyView wire) =>
        new(
            wire.Id,
            wire.Name,
            ToInstant(wire.Since),
            wire.HasLastUsed ? ToInstant(wire.LastUsed) : null,
            wire.IsSynced
        );
}
