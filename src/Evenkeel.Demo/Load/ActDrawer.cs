using System.Globalization;
using Evenkeel.Channels.Iso8583;
using Evenkeel.Demo.Load.Cards;
using Evenkeel.Demo.Plan;
using Evenkeel.Payments;

namespace Evenkeel.Demo.Load;

/// <summary>
/// Draws what customers do next: who, what and how much. Seeded: the same load can be asked again. One
/// thread draws.
/// </summary>
internal sealed class ActDrawer
{
    private const uint Cny = DemoPlanner.Cny;
    private const long NoteMinor = 10_000;

    /// <summary>Of what a program pays, what goes to suppliers, hundredths; the rest comes to people.</summary>
    private const int SupplierShare = 30;

    private readonly DemoDirectory _directory;
    private readonly Random _random;
    private readonly string _run;
    private readonly DemoCustomer[] _online;
    private readonly DemoCustomer[] _people;
    private readonly DemoCustomer[] _visitors;
    private readonly DemoCustomer[] _shops;
    private readonly DemoCustomer[] _suppliers;
    private readonly DemoCustomer _factory;
    private readonly DemoTeller[] _tellers;
    private readonly DemoTerminal[] _machines;
    private readonly DemoTerminal[] _shopTerminals;
    private readonly ILookup<string, DemoRoutine> _bills;
    private readonly Dictionary<string, List<AccountNumber>> _known = new(StringComparer.Ordinal);
    private long _number;
    private int _stan;

    /// <param name="run">Sets this run's references apart from those of every other run.</param>
    /// <param name="known">Whom customers have paid before.</param>
    public ActDrawer(
        DemoPlan plan,
        DemoDirectory directory,
        int seed,
        string run,
        IReadOnlyDictionary<string, IReadOnlyList<AccountNumber>> known
    )
    {
        _directory = directory;
        _random = new Random(seed);
        _run = run;
        _people = [.. plan.Customers.Where(static c => c.Role == DemoRole.Person)];
        _online = [.. _people.Where(static c => c.Habit == DemoHabit.Online)];
        _visitors = [.. plan.Customers.Where(static c => c.Habit == DemoHabit.Counter)];
        _shops = [.. plan.Customers.Where(static c => c.Role == DemoRole.Shop)];
        _suppliers = [.. plan.Customers.Where(static c => c.Role == DemoRole.Supplier)];
        _factory = plan.Customers.First(static c => c.Role == DemoRole.Factory);
        _tellers = [.. plan.Tellers];
        _machines = [.. DemoMachines.Played(plan)];
        _shopTerminals =
        [
            .. plan.Terminals.Where(static t => t.Kind == DemoTerminalKind.ShopTerminal),
        ];
        _bills = plan
            .Routines.Where(static r => r.Kind == DemoRoutineKind.Bill)
            .ToLookup(static r => r.Payer, StringComparer.Ordinal);
        foreach (var (customer, payees) in known)
        {
            _known[customer] = [.. payees];
        }
    }

    /// <param name="lived">The customers' own time of day.</param>
    public Act Next(DateTime lived, DateTimeOffset now)
    {
        var kind = Rhythm.Draw(lived, _random);
        return kind switch
        {
            ActKind.Look or ActKind.Statement => Ask(kind, Pick(_online), now),
            ActKind.OwnTransfer => OwnTransfer(now),
            ActKind.KnownPayee => KnownPayee(now),
            ActKind.NewPayee => NewPayee(Pick(_online), now),
            ActKind.Bill => Bill(now),
            ActKind.Purchase => Card(kind, Pick(_shopTerminals), _random.Next(500, 30_000), now),
            ActKind.Withdrawal => Card(kind, Pick(_machines), NoteMinor * _random.Next(1, 11), now),
            ActKind.CounterDeposit or ActKind.CounterWithdrawal => Counter(kind, now),
            ActKind.Program => Program(now),
            _ => throw new InvalidOperationException("An act of no kind."),
        };
    }

    private Act OwnTransfer(DateTimeOffset now)
    {
        var customer = Pick(_online);
        if (customer.Savings is not { } savings)
        {
            return Ask(ActKind.Look, customer, now);
        }
        var (from, to) = _random.Next(2) == 0 ? (customer.Main, savings) : (savings, customer.Main);
        return Online(
            ActKind.OwnTransfer,
            customer,
            _directory.Accounts[from.Reference],
            _directory.Accounts[to.Reference],
            _random.Next(100, 100_000),
            now
        );
    }

