using System.Globalization;
using Evenkeel.Model;

namespace Evenkeel.Bench;

/// <summary>How one node and three are compared.</summary>
public sealed record ClusterSuiteOptions
{
    /// <summary>Nodes of the cluster that is compared with one.</summary>
    public const int Nodes = 3;

    public required int Accounts { get; init; }

    /// <summary>Clients that send batches.</summary>
    public required int Clients { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>Clients that send one transfer a request.</summary>
    public int SingleClients { get; init; } = 256;

    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Transfers a second that three nodes should carry (DESIGN section 9, row 2).</summary>
    public double Goal { get; init; } = 500_000;
}

/// <summary>
/// The same work on one node and then on a cluster on the same machine: batches, one transfer a
/// request, and one client alone.
/// </summary>
public sealed class ClusterSuite(
    ClusterSuiteOptions options,
    StartNode startOne,
    StartNode startCluster
)
{
    private readonly List<Measurement> _all = [];

    public async Task<PeerReport> RunAsync(
        IProgress<Measurement>? progress,
        CancellationToken cancellationToken
    )
    {
        var one = await MeasureAsync("one node", startOne, progress, cancellationToken);
        var three = await MeasureAsync("three nodes", startCluster, progress, cancellationToken);
        return new PeerReport(
            _all,
            [
                new GoalResult(
                    "2",
                    Invariant($"three nodes, durable on a quorum: at least {options.Goal:N0}/s"),
                    Invariant(
                        $"{three.Batches.TransfersPerSecond:N0}/s, {three.Batches.TransfersPerSecond / one.Batches.TransfersPerSecond:N2} of one node"
                    ),
                    three.Batches.TransfersPerSecond >= options.Goal
                ),
                new GoalResult(
                    "2 (singles)",
                    "for comparison: one transfer a request",
                    Invariant(
                        $"{three.Singles.TransfersPerSecond:N0}/s against {one.Singles.TransfersPerSecond:N0}/s"
                    ),
                    Met: null
                ),
                new GoalResult(
                    "2 (latency)",
                    "for comparison: one client alone, p50 and p99",
                    Invariant(
                        $"{three.Alone.P50Ms:N2}/{three.Alone.P99Ms:N2} ms against {one.Alone.P50Ms:N2}/{one.Alone.P99Ms:N2} ms"
                    ),
                    Met: null
                ),
            ]
        );
    }

    private async Task<(Measurement Batches, Measurement Singles, Measurement Alone)> MeasureAsync(
        string name,
        StartNode start,
        IProgress<Measurement>? progress,
        CancellationToken cancellationToken
    )
    {
        await using var bank = await start(cancellationToken);
        var load = new LedgerLoad(
            ClientTarget.Opener(bank.Endpoints, bank.ApiKey),
            new WorkloadOptions { Accounts = options.Accounts }
        );
        await load.SetUpAsync(null, cancellationToken);
        return (
            await RunAsync("batches", options.Clients, Limits.BatchEventsMax),
            await RunAsync("one a request", options.SingleClients, 1),
            await RunAsync("one client alone", 1, 1)
        );

        async Task<Measurement> RunAsync(string what, int clients, int batch)
        {
            var result = await load.RunAsync(
                $"{name}, {what}",
                clients,
                batch,
                options.WarmUp,
                options.Duration,
                cancellationToken
            );
            _all.Add(result);
            progress?.Report(result);
            return result;
        }
    }

    private static string Invariant(FormattableString text) =>
        text.ToString(CultureInfo.InvariantCulture);
}
