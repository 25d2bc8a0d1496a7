using Evenkeel.Bench.Peers;
using Evenkeel.Model;

namespace Evenkeel.Bench;

/// <summary>What the comparison with the peers runs.</summary>
public sealed record PeerSuiteOptions
{
    public int Accounts { get; init; } = 1_000_000;
    public int SmallAccounts { get; init; } = 10_000;
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(2);
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);
    public int BatchClients { get; init; } = 4;
    public int SingleClients { get; init; } = 256;

    /// <summary>Where peers and nodes keep their files.</summary>
    public required string Folder { get; init; }
}

/// <summary>One goal of DESIGN section 9 and what this run says of it.</summary>
/// <param name="Goal">In words and numbers.</param>
/// <param name="Measured">The figure, with its unit.</param>
/// <param name="Met">Null for a comparison that has no goal of its own.</param>
public sealed record GoalResult(string Row, string Goal, string Measured, bool? Met);

/// <summary>All measurements of one run, and the goals they speak to.</summary>
public sealed record PeerReport(
    IReadOnlyList<Measurement> Measurements,
    IReadOnlyList<GoalResult> Goals
);

/// <summary>The same work on Evenkeel, PostgreSQL and SQLite, one after the other in one run.</summary>
public sealed class PeerSuite(PeerSuiteOptions options, StartNode startNode)
{
    private readonly List<Measurement> _all = [];