    private Act KnownPayee(DateTimeOffset now)
    {
        var customer = Pick(_online);
        return _known.TryGetValue(customer.Reference, out var payees) && payees.Count > 0
            ? Online(
                ActKind.KnownPayee,
                customer,
                _directory.MainOf(customer),
                payees[_random.Next(payees.Count)],
                _random.Next(100, 20_000),
                now
            )
            : NewPayee(customer, now);
    }

    private Act NewPayee(DemoCustomer customer, DateTimeOffset now)
    {
        var payee = _random.Next(3) == 0 ? Pick(_shops) : Pick(_people);
        if (payee == customer)
        {
            payee = _shops[0];
        }
        var account = _directory.MainOf(payee);
        if (!_known.TryGetValue(customer.Reference, out var payees))
        {
            _known[customer.Reference] = payees = [];
        }
        if (!payees.Contains(account))
        {
            payees.Add(account);
        }
        return Online(
            ActKind.NewPayee,
            customer,
            _directory.MainOf(customer),
            account,
            _random.Next(100, 20_000),
            now
        );
    }

    private Act Bill(DateTimeOffset now)
    {
        var customer = Pick(_online);
        var bill = _bills[customer.Main.Reference].First();
        return Online(
            ActKind.Bill,
            customer,
            _directory.MainOf(customer),
            creditor: null,
            // A part of the month's: a load lives through many months.
            1 + (bill.AmountMinor / 10) + _random.Next(100),
            now
        ) with
        {
            Biller = bill.Payee,
        };
    }

    private Act Counter(ActKind kind, DateTimeOffset now)
    {
        var customer = Pick(_visitors);
        var teller = Pick(_tellers);
        var account = _directory.MainOf(customer);
        var reference = Reference();
        return new Act(
            kind,
            customer,
            reference,
            InstructionId.From(Channel.Counter, teller.Login, reference),
            kind == ActKind.CounterWithdrawal ? account : null,
            kind == ActKind.CounterDeposit ? account : null,
            new Money(NoteMinor * _random.Next(1, 20), Cny),
            now
        )
        {
            Teller = teller,
        };
    }

    private Act Program(DateTimeOffset now)
    {
        var payee = _random.Next(100) < SupplierShare ? Pick(_suppliers) : Pick(_people);
        var reference = Reference();
        return new Act(
            ActKind.Program,
            _factory,
            reference,
            InstructionId.From(
                Channel.Api,
                _directory.Customers[_factory.Reference].Value,
                reference
            ),
            _directory.MainOf(_factory),
            _directory.MainOf(payee),
            new Money(_random.Next(1_000, 60_000), Cny),
            now
        );
    }

    private Act Card(ActKind kind, DemoTerminal terminal, long minor, DateTimeOffset now)
    {
        var holder = Pick(_people);
        _stan = (_stan % CardMessages.StanMax) + 1;
        Act act = new(
            kind,
            holder,
            IsoNumbers.Rrn(now, _stan),
            Id: null,
            _directory.MainOf(holder),
            Creditor: null,
            new Money(minor, Cny),
            now
        )
        {
            Terminal = terminal,
            Stan = _stan,
        };
        return act with { Id = CardMessages.IdOf(act) };
    }

    private Act Online(
        ActKind kind,
        DemoCustomer customer,
        AccountNumber debtor,
        AccountNumber? creditor,
        long minor,
        DateTimeOffset now
    )
    {
        var reference = Reference();
        return new Act(
            kind,
            customer,
            reference,
            InstructionId.From(
                Channel.Online,
                _directory.Customers[customer.Reference].Value,
                reference
            ),
            debtor,
            creditor,
            new Money(minor, Cny),
            now
        );
    }

    private Act Ask(ActKind kind, DemoCustomer customer, DateTimeOffset now) =>
        new(
            kind,
            customer,
            Reference(),
            Id: null,
            _directory.MainOf(customer),
            Creditor: null,
            Money.Zero(Cny),
            now
        );

    private string Reference() =>
        string.Create(CultureInfo.InvariantCulture, $"{_run}-{++_number}");

    private T Pick<T>(T[] from) => from[_random.Next(from.Length)];
}
