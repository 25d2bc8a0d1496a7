using Evenkeel.Payments;

namespace Evenkeel.Contract.Mapping;

/// <summary>Who asks, and from where.</summary>
internal static class ActorMap
{
    public static Wire.Actor ToWire(Actor actor) =>
        actor switch
        {
            Actor.Customer customer => new() { Customer = ToWire(customer) },
            Actor.ApiClient client => new()
            {
                ApiClient = new()
                {
                    ClientId = client.ClientId,
                    OnBehalfOf = client.OnBehalfOf.Value,
                },
            },
            Actor.Staff staff => new() { Staff = ToWire(staff) },
            Actor.CardNetwork network => new() { CardNetwork = network.Line },
            Actor.Clearing clearing => new() { Clearing = clearing.Rail },
            Actor.Bank bank => new() { Bank = bank.Task },
            _ => throw new InvalidOperationException("An unknown actor."),
        };

    public static Actor ToDomain(Wire.Actor? actor) =>
        actor?.KindCase switch
        {
            Wire.Actor.KindOneofCase.Customer => new Actor.Customer(
                new CustomerId(actor.Customer.Id),
                Scalars.ToKnown<Assurance>(actor.Customer.Assurance)
            )
            {
                Login = actor.Customer.HasLogin ? actor.Customer.Login : null,
            },
            Wire.Actor.KindOneofCase.ApiClient => new Actor.ApiClient(
                actor.ApiClient.ClientId,
                new CustomerId(actor.ApiClient.OnBehalfOf)
            ),
            Wire.Actor.KindOneofCase.Staff => new Actor.Staff(
                actor.Staff.User,
                actor.Staff.Branch,
                actor.Staff.HasCheckedBy ? actor.Staff.CheckedBy : null
            ),
            Wire.Actor.KindOneofCase.CardNetwork => new Actor.CardNetwork(actor.CardNetwork),
            Wire.Actor.KindOneofCase.Clearing => new Actor.Clearing(actor.Clearing),
            Wire.Actor.KindOneofCase.Bank => new Actor.Bank(actor.Bank),
            _ => throw new ContractException("Nobody asks."),
        };

    private static Wire.Actor.Types.Customer ToWire(Actor.Customer customer)
    {
        Wire.Actor.Types.Customer wire = new()
        {
            Id = customer.Id.Value,
            Assurance = (uint)customer.Assurance,
        };
        if (customer.Login is { } login)
        {
            wire.Login = login;
        }
        return wire;
    }

    public static Wire.Origin ToWire(Origin origin)
    {
        Wire.Origin wire = new()
        {
            Channel = (uint)origin.Channel,
            Mode = (uint)origin.Mode,
            Session = origin.Session,
        };
        if (origin.Terminal is { } terminal)
        {
            wire.Terminal = terminal.Value;
        }
        return wire;
    }

    public static Origin ToDomain(Wire.Origin? origin)
    {
        var given = Scalars.Needed(origin);
        return new Origin(
            Scalars.ToKnown<Channel>(given.Channel),
            Scalars.ToKnown<OriginMode>(given.Mode),
            given.HasTerminal ? new TerminalId(given.Terminal) : null
        )
        {
            Session = given.Session,
        };
    }

    private static Wire.Actor.Types.Staff ToWire(Actor.Staff staff)
    {
        Wire.Actor.Types.Staff wire = new() { User = staff.User, Branch = staff.Branch };
        if (staff.CheckedBy is { } checker)
        {
            wire.CheckedBy = checker;
        }
        return wire;
    }
}
