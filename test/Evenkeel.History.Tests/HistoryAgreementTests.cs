using Evenkeel.Ledger.Tests.Agreement;
using Evenkeel.Node.History;

namespace Evenkeel.History.Tests;

/// <summary>
/// The ledger on history files of small segments, with their sorted side indexes, agrees with the
/// naive model in every answer and every query.
/// </summary>
public sealed class HistoryAgreementTests(ITestOutputHelper output)
{
    private const int FirstSeed = 7_100;

    [Fact]
    public void Ledger_on_history_files_agrees_with_the_naive_model()
    {
        var counts = new StatusCounts();
        var operationsMin = Kit.IsLong ? 400_000 : 12_000;
        var operations = 0;
        var queries = 0;
        var seed = FirstSeed;
        for (; operations < operationsMin; seed++)
        {
            using var scratch = new Scratch();
            using var history = FileHistory.Open(Kit.Options(scratch.Path));
            using var run = new AgreementRun(
                seed,
                counts,
                history: history,
                index: new FileTransferIndex(history)
            );
            var difference = run.Run(operations: 4_000);
            Assert.True(difference is null, difference);
            operations += run.Operations;
            queries += run.Queries;
        }

        output.WriteLine(
            $"seeds {FirstSeed} to {seed - 1}: {operations} operations, {queries} queries"
        );
    }
}
