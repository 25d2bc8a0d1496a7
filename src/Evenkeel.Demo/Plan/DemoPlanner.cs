using System.Globalization;
using Evenkeel.Banking.CreditLines;
using Evenkeel.Demo.Names;

namespace Evenkeel.Demo.Plan;

/// <summary>Draws the plan. The same options give the same plan, on every machine.</summary>
public static class DemoPlanner
{
    internal const uint Cny = 156;
    private const uint Hkd = 344;
    private const uint Eur = 978;

    /// <summary>People who sign in: making a login costs a tenth of a second of a processor.</summary>
    internal const int OnlineMax = 20;

    private const int PersonsPerLandlord = 10;
    private const int PersonsPerMachine = 50;

    /// <summary>One of so many people comes to the counter.</summary>
    private const int CounterEvery = 6;

    public static DemoPlan Draw(DemoOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Persons is < 1 or > DemoOptions.PersonsMax)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options),
                $"A demonstration bank has 1 to {DemoOptions.PersonsMax} people."
            );
        }
        var book = NameBook.Of(options.Language);
        // Seeded: a demonstration that can be shown again must be drawn again.
        Random random = new(options.Seed);
        List<DemoCustomer> customers =
        [
            .. book.Factories.Select(
                (name, i) => Company("factory", i, DemoRole.Factory, name, book, random)
            ),
            .. book.Suppliers.Select(
                (name, i) => Company("supplier", i, DemoRole.Supplier, name, book, random)
            ),
            .. book.Shops.Select(
                (name, i) => Company("shop", i, DemoRole.Shop, name, book, random)
            ),
            .. book.Insurers.Select(
                (name, i) => Company("insurer", i, DemoRole.Insurer, name, book, random)
            ),
        ];
        for (var i = 0; i <= options.Persons / PersonsPerLandlord; i++)
        {
            customers.Add(Person("landlord", i, DemoRole.Landlord, book, random));
        }
        for (var i = 0; i < options.Persons; i++)
        {
            customers.Add(Person("person", i, DemoRole.Person, book, random));
        }
        return new DemoPlan(
            options,
            customers,
            [.. Terminals(options, book)],
            [
                .. book.Branches.Select(
                    (branch, i) => new DemoTeller(Reference("teller", i), branch, Till(i))
                ),
            ],
            [.. book.Billers.Select((name, i) => new DemoBiller($"BILLER{i + 1}", name))],
            [.. DemoRoutines.Of(customers, book.Billers.Length, random)]
        );
    }

    private static DemoCustomer Company(
        string kind,
        int number,
        DemoRole role,
        string name,
        NameBook book,
        Random random
    )
    {
        var reference = Reference(kind, number);
        var opening = role == DemoRole.Factory ? 800_000_000L : random.Next(20_000_000, 60_000_000);
        List<DemoAccount> accounts =
        [
            new($"{reference}/current", "current", Cny, opening, OverdraftMinor: 0),
        ];
        if (role is DemoRole.Factory or DemoRole.Supplier)
        {
            accounts.Add(new($"{reference}/eur", "current", Eur, opening / 20, 0));
        }
        return new DemoCustomer(
            reference,
            role,
            DemoHabit.Program,
            name,
            book.Address(random),
            Phone(random),
            accounts,
            Loan: null,
            CreditLine: null,
            HasCard: false
        );
    }

    private static DemoCustomer Person(
        string kind,
        int number,
        DemoRole role,
        NameBook book,
        Random random
    )
    {
        var reference = Reference(kind, number);
        List<DemoAccount> accounts =
        [
            new(
                $"{reference}/current",
                "current",
                Cny,
                random.Next(50_000, 3_000_000),
                OverdraftMinor: random.Next(4) == 0 ? 200_000 : 0
            ),
        ];
        if (random.Next(2) == 0)
        {
            accounts.Add(
                new($"{reference}/savings", "savings", Cny, random.Next(100_000, 9_000_000), 0)
            );
        }
        if (random.Next(8) == 0)
        {
            accounts.Add(
                new($"{reference}/hkd", "current", Hkd, random.Next(10_000, 2_000_000), 0)
            );
        }
        var loan =
            random.Next(5) == 0
                ? new DemoLoan(
                    $"{reference}/loan",
                    accounts[0].Reference,
                    PrincipalMinor: random.Next(10, 200) * 100_000L,
                    Months: 12 * random.Next(1, 6),
                    DueDay: random.Next(1, 29)
                )
                : null;
        var line =
            random.Next(5) == 0
                ? CreditLine(reference, accounts[0].Reference, (DirectPayment)random.Next(3))
                : null;
        if (loan is not null)
        {
            accounts.Add(new(loan.Account, "loan", Cny, OpeningMinor: 0, OverdraftMinor: 0));
        }
        if (line is not null)
        {
            accounts.Add(new(line.Account, "credit-line", Cny, 0, random.Next(5, 40) * 100_000L));
        }
        return new DemoCustomer(
            reference,
            role,
            role != DemoRole.Person ? DemoHabit.Counter
                : number < OnlineMax ? DemoHabit.Online
                : number % CounterEvery == 0 ? DemoHabit.Counter
                : DemoHabit.Card,
            book.Person(random),
            book.Address(random),
            Phone(random),
            accounts,
            loan,
            line,
            HasCard: role == DemoRole.Person
        );
    }

    private static DemoCreditLine CreditLine(
        string reference,
        string settlement,
        DirectPayment direct
    ) => new($"{reference}/line", direct == DirectPayment.None ? null : settlement, direct);

    private static IEnumerable<DemoTerminal> Terminals(DemoOptions options, NameBook book)
    {
        for (var branch = 0; branch < book.Branches.Length; branch++)
        {
            yield return new DemoTerminal(
                Till(branch),
                DemoTerminalKind.Till,
                book.Branches[branch]
            );
        }
        var machines = Math.Max(2, options.Persons / PersonsPerMachine);
        for (var machine = 0; machine < machines; machine++)
        {
            yield return new DemoTerminal(
                $"ATM{machine + 1:D5}",
                DemoTerminalKind.CashMachine,
                book.Branches[machine % book.Branches.Length]
            );
        }
        for (var shop = 0; shop < book.Shops.Length; shop++)
        {
            yield return new DemoTerminal(
                $"POS{shop + 1:D5}",
                DemoTerminalKind.ShopTerminal,
                Reference("shop", shop)
            );
        }
    }

    private static string Till(int branch) =>
        string.Create(CultureInfo.InvariantCulture, $"TILL{branch + 1:D4}");

    private static string Reference(string kind, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{kind}-{number + 1}");

    // From the range that is kept for stories: nobody is called.
    private static string Phone(Random random) =>
        $"+86 555 01{random.Next(100):D2} {random.Next(10_000):D4}";
}
