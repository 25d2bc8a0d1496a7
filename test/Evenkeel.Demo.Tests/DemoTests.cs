using System.Text.Json;
using Evenkeel.Demo.Load.Customers;
using Evenkeel.Demo.Plan;
using Xunit;

namespace Evenkeel.Demo.Tests;

public sealed class DemoTests
{
    private static readonly DateOnly Day = new(2026, 11, 23);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("en")]
    [InlineData("zh-Hans")]
    [InlineData("zh-Hant")]
    public void The_same_seed_draws_the_same_bank_and_another_seed_another(string language)
    {
        DemoOptions options = new(Seed: 7, language, Persons: 40);

        Assert.Equal(Json(DemoPlanner.Draw(options)), Json(DemoPlanner.Draw(options)));
        Assert.NotEqual(
            Json(DemoPlanner.Draw(options)),
            Json(DemoPlanner.Draw(options with { Seed = 8 }))
        );

        static string Json(DemoPlan plan) => JsonSerializer.Serialize(plan);
    }

    [Fact]
    public void Everyone_whom_a_plan_names_is_in_it()
    {
        var plan = DemoPlanner.Draw(new DemoOptions(Persons: 60));
        var known = plan
            .Customers.SelectMany(static c => c.Accounts)
            .Select(static a => a.Reference)
            .Concat(plan.Billers.Select(static b => b.Code))
            .ToHashSet(StringComparer.Ordinal);

        Assert.All(plan.Routines, routine => Assert.Contains(routine.Payer, known));
        Assert.All(plan.Routines, routine => Assert.Contains(routine.Payee, known));
        Assert.Equal(known.Count, plan.Customers.Sum(c => c.Accounts.Count) + plan.Billers.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    public void Keys_of_authenticators_are_base32_of_twenty_bytes(int seed)
    {
        var key = DemoSecrets.CodeKeyOf(new DemoOptions(seed), "person-1");

        Assert.Equal(32, key.Length);
        Assert.All(key, static c => Assert.Contains(c, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"));
    }

    // RFC 6238, appendix B: the last six of its eight digits.
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1_111_111_109, "081804")]
    [InlineData(20_000_000_000, "353130")]
    public void The_authenticator_shows_the_codes_of_the_standard(long seconds, string code) =>
        Assert.Equal(
            code,
            Authenticator.CodeAt(
                "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
                DateTimeOffset.FromUnixTimeSeconds(seconds)
            )
        );

    [Fact]
    public async Task A_bank_built_twice_from_one_plan_is_the_same_bank_and_all_of_it_is_there()
    {
        await using var bed = await DemoBed.OpenAsync();
        var plan = DemoPlanner.Draw(new DemoOptions(Persons: 20));
        DemoPeriod period = new(Day);

        Assert.False((await bed.TakeInventoryAsync(plan)).IsWhole);
        var first = await bed.Builder.BuildAsync(plan, period, Token);
        var digest = bed.Node.ComputeDigest();
        var again = await bed.Builder.BuildAsync(plan, period, Token);

        Assert.Equal(first.Accounts, again.Accounts);
        Assert.Equal(digest.Ledger, bed.Node.ComputeDigest().Ledger);
        Assert.Equal(digest.Records, bed.Node.ComputeDigest().Records);
        var inventory = await bed.TakeInventoryAsync(plan);
        Assert.Empty(inventory.Missing);
        Assert.Equal(first.Accounts, inventory.Directory.Accounts);
        Assert.All(inventory.Counts, static count => Assert.Equal(count.Planned, count.There));
        var person = plan.Customers.First(static c => c is { Role: DemoRole.Person, Loan: null });
        Assert.Equal(
            person.Main.OpeningMinor,
            (await bed.AccountOfAsync(first, person)).Booked.Minor
        );
    }

    [Fact]
    public async Task A_bank_that_has_lived_paid_wages_and_rents_and_closed_each_day_in_balance()
    {
        await using var bed = await DemoBed.OpenAsync();
        var plan = DemoPlanner.Draw(new DemoOptions(Seed: 3, Persons: 24));
        // From the first to the last of October, with its wages on Thursday the 15th.
        DemoPeriod period = new(new DateOnly(2026, 11, 3), Days: 33);

        var directory = await bed.Builder.BuildAsync(plan, period, Token);

        Assert.Equal(period.Until, await bed.Bank.EndOfDay.BusinessDateAsync(Token));
        for (var date = period.First; date < period.Until; date = date.AddDays(1))
        {
            var balances = await bed.Bank.Books.FindAsync(date, Token);
            Assert.NotEmpty(balances);
            Assert.All(balances, static balance => Assert.True(balance.IsZeroSum));
        }
        var wages = plan.Routines.First(static r => r.Kind == DemoRoutineKind.Salary);
        var worker = plan.Customers.Single(c => c.Main.Reference == wages.Payee);
        var lines = await bed.StatementOfAsync(directory, worker, period);
        Assert.Single(
            lines,
            line =>
                line.Amount.Minor == wages.AmountMinor
                && line.BookingDate == new DateOnly(2026, 10, 15)
        );
        var rent = plan.Routines.First(r =>
            r.Kind == DemoRoutineKind.Rent && r.Payer == worker.Main.Reference
        );
        // The first of November is a Sunday.
        Assert.Contains(
            lines,
            line =>
                line.Amount.Minor == -rent.AmountMinor
                && line.BookingDate == new DateOnly(2026, 11, 2)
        );
        var borrower = plan.Customers.First(static c => c.Loan is not null);
        var loan = await bed.Bank.Loans.FindAsync(
            directory.Accounts[borrower.Loan!.Account],
            Token
        );
        Assert.InRange(loan!.Plan[0].Due, period.Until, period.Until.AddMonths(1));
        Assert.True(loan.Outstanding < loan.Principal);
        var debtor = plan.Customers.First(static c => c.CreditLine is not null);
        var line = await bed.Bank.CreditLines.FindAsync(
            directory.Accounts[debtor.CreditLine!.Account],
            Token
        );
        Assert.NotNull(line);

        var digest = bed.Node.ComputeDigest();
        await bed.Builder.BuildAsync(plan, period, Token);
        Assert.Equal(digest.Ledger, bed.Node.ComputeDigest().Ledger);
    }
}
