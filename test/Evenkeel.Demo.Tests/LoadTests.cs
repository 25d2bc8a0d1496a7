using Evenkeel.Banking;
using Evenkeel.Banking.Customers;
using Evenkeel.Demo.Load;
using Evenkeel.Demo.Plan;
using Evenkeel.Node;
using Evenkeel.Payments;
using Xunit;

namespace Evenkeel.Demo.Tests;

public sealed class LoadTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_customers_were_told_is_what_the_bank_did_and_a_lie_is_found()
    {
        var directory = Directory.CreateTempSubdirectory("evenkeel-load-");
        await using var node = await EvenkeelNode.StartAsync(
            new NodeOptions
            {
                DataDirectory = null,
                Protocol = null,
                RecordIndexes = Bank.RecordIndexes,
            },
            Token
        );
        Bank bank = new(
            node.Journal,
            node.Decisions,
            new FilePersonKeys(Path.Combine(directory.FullName, "persons")),
            TimeProvider.System
        );
        var plan = DemoPlanner.Draw(new DemoOptions(Persons: 20));
        var who = await new DemoBuilder(bank).BuildAsync(
            plan,
            new DemoPeriod(new DateOnly(2026, 11, 23)),
            Token
        );
        var path = Path.Combine(directory.FullName, "truth.jsonl");
        LoadReport report;
        await using (TruthLog truth = new(path))
        {
            report = await new LoadGenerator(
                plan,
                who,
                new LoadOptions { PerSecond = 300 },
                bank.Payments,
                truth,
                TimeProvider.System
            ).RunAsync(TimeSpan.FromSeconds(1), Token);
        }

        Assert.InRange(report.Asked, 10, 2_000);
        Assert.Equal(report.Asked, report.Done + report.NotDone + report.BeingResolved);
        var check = await TruthCheck.RunAsync(path, bank.Queries, Token);
        Assert.Equal(report.Asked, check.Asked);
        Assert.Equal(0, check.Unanswered);
        Assert.True(check.IsKept, string.Join('\n', [.. check.Lost, .. check.Reborn]));

        // A "done" that the bank never did, and a "not done" that it did.
        var done = TruthLog.Read(path).First(static line => line.Outcome == "done").Id;
        await File.AppendAllLinesAsync(
            path,
            [
                $$"""{"event":"told","id":"{{new string('a', 32)}}","at":"2026-11-23T00:00:00Z","outcome":"done"}""",
                $$"""{"event":"told","id":"{{done}}","at":"2026-11-23T00:00:00Z","outcome":"notDone"}""",
            ],
            Token
        );
        var lies = await TruthCheck.RunAsync(path, bank.Queries, Token);
        Assert.Equal([new string('a', 32)], lies.Lost);
        Assert.Equal([done], lies.Reborn);
        directory.Delete(recursive: true);
    }
}