    public async Task<PeerReport> RunAsync(
        IProgress<Measurement>? progress,
        CancellationToken cancellationToken
    )
    {
        var small = new WorkloadOptions { Accounts = options.SmallAccounts };
        var large = new WorkloadOptions { Accounts = options.Accounts };
        var hot = large with { HotPercent = 50 };

        Measurement postgresOne,
            postgresOneLarge,
            postgresHot,
            postgres256;
        await using (
            var server = await PostgresServer.StartAsync(options.Folder, cancellationToken)
        )
        {
            var peer = new PostgresPeer(server, small);
            await peer.SetUpAsync(cancellationToken);
            postgresOne = Keep(
                await peer.OneByOneAsync(16, options.WarmUp, options.Duration, cancellationToken)
            );
            postgres256 = Keep(
                await peer.OneByOneAsync(
                    options.SingleClients,
                    options.WarmUp,
                    options.Duration,
                    cancellationToken
                )
            );
            Keep(
                await peer.BatchedAsync(
                    Limits.BatchEventsMax,
                    options.WarmUp,
                    options.Duration,
                    cancellationToken
                )
            );

            var largePeer = new PostgresPeer(server, large);
            await largePeer.SetUpAsync(cancellationToken);
            postgresOneLarge = Keep(
                await largePeer.OneByOneAsync(
                    16,
                    options.WarmUp,
                    options.Duration,
                    cancellationToken
                )
            );
            Keep(
                await largePeer.BatchedAsync(
                    Limits.BatchEventsMax,
                    options.WarmUp,
                    options.Duration,
                    cancellationToken
                )
            );
            var hotPeer = new PostgresPeer(server, small with { HotPercent = 50 });
            await hotPeer.SetUpAsync(cancellationToken);
            postgresHot = Keep(
                await hotPeer.OneByOneAsync(16, options.WarmUp, options.Duration, cancellationToken)
            );
        }
        await SqliteAsync(small, cancellationToken);

        Measurement uniform,
            hotResult,
            single256,
            latency;
        await using (var node = await startNode(cancellationToken))
        {
            var open = ClientTarget.Opener(node.Endpoints, node.ApiKey);
            var load = new LedgerLoad(open, large with { Seed = 11 });
            await load.SetUpAsync(null, cancellationToken);
            uniform = Keep(await BatchesAsync(load, "Evenkeel, batches", cancellationToken));
            var hotLoad = new LedgerLoad(open, hot with { Seed = 22 });
            hotResult = Keep(
                await BatchesAsync(
                    hotLoad,
                    "Evenkeel, batches, half on one hot account",
                    cancellationToken
                )
            );
            var zipf = new LedgerLoad(
                open,
                large with
                {
                    Seed = 33,
                    Distribution = Distribution.Zipf,
                }
            );
            Keep(await BatchesAsync(zipf, "Evenkeel, batches, Zipf 0.99", cancellationToken));
        }
        await using (var node = await startNode(cancellationToken))
        {
            var load = new LedgerLoad(
                ClientTarget.Opener(node.Endpoints, node.ApiKey),
                small with
                {
                    Seed = 44,
                }
            );
            await load.SetUpAsync(null, cancellationToken);
            Keep(await BatchesAsync(load, "Evenkeel, batches, few accounts", cancellationToken));
            single256 = Keep(
                await load.RunAsync(
                    "Evenkeel, one transfer a request",
                    options.SingleClients,
                    1,
                    options.WarmUp,
                    options.Duration,
                    cancellationToken
                )
            );
            latency = Keep(
                await load.RunAsync(
                    "Evenkeel, one client, low load",
                    1,
                    1,
                    options.WarmUp,
                    options.Duration,
                    cancellationToken
                )
            );
        }
        return new PeerReport(
            _all,
            [
                Goal(
                    "1a",
                    "one node, batches, 1 M accounts: at least 2,000,000 transfers/s",
                    $"{uniform.TransfersPerSecond:N0}/s",
                    uniform.TransfersPerSecond >= 2_000_000
                ),
                Ratio(
                    "1b",
                    "at least 100 times PostgreSQL one by one",
                    uniform,
                    postgresOneLarge,
                    100
                ),
                Ratio(
                    "3a",
                    $"one a request, {options.SingleClients} clients: at least 4 times PostgreSQL",
                    single256,
                    postgres256.TransfersPerSecond > postgresOne.TransfersPerSecond
                        ? postgres256
                        : postgresOne,
                    4
                ),
                Goal(
                    "3b",
                    "its p99 below PostgreSQL's with as many clients",
                    $"{single256.P99Ms:N1} ms against {postgres256.P99Ms:N1} ms",
                    single256.P99Ms < postgres256.P99Ms
                ),
                Ratio(
                    "4",
                    "half on one hot account: no slower than uniform",
                    hotResult,
                    uniform,
                    1
                ),
                Goal(
                    "4 (PostgreSQL)",
                    "for comparison: its hot rate against its uniform rate",
                    $"{Divide(postgresHot, postgresOne):N2} times",
                    Met: null
                ),
                Goal(
                    "5",
                    "latency at low load: p50 below 1 ms, p99 below 5 ms",
                    $"p50 {latency.P50Ms:N2} ms, p99 {latency.P99Ms:N2} ms",
                    latency is { P50Ms: < 1, P99Ms: < 5 }
                ),
            ]
        );

        Measurement Keep(Measurement m)
        {
            _all.Add(m);
            progress?.Report(m);
            return m;
        }

        async Task SqliteAsync(WorkloadOptions workload, CancellationToken token)
        {
            var file = Path.Combine(options.Folder, $"sqlite-{Environment.ProcessId}.db");
            try
            {
                using var sqlite = new SqlitePeer(file, workload);
                sqlite.SetUp();
                Keep(await sqlite.RunAsync(1, options.WarmUp, options.Duration, token));
                Keep(
                    await sqlite.RunAsync(
                        Limits.BatchEventsMax,
                        options.WarmUp,
                        options.Duration,
                        token
                    )
                );
            }
            finally
            {
                foreach (var suffix in new[] { "", "-wal", "-shm" })
                {
                    File.Delete(file + suffix);
                }
            }
        }
    }

    private Task<Measurement> BatchesAsync(
        LedgerLoad load,
        string name,
        CancellationToken cancellationToken
    ) =>
        load.RunAsync(
            name,
            options.BatchClients,
            Limits.BatchEventsMax,
            options.WarmUp,
            options.Duration,
            cancellationToken
        );

    private static GoalResult Goal(string row, string goal, string measured, bool? Met) =>
        new(row, goal, measured, Met);

    private static GoalResult Ratio(
        string row,
        string goal,
        Measurement ours,
        Measurement theirs,
        double atLeast
    )
    {
        var ratio = Divide(ours, theirs);
        return new GoalResult(
            row,
            goal,
            $"{ratio:N1} times ({ours.TransfersPerSecond:N0}/s against {theirs.TransfersPerSecond:N0}/s)",
            ratio >= atLeast
        );
    }

    private static double Divide(Measurement a, Measurement b) =>
        b.TransfersPerSecond > 0 ? a.TransfersPerSecond / b.TransfersPerSecond : 0;
}
