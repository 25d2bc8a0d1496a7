using Evenkeel.Ledger;
using Evenkeel.Node.Telemetry;
using Evenkeel.Replication;

namespace Evenkeel.Node.Recovery;

/// <summary>The recovered state and its log, before anything is served.</summary>
internal sealed class NodeCore : IAsyncDisposable
{
    public required NodeParts Parts { get; init; }

    public required NodeStateMachine Machine { get; init; }

    public required IReplicatedLog Log { get; init; }

    /// <summary>Why writes are refused (disk); null while they are not.</summary>
    public required Func<string?> DiskProblem { get; init; }

    public IReadOnlyList<string> Notes { get; init; } = [];

    public static Task<NodeCore> OpenAsync(
        NodeOptions options,
        NodeMetrics metrics,
        CancellationToken cancellationToken
    ) => OpenInMemoryAsync(options, metrics, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync();
        Parts.Dispose();
    }

    private static async Task<NodeCore> OpenInMemoryAsync(
        NodeOptions options,
        NodeMetrics metrics,
        CancellationToken cancellationToken
    )
    {
        string scratch = Directory.CreateTempSubdirectory("evenkeel-").FullName;
        var history = new MemoryHistory();
        var parts = new NodeParts
        {
            History = history,
            Ledger = new LedgerState(options.Ledger, history),
            RecordsPath = Path.Combine(scratch, "records.db"),
            RecordIndexes = options.RecordIndexes,
        };
        parts.OpenRecords();
        var machine = new NodeStateMachine(parts, metrics);
        var log = new InMemoryLog(machine);
        await log.StartAsync(cancellationToken);
        return new NodeCore
        {
            Parts = parts,
            Machine = machine,
            Log = log,
            DiskProblem = static () => null,
        };
    }
}
