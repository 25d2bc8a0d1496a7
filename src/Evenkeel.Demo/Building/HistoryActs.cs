using System.Globalization;
using System.Text;
using Evenkeel.CardKeys;
using Evenkeel.Demo.Plan;
using Evenkeel.Payments;

namespace Evenkeel.Demo.Building;

/// <summary>Draws what customers did on a day of the past. The same plan and day give the same.</summary>
internal sealed class HistoryActs(
    DemoPlan plan,
    DemoDirectory directory,
    SoftwareCardKeys? cardKeys
)
{
    private const string Line = "demo-history";
    private const int WeekdayActsPercent = 45;
    private const int WeekendActsPercent = 80;
    private const int CardShare = 40;
    private const int ShopShare = 25;
    private const int FriendShare = 20;
    private const long NoteMinor = 10_000;
    private const uint Cny = DemoPlanner.Cny;

    private readonly DemoCustomer[] _people =
    [
        .. plan.Customers.Where(static c => c.Role == DemoRole.Person),
    ];
    private readonly DemoCustomer[] _shops =
    [
        .. plan.Customers.Where(static c => c.Role == DemoRole.Shop),
    ];
    private readonly DemoTerminal[] _machines = [.. DemoMachines.Played(plan)];
    private readonly DemoTerminal[] _shopTerminals =
    [
        .. plan.Terminals.Where(static t => t.Kind == DemoTerminalKind.ShopTerminal),
    ];

    public IEnumerable<PaymentInstruction> Of(DateOnly date)
    {
        // Seeded by plan and day: a day that was interrupted is drawn again as it was.
        Random random = new(unchecked((plan.Options.Seed * 486_187_739) + date.DayNumber));
        var percent = date.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday
            ? WeekendActsPercent
            : WeekdayActsPercent;
        foreach (var person in _people)
        {
            if (random.Next(100) < percent)
            {
                yield return ActOf(person, date, random);
            }
        }
        if (date.DayOfWeek == DayOfWeek.Friday)
        {
            foreach (var shop in _shops)
            {
                yield return TakingsOf(shop, date, random);
            }
        }
        if (DemoDays.IsSupplierDay(date))
        {
            foreach (
                var routine in plan.Routines.Where(static r => r.Kind == DemoRoutineKind.Supplier)
            )
            {
                yield return SupplierOf(routine, date);
            }
        }
    }

    private PaymentInstruction ActOf(DemoCustomer person, DateOnly date, Random random)
    {
        var draw = random.Next(100);
        var minor = random.Next(500, 30_000);
        if (draw < CardShare && cardKeys is not null)
        {
            return Purchase(person, date, minor, random);
        }
        if (draw < CardShare + ShopShare + FriendShare)
        {
            var payee =
                draw < CardShare + ShopShare
                    ? _shops[random.Next(_shops.Length)]
                    : OtherThan(person, random);
            // Who has a credit line pays with it now and then.
            var from =
                person.CreditLine is { } line && random.Next(2) == 0
                    ? directory.Accounts[line.Account]
                    : directory.MainOf(person);
            return Instruct(
                person,
                date,
                Channel.Online,
                new Actor.Customer(directory.Customers[person.Reference], Assurance.Strong),
                new Movement.CreditTransfer(from, new Creditor.Here(directory.MainOf(payee))),
                minor
            );
        }
        minor = (int)(NoteMinor * random.Next(1, 11));
        return person.Habit == DemoHabit.Counter || cardKeys is null || _machines.Length == 0
            ? Counter(
                person,
                date,
                random,
                till => new Movement.CashWithdrawal(
                    new Funding.OfAccount(directory.MainOf(person)),
                    till
                ),
                minor
            )
            : Withdrawal(person, date, minor, random);
    }

    private PaymentInstruction Purchase(
        DemoCustomer person,
        DateOnly date,
        long minor,
        Random random
    )
    {
        var terminal = _shopTerminals[random.Next(_shopTerminals.Length)];
        var shop = plan.Find(terminal.Owner);
        TerminalId id = new(terminal.Id);
        return Instruct(
            person,
            date,
            Channel.PointOfSale,
            new Actor.CardNetwork(Line),
            new Movement.CardPurchase(
                Use(person, pin: null),
                new Merchant(id, terminal.Id, "5411", shop.Name)
            ),
            minor,
            id
        );
    }

    private PaymentInstruction Withdrawal(
        DemoCustomer person,
        DateOnly date,
        long minor,
        Random random
    )
    {
        TerminalId machine = new(_machines[random.Next(_machines.Length)].Id);
        var card = DemoCards.Of(plan.Options, person)!;
        var pan = Encoding.ASCII.GetBytes(card.Number);
        var id = IdOf(person, date, Channel.CashMachine);
        // The PIN is sealed for this instruction, as the line's end does it.
        using var pad = cardKeys!.KeysOf(machine.Value);
        var pin = cardKeys.SealPin(
            pad.EncryptPin(Encoding.ASCII.GetBytes(card.Pin), pan)!,
            pan,
            machine.Value,
            Encoding.ASCII.GetBytes(id.ToString())
        )!;
        return Instruct(
            person,
            date,
            Channel.CashMachine,
            new Actor.CardNetwork(Line),
            new Movement.CashWithdrawal(
                new Funding.OfCard(Use(person, new Payments.SealedPin(pin.Value.Bytes))),
                machine
            ),
            minor,
            machine
        );
    }

    /// <summary>A shop brings its notes on Fridays.</summary>
    private PaymentInstruction TakingsOf(DemoCustomer shop, DateOnly date, Random random) =>
        Counter(
            shop,
            date,
            random,
            till => new Movement.CashDeposit(directory.MainOf(shop), till),
            NoteMinor * random.Next(20, 200)
        );

    private PaymentInstruction Counter(
        DemoCustomer customer,
        DateOnly date,
        Random random,
        Func<TerminalId, Movement> movement,
        long minor
    )
    {
        var teller = plan.Tellers[random.Next(plan.Tellers.Count)];
        TerminalId till = new(teller.Till);
        return Instruct(
            customer,
            date,
            Channel.Counter,
            new Actor.Staff(teller.Login, teller.Branch),
            movement(till),
            minor,
            till
        );
    }

    private PaymentInstruction SupplierOf(DemoRoutine routine, DateOnly date)
    {
        var factory = plan.Customers.First(c =>
            string.Equals(c.Main.Reference, routine.Payer, StringComparison.Ordinal)
        );
        var payment = Instruct(
            factory,
            date,
            Channel.Api,
            new Actor.ApiClient(factory.Reference, directory.Customers[factory.Reference]),
            new Movement.CreditTransfer(
                directory.Accounts[routine.Payer],
                new Creditor.Here(directory.Accounts[routine.Payee])
            ),
            routine.AmountMinor
        );
        // One payer, several payees on a day.
        return payment with { Id = payment.Id.Derive(routine.Payee) };
    }

    private PaymentInstruction Instruct(
        DemoCustomer customer,
        DateOnly date,
        Channel channel,
        Actor actor,
        Movement movement,
        long minor,
        TerminalId? terminal = null
    ) =>
        new()
        {
            Id = IdOf(customer, date, channel),
            Actor = actor,
            Origin = new Origin(channel, OriginMode.Normal, terminal),
            Movement = movement,
            Amount = new Money(minor, Cny),
            AskedAt = new DateTimeOffset(date, new TimeOnly(12, 0), TimeSpan.Zero),
        };

    private InstructionId IdOf(DemoCustomer customer, DateOnly date, Channel channel) =>
        InstructionId.From(
            channel,
            Line,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{plan.Options.Seed}/{customer.Reference}/{date:yyyy-MM-dd}"
            )
        );

    private CardUse Use(DemoCustomer person, Payments.SealedPin? pin)
    {
        var card = DemoCards.Of(plan.Options, person)!;
        return new CardUse(
            new Payments.CardToken(
                cardKeys!.TokenOf(Encoding.ASCII.GetBytes(card.Number)).ToString()
            ),
            card.ExpiryYearMonth,
            pin,
            // Contactless in a shop, chip and PIN at a machine.
            pin is null
                ? "071"
                : "051"
        );
    }

    private DemoCustomer OtherThan(DemoCustomer person, Random random)
    {
        var other = _people[random.Next(_people.Length)];
        return other == person ? _shops[0] : other;
    }
}
