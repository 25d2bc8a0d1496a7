using System.Text.Json;
using Evenkeel.Banking;
using Evenkeel.Banking.Customers;
using Evenkeel.CardKeys;
using Evenkeel.Demo.Plan;
using Evenkeel.Node;
using Evenkeel.Payments;
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

    [Fact]
    public async Task A_bank_built_twice_from_one_plan_is_the_same_bank()
    {
        var persons = Directory.CreateTempSubdirectory("evenkeel-demo-");
        await using var node = await EvenkeelNode.StartAsync(
            new NodeOptions
            {
                DataDirectory = null,
                Protocol = null,
                RecordIndexes = Bank.RecordIndexes,
            },
            Token
        );
        using var keys = SoftwareCardKeys.FromMaster(
            SoftwareCardKeys.Profile,
            Enumerable.Range(0, 32).Select(static i => (byte)i).ToArray()
        );
        Bank bank = new(
            node.Journal,
            node.Decisions,
            new FilePersonKeys(persons.FullName),
            TimeProvider.System,
            keys
        );
        var plan = DemoPlanner.Draw(new DemoOptions(Persons: 20));

        var first = await new DemoBuilder(bank, keys).BuildAsync(plan, new DemoPeriod(Day), Token);
        var digest = node.ComputeDigest();
        var again = await new DemoBuilder(bank, keys).BuildAsync(plan, new DemoPeriod(Day), Token);

        Assert.Equal(first.Accounts, again.Accounts);
        Assert.Equal(digest.Ledger, node.ComputeDigest().Ledger);
        Assert.Equal(digest.Records, node.ComputeDigest().Records);
        var person = plan.Customers.First(static c => c.Role == DemoRole.Person);
        var view = Assert.IsType<QueryAnswer<AccountView>.Found>(
            await bank.Queries.GetAccountAsync(
                new Actor.Customer(first.Customers[person.Reference], Assurance.Strong),
                first.Accounts[person.Accounts[0].Reference],
                Token
            )
        );
        Assert.Equal(person.Accounts[0].OpeningMinor, view.Value.Booked.Minor);
        persons.Delete(recursive: true);
    }
}
