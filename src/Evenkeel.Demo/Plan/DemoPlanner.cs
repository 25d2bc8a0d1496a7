using System.Globalization;
using Evenkeel.Demo.Names;

namespace Evenkeel.Demo.Plan;

/// <summary>Draws the plan. The same options give the same plan, on every machine.</summary>
public static class DemoPlanner
{
    internal const uint Cny = 156;
    private const uint Hkd = 344;
    private const uint Eur = 978;

    private const int PersonsPerLandlord = 10;
    private const int PersonsPerMachine = 50;

    private const int PayDay = 15;
    private const int RentDay = 1;
    private const int SupplierDay = 25;

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
            [.. book.Billers.Select((name, i) => new DemoBiller($"BILLER{i + 1}", name))],
            [.. Routines(customers, book.Billers.Length, random)]
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
        var opening = role == DemoRole.Factory ? 800_000_000L : random.Next(2_000_000, 9_000_000);
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
            name,
            book.Address(random),
            Phone(random),
            accounts,
            Loan: null,
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
        return new DemoCustomer(
            reference,
            role,
            book.Person(random),
            book.Address(random),
            Phone(random),
            accounts,
            random.Next(5) == 0
                ? new DemoLoan(
                    $"{reference}/current",
                    PrincipalMinor: random.Next(10, 200) * 100_000L,
                    Months: 12 * random.Next(1, 6),
                    DueDay: random.Next(1, 29)
                )
                : null,
            HasCard: role == DemoRole.Person
        );
    }

    private static IEnumerable<DemoTerminal> Terminals(DemoOptions options, NameBook book)
    {
        for (var branch = 0; branch < book.Branches.Length; branch++)
        {
            yield return new DemoTerminal(
                $"TILL{branch + 1:D4}",
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

    private static IEnumerable<DemoRoutine> Routines(
        List<DemoCustomer> customers,
        int billers,
        Random random
    )
    {
        var landlords = customers.FindAll(static c => c.Role == DemoRole.Landlord);
        var factory = customers.Find(static c => c.Role == DemoRole.Factory)!.Accounts[0];
        foreach (var customer in customers)
        {
            var account = customer.Accounts[0].Reference;
            switch (customer.Role)
            {
                case DemoRole.Supplier:
                    yield return new(
                        DemoRoutineKind.Supplier,
                        factory.Reference,
                        account,
                        Cny,
                        random.Next(1_000_000, 6_000_000),
                        SupplierDay
                    );
                    break;
                case DemoRole.Person:
                    yield return new(
                        DemoRoutineKind.Salary,
                        factory.Reference,
                        account,
                        Cny,
                        random.Next(400_000, 1_800_000),
                        PayDay
                    );
                    yield return new(
                        DemoRoutineKind.Rent,
                        account,
                        landlords[random.Next(landlords.Count)].Accounts[0].Reference,
                        Cny,
                        random.Next(100_000, 400_000),
                        RentDay
                    );
                    yield return new(
                        DemoRoutineKind.Bill,
                        account,
                        $"BILLER{random.Next(billers) + 1}",
                        Cny,
                        random.Next(3_000, 40_000),
                        random.Next(1, 29)
                    );
                    if (customer.Accounts is [_, { Product: "savings" }, ..])
                    {
                        yield return new(
                            DemoRoutineKind.Saving,
                            account,
                            customer.Accounts[1].Reference,
                            Cny,
                            random.Next(10_000, 100_000),
                            PayDay + 1
                        );
                    }
                    break;
            }
        }
    }

    private static string Reference(string kind, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{kind}-{number + 1}");

    // From the range that is kept for stories: nobody is called.
    private static string Phone(Random random) =>
        $"+86 555 01{random.Next(100):D2} {random.Next(10_000):D4}";
}
