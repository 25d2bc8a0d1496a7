using Evenkeel.Banking;
using Evenkeel.Banking.Customers;
using Evenkeel.CardKeys;
using Evenkeel.Demo.Month;
using Evenkeel.Journal;
using Evenkeel.Journal.Decisions;
using Evenkeel.Node;
using Xunit;

namespace Evenkeel.Demo.Tests;

public sealed class MonthTests
{
    private static readonly bool IsLong =
        Environment.GetEnvironmentVariable("EVENKEEL_LONG") == "1";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_month_that_is_killed_at_any_point_ends_in_the_same_books()
    {
        foreach (var seed in IsLong ? Enumerable.Range(1, 10) : [1])
        {
            var options = IsLong
                ? new MonthOptions { Seed = seed }
                : new MonthOptions
                {
                    Seed = seed,
                    Persons = 4,
                    PaymentsADay = 5,
                };
            var (clean, _) = await RunAsync(options, kills: 0);
            var (killed, deaths) = await RunAsync(options, kills: IsLong ? 400 : 60);

            TestContext.Current.TestOutputHelper?.WriteLine(
                $"seed {seed}: {deaths} deaths, {clean}"
            );
            Assert.True(deaths > (IsLong ? 100 : 15), $"{deaths} deaths");
            Assert.Equal(clean, killed);
            Assert.True(clean.IsClean, clean.ToString());
            Assert.Equal(clean.DaysClosed, clean.DaysZeroSum);
            Assert.Equal(2, clean.MonthEnds);
            Assert.Equal(0, clean.InterestDifferenceMinor);
            Assert.Equal((0, 0), (clean.LoanDifferenceMinor, clean.BillDifferenceMinor));
            Assert.True(clean.LoansChecked > 0 && clean.BillsChecked > 0);
            Assert.True(clean.NotesAndCards > clean.DaysClosed, $"{clean.NotesAndCards}");
            Assert.True(clean.InterestPaidMinor > 0 && clean.InterestChargedMinor > 0);
        }
    }

    private static async Task<(MonthReport Report, int Deaths)> RunAsync(
        MonthOptions options,
        int kills
    )
    {
        var keys = Directory.CreateTempSubdirectory("evenkeel-month-").FullName;
        using var cardKeys = SoftwareCardKeys.Open(
            SoftwareCardKeys.Profile,
            Path.Combine(keys, "card-keys")
        );
        await using var node = await EvenkeelNode.StartAsync(
            new NodeOptions
            {
                DataDirectory = null,
                Protocol = null,
                RecordIndexes = Bank.RecordIndexes,
                OnFatal = static reason => Assert.Fail($"The node stopped: {reason}"),
            },
            Token
        );
        try
        {
            var random = new Random(options.Seed);
            for (var deaths = 0; ; deaths++)
            {
                // Each life is a new process: new bank, new queue, nothing remembered.
                var life = deaths < kills ? 1 + random.Next(150) : int.MaxValue;
                MortalJournal journal = new(node.Journal, life, random.Next(2) == 0);
                var bank = new Bank(
                    journal,
                    new DecisionQueue(journal),
                    new FilePersonKeys(keys),
                    TimeProvider.System,
                    cardKeys
                );
                try
                {
                    return (
                        await new SimulatedMonth(bank, options, cardKeys).RunAsync(null, Token),
                        deaths
                    );
                }
                catch (Exception) when (journal.IsGone)
                {
                    // As killed: whatever it was about to do is not done.
                }
            }
        }
        finally
        {
            Directory.Delete(keys, recursive: true);
        }
    }
}
