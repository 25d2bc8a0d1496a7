using System.Globalization;

namespace Evenkeel.Demo.Plan;

/// <summary>Who pays whom every month: wages, rents, insurance, bills, suppliers, savings.</summary>
internal static class DemoRoutines
{
    private const uint Cny = DemoPlanner.Cny;

    /// <summary>One of so many people works in a shop; the others at the factory.</summary>
    private const int ShopWorkersEvery = 5;

    public static IEnumerable<DemoRoutine> Of(
        List<DemoCustomer> customers,
        int billers,
        Random random
    )
    {
        var landlords = customers.FindAll(static c => c.Role == DemoRole.Landlord);
        var shops = customers.FindAll(static c => c.Role == DemoRole.Shop);
        var insurers = customers.FindAll(static c => c.Role == DemoRole.Insurer);
        var factory = customers.Find(static c => c.Role == DemoRole.Factory)!.Main;
        foreach (var customer in customers)
        {
            var account = customer.Main.Reference;
            switch (customer.Role)
            {
                case DemoRole.Supplier:
                    yield return new(
                        DemoRoutineKind.Supplier,
                        factory.Reference,
                        account,
                        Cny,
                        random.Next(1_000_000, 6_000_000),
                        DemoDays.Supplier
                    );
                    break;
                case DemoRole.Person:
                    yield return new(
                        DemoRoutineKind.Salary,
                        (
                            random.Next(ShopWorkersEvery) == 0 ? Pick(shops, random).Main : factory
                        ).Reference,
                        account,
                        Cny,
                        random.Next(400_000, 1_800_000),
                        DemoDays.Pay
                    );
                    yield return new(
                        DemoRoutineKind.Rent,
                        account,
                        Pick(landlords, random).Main.Reference,
                        Cny,
                        random.Next(100_000, 400_000),
                        DemoDays.Rent
                    );
                    yield return new(
                        DemoRoutineKind.Bill,
                        account,
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"BILLER{random.Next(billers) + 1}"
                        ),
                        Cny,
                        random.Next(3_000, 40_000),
                        random.Next(1, 29)
                    );
                    if (random.Next(3) == 0)
                    {
                        yield return new(
                            DemoRoutineKind.Insurance,
                            account,
                            Pick(insurers, random).Main.Reference,
                            Cny,
                            random.Next(5_000, 60_000),
                            DemoDays.Insurance
                        );
                    }
                    if (customer.Savings is { } savings)
                    {
                        yield return new(
                            DemoRoutineKind.Saving,
                            account,
                            savings.Reference,
                            Cny,
                            random.Next(10, 60) * 10_000L,
                            // After the wages.
                            DemoDays.Pay + 1
                        );
                    }
                    break;
            }
        }
    }

    /// <summary>The name under which its payer agrees it.</summary>
    public static string ReferenceOf(DemoRoutine routine) => $"{routine.Payer}/{routine.Kind}";

    private static DemoCustomer Pick(List<DemoCustomer> from, Random random) =>
        from[random.Next(from.Count)];
}
