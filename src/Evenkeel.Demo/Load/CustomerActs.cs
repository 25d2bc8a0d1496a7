using System.Globalization;
using Evenkeel.Demo.Plan;
using Evenkeel.Payments;

namespace Evenkeel.Demo.Load;

/// <summary>Draws what customers do next: who, what and how much, as the plan has them live.</summary>
internal sealed class CustomerActs(DemoPlan plan, DemoDirectory directory, int seed)
{
    private const int RentShare = 25;
    private const int FriendShare = 25;
    private const int ShopShare = 40;

    // Seeded: the same load can be asked again. One thread draws.
    private readonly Random _random = new(seed);
    private readonly DemoCustomer[] _people =
    [
        .. plan.Customers.Where(static c => c.Role == DemoRole.Person),
    ];
    private readonly DemoCustomer[] _shops =
    [
        .. plan.Customers.Where(static c => c.Role == DemoRole.Shop),
    ];
    private readonly DemoRoutine[] _rents =
    [
        .. plan.Routines.Where(static r => r.Kind == DemoRoutineKind.Rent),
    ];
    private long _number;

    /// <param name="run">Sets this run's references apart from those of every other run.</param>
    public PaymentInstruction Next(string run, DateTimeOffset now)
    {
        var (payer, from, to, minor) = Draw();
        var reference = string.Create(CultureInfo.InvariantCulture, $"{run}-{++_number}");
        return new PaymentInstruction
        {
            Id = InstructionId.From(Channel.Online, payer.Value, reference),
            Actor = new Actor.Customer(payer, Assurance.Strong),
            Origin = new Origin(Channel.Online),
            Movement = new Movement.CreditTransfer(from, new Creditor.Here(to)),
            Amount = new Money(minor, DemoPlanner.Cny),
            References = new References { EndToEndId = reference },
            AskedAt = now,
        };
    }

    private (CustomerId Payer, AccountNumber From, AccountNumber To, long Minor) Draw()
    {
        var draw = _random.Next(100);
        if (draw < RentShare)
        {
            var rent = _rents[_random.Next(_rents.Length)];
            var tenant = rent.Payer[..rent.Payer.IndexOf('/', StringComparison.Ordinal)];
            // A part of it: a month of rents would empty the tenants in a minute of load.
            return (
                directory.Customers[tenant],
                directory.Accounts[rent.Payer],
                directory.Accounts[rent.Payee],
                1 + (rent.AmountMinor / 100)
            );
        }
        var payer = _people[_random.Next(_people.Length)];
        var payee =
            draw < RentShare + ShopShare ? _shops[_random.Next(_shops.Length)]
            : draw < RentShare + ShopShare + FriendShare ? OtherThan(payer)
            // Wages come back: without them money would only flow to shops and landlords.
            : payer;
        if (payee == payer)
        {
            var shop = _shops[_random.Next(_shops.Length)];
            return (
                directory.Customers[shop.Reference],
                directory.Accounts[shop.Accounts[0].Reference],
                directory.Accounts[payer.Accounts[0].Reference],
                _random.Next(1_000, 60_000)
            );
        }
        return (
            directory.Customers[payer.Reference],
            directory.Accounts[payer.Accounts[0].Reference],
            directory.Accounts[payee.Accounts[0].Reference],
            _random.Next(100, 20_000)
        );
    }

    private DemoCustomer OtherThan(DemoCustomer payer)
    {
        var other = _people[_random.Next(_people.Length)];
        return other == payer ? _shops[0] : other;
    }
}
