using Evenkeel.Demo.Load;
using Evenkeel.Demo.Plan;
using Evenkeel.Payments;
using Xunit;

namespace Evenkeel.Demo.Tests;

public sealed class LoadTests
{
    private static readonly Dictionary<string, IReadOnlyList<AccountNumber>> Nobody = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_customers_were_told_is_what_the_bank_did_and_every_lie_is_found()
    {
        await using var bed = await DemoBed.OpenAsync();
        var plan = DemoPlanner.Draw(new DemoOptions(Persons: 20));
        var who = await bed.Builder.BuildAsync(
            plan,
            new DemoPeriod(DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime)),
            Token
        );
        var path = bed.PathOf("truth.jsonl");
        LoadReport report;
        await using (TruthLog truth = new(path))
        {
            report = await new LoadGenerator(
                plan,
                who,
                new LoadOptions { PerSecond = 300, ResolvedMax = TimeSpan.Zero },
                Nobody,
                new BankDoor(bed.Bank, who, bed.Keys, plan.Options, losesEvery: 10),
                truth,
                TimeProvider.System
            ).RunAsync(TimeSpan.FromSeconds(1), Token);
        }

        Assert.InRange(report.Asked, 10, 2_000);
        Assert.Equal(
            report.Asked,
            report.Done + report.NotDone + report.BeingResolved + report.Unknown
        );
        Assert.InRange(report.Unknown, 1, report.Asked / 10);
        var check = await TruthCheck.RunAsync(path, bed.Bank.Queries, Token);
        Assert.Equal(report.Asked, check.Asked);
        Assert.Equal(report.Unknown, check.Unanswered);
        Assert.True(check.IsKept, string.Join('\n', check.Faults));
        Assert.InRange(check.FoundDone + check.FoundNotDone, 1, report.Unknown);

        var done = TruthLog.Read(path).First(static line => line.Outcome == ToldOutcome.Done);
        var asked = TruthLog.Read(path).First(line => line.Id == done.Id);
        var never = new string('a', 32);
        await LieAsync(
            path,
            // Done, but the bank never did it; asked for another amount; refused, but done.
            asked with
            {
                Id = never,
            },
            done with
            {
                Id = never,
            }
        );
        Assert.Contains(never, (await CheckAsync()).Lost.Concat((await CheckAsync()).NotFound));
        await LieAsync(path, asked with { Minor = asked.Minor + 1 });
        Assert.Contains(done.Id, (await CheckAsync()).OtherAmount);
        await LieAsync(path, asked, done with { Outcome = ToldOutcome.NotDone });
        Assert.Contains(done.Id, (await CheckAsync()).Reborn);
        await LieAsync(path, asked, done with { Outcome = ToldOutcome.Reversed });
        Assert.Contains(done.Id, (await CheckAsync()).Reborn);

        Task<TruthReport> CheckAsync() => TruthCheck.RunAsync(path, bed.Bank.Queries, Token);
    }

    [Theory]
    [InlineData("2026-11-23T03:00:00", ActKind.CounterDeposit, 0)]
    [InlineData("2026-11-22T12:00:00", ActKind.CounterDeposit, 0)]
    [InlineData("2026-11-23T12:00:00", ActKind.CounterDeposit, 2)]
    // The 15th of November 2026 is a Sunday: wages come on Friday.
    [InlineData("2026-11-13T12:00:00", ActKind.Look, 32)]
    [InlineData("2026-11-15T12:00:00", ActKind.Look, 16)]
    // The first is a Sunday as well: rents are due on Monday.
    [InlineData("2026-11-02T12:00:00", ActKind.KnownPayee, 22.5)]
    public void What_customers_do_follows_the_hour_and_the_day(
        string lived,
        ActKind kind,
        double weight
    ) =>
        Assert.Equal(
            weight,
            Rhythm.WeightOf(
                kind,
                DateTime.Parse(lived, System.Globalization.CultureInfo.InvariantCulture)
            ),
            precision: 6
        );

    [Fact]
    public void A_day_averages_to_the_rate_that_was_asked_for()
    {
        DateTime day = new(2026, 11, 24);

        Assert.Equal(
            24,
            Enumerable.Range(0, 24).Sum(hour => Rhythm.FactorAt(day.AddHours(hour))),
            precision: 6
        );
    }

    [Fact]
    public void The_same_seed_draws_the_same_acts()
    {
        var plan = DemoPlanner.Draw(new DemoOptions(Persons: 30));
        DemoDirectory who = new(
            plan.Customers.ToDictionary(
                static c => c.Reference,
                static c => new CustomerId(c.Reference),
                StringComparer.Ordinal
            ),
            plan.Customers.SelectMany(static c => c.Accounts)
                .Index()
                .ToDictionary(
                    static a => a.Item.Reference,
                    static a => AccountNumber.FromSerial((ulong)a.Index + 1),
                    StringComparer.Ordinal
                )
        );

        Assert.Equal(Draw(1), Draw(1));
        Assert.NotEqual(Draw(1), Draw(2));
        var acts = Draw(1);
        Assert.Equal(
            acts.Count(static a => a.Moves),
            acts.Where(static a => a.Moves).Select(static a => a.Id).Distinct().Count()
        );
        // Only the machine's own process pays out in its name.
        Assert.DoesNotContain(acts, static a => a.Terminal?.Id == DemoMachines.Process);

        List<Act> Draw(int seed)
        {
            ActDrawer drawer = new(plan, who, seed, "run", Nobody);
            return
            [
                .. Enumerable
                    .Range(0, 300)
                    .Select(_ =>
                        drawer.Next(new DateTime(2026, 11, 23, 12, 0, 0), DateTimeOffset.UnixEpoch)
                    ),
            ];
        }
    }

    private static async Task LieAsync(string path, params TruthLine[] lines) =>
        await File.AppendAllLinesAsync(path, lines.Select(TruthLog.TextOf), Token);
}
