using Evenkeel.Ledger.Tests.Naive;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Ledger.Tests.Agreement;

public sealed class AgreementTests(ITestOutputHelper output)
{
    private const int FirstSeed = 20_260_000;
    private const int PlantedOperationsMax = 60_000;

    private static int OperationsTotal => TestScale.Of(120_000, whenLong: 1_500_000);

    [Fact]
    public void Ledger_agrees_with_the_naive_model_on_random_commands()
    {
        var counts = new StatusCounts();
        var operations = 0;
        var queries = 0;
        var seed = FirstSeed;
        for (; operations < OperationsTotal; seed++)
        {
            using var run = new AgreementRun(seed, counts);
            var difference = run.Run(OperationsOf(seed));
            Assert.True(difference is null, difference);
            operations += run.Operations;
            queries += run.Queries;
        }

        output.WriteLine(
            $"seeds {FirstSeed} to {seed - 1}: {operations} operations, {queries} queries"
        );
        Report(counts.Accounts);
        Report(counts.Transfers);
        Report(counts.Updates);
        Report(counts.Movements);
        Assert.Empty(StatusCounts.Missing(counts.Accounts));
        Assert.Empty(StatusCounts.Missing(counts.Transfers));
        Assert.Empty(StatusCounts.Missing(counts.Updates));
        Assert.Empty(StatusCounts.Missing(counts.Movements));
        Assert.Equal(AccountFlags.Known, counts.AccountFlags);
        Assert.Equal(TransferFlags.Known, counts.TransferFlags);
        Assert.Equal(AccountUpdateFlags.Known, counts.UpdateFlags);
    }

    public static TheoryData<string> PlantedBugs => [.. s_planted.Keys];

    [Theory]
    [MemberData(nameof(PlantedBugs))]
    public void A_planted_bug_is_found(string name)
    {
        var rules = s_planted[name]([.. TransferRules.All]);
        var counts = new StatusCounts();
        var operations = 0;
        for (var seed = FirstSeed; operations < PlantedOperationsMax; seed++)
        {
            using var run = new AgreementRun(seed, counts, rules);
            var difference = run.Run(OperationsOf(seed));
            operations += run.Operations;
            if (difference is not null)
            {
                output.WriteLine($"{name}: found after {operations} operations: {difference}");
                return;
            }
        }

        Assert.Fail($"{name} was not found in {operations} operations");
    }

    private static readonly Dictionary<
        string,
        Func<List<TransferRule>, List<TransferRule>>
    > s_planted = new(StringComparer.Ordinal)
    {
        ["a limit that forgets holds"] = rules =>
            Replace(
                rules,
                CreateTransferStatus.ExceedsCredits,
                c =>
                    !c.Resolves
                    && !c.Forced
                    && c.Debit!.Has(AccountFlags.DebitsMustNotExceedCredits)
                    && c.Debit.DebitsPosted + c.Amount > c.Debit.CreditsPosted + c.Debit.Allowance
            ),
        ["a limit that is off by one"] = rules =>
            Replace(
                rules,
                CreateTransferStatus.ExceedsDebits,
                c =>
                    !c.Resolves
                    && !c.Forced
                    && c.Credit!.Has(AccountFlags.CreditsMustNotExceedDebits)
                    && c.Credit.CreditsPending + c.Credit.CreditsPosted + c.Amount
                        >= c.Credit.DebitsPosted + c.Credit.Allowance
            ),
        ["force that opens closed accounts"] = rules =>
            Replace(
                rules,
                CreateTransferStatus.DebitAccountAlreadyClosed,
                c => !c.Forced && !c.Voids && c.Debit!.Has(AccountFlags.Closed)
            ),
        ["a failed id that may be used again"] = rules =>
            Replace(rules, CreateTransferStatus.IdAlreadyFailed, _ => false),
        ["two statuses in the wrong order"] = rules =>
            Swap(
                rules,
                CreateTransferStatus.DebitAccountNotFound,
                CreateTransferStatus.CreditAccountNotFound
            ),
        ["a forced post of a gone hold that is done again under new rules"] = rules =>
            Replace(
                rules,
                CreateTransferStatus.PendingTransferAlreadyPosted,
                c => c.Resolves && c.HoldState == TransferPendingStatus.Posted
            ),
        ["a forced post of a gone hold that is refused under old rules"] = rules =>
            Replace(
                rules,
                CreateTransferStatus.PendingTransferAlreadyPosted,
                c =>
                    c.Resolves
                    && (
                        c.HoldState == TransferPendingStatus.Posted
                        || (c.Revives && c.Hold!.ForcedPosted)
                    )
            ),
        ["a hold that is posted twice"] = rules =>
            Replace(rules, CreateTransferStatus.PendingTransferAlreadyPosted, _ => false),
    };

    // Most histories are short, so that many start from nothing; some are long.
    private static int OperationsOf(int seed) => seed % 10 == 0 ? 5_000 : 600;

    private static List<TransferRule> Replace(
        List<TransferRule> rules,
        CreateTransferStatus status,
        Func<TransferCase, bool> applies
    )
    {
        rules[rules.FindIndex(rule => rule.Status == status)] = new TransferRule(status, applies);
        return rules;
    }

    private static List<TransferRule> Swap(
        List<TransferRule> rules,
        CreateTransferStatus first,
        CreateTransferStatus second
    )
    {
        var i = rules.FindIndex(rule => rule.Status == first);
        var j = rules.FindIndex(rule => rule.Status == second);
        (rules[i], rules[j]) = (rules[j], rules[i]);
        return rules;
    }

    private void Report<TKey>(Dictionary<TKey, int> counts)
        where TKey : struct, Enum
    {
        foreach (var (status, count) in counts.OrderBy(entry => entry.Value))
        {
            output.WriteLine($"{count, 9} {typeof(TKey).Name}.{status}");
        }
    }
}
