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
        answer switch
        {
            QueryAnswer<PasskeyChallenge>.Found found => new()
            {
                AsOf = Scalars.ToWire(found.AsOf),
                Options = found.Value.Options,
                State = found.Value.State,
            },
            QueryAnswer<PasskeyChallenge>.Refused refused => new()
            {
                Refused = (uint)refused.Reason,
            },
            _ => throw new InvalidOperationException("A third kind of answer."),
        };

    public static QueryAnswer<PasskeyChallenge> ToDomain(Wire.PasskeyChallengeAnswer wire) =>
        ViewMap.Answer(
            wire.Refused,
            wire.AsOf,
            () => new PasskeyChallenge(wire.Options, wire.State)
        );

    public static Wire.PasskeyAnswer ToWire(QueryAnswer<PasskeyView> answer) =>
        answer switch
        {
            QueryAnswer<PasskeyView>.Found found => new()
            {
                AsOf = Scalars.ToWire(found.AsOf),
                Passkey = ToWire(found.Value),
            },
            QueryAnswer<PasskeyView>.Refused refused => new() { Refused = (uint)refused.Reason },
            _ => throw new InvalidOperationException("A third kind of answer."),
        };

    public static QueryAnswer<PasskeyView> ToDomain(Wire.PasskeyAnswer wire) =>
        ViewMap.Answer(wire.Refused, wire.AsOf, () => ToDomain(Needed(wire.Passkey)));

    public static Wire.PasskeysAnswer ToWire(QueryAnswer<IReadOnlyList<PasskeyView>> answer) =>
        answer switch
        {
            QueryAnswer<IReadOnlyList<PasskeyView>>.Found found => new()
            {
                AsOf = Scalars.ToWire(found.AsOf),
                Passkeys = { found.Value.Select(ToWire) },
            },
            QueryAnswer<IReadOnlyList<PasskeyView>>.Refused refused => new()
            {
                Refused = (uint)refused.Reason,
            },
            _ => throw new InvalidOperationException("A third kind of answer."),
        };

    public static QueryAnswer<IReadOnlyList<PasskeyView>> ToDomain(Wire.PasskeysAnswer wire) =>
        ViewMap.Answer<IReadOnlyList<PasskeyView>>(
            wire.Refused,
            wire.AsOf,
            () => [.. wire.Passkeys.Select(ToDomain)]
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
