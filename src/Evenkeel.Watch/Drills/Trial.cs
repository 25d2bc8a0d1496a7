using Evenkeel.Watch.Drills.Checking;
using Evenkeel.Watch.Drills.Load;
using Evenkeel.Watch.Drills.Measuring;
using Evenkeel.Watch.Drills.TestBed;

namespace Evenkeel.Watch.Drills;

/// <summary>What a trial runs.</summary>
public sealed record TrialOptions
{
    public required TestClusterOptions Cluster { get; init; }

    /// <summary>Callers of the nodes; null = none.</summary>
    public LoadOptions? Load { get; init; }

    /// <summary>Customers of the gateway; null = none. Needs a cluster with a gateway.</summary>
    public ProbeOptions? Probe { get; init; }
}

/// <summary>What a trial came to.</summary>
public sealed record Judgement
{
    /// <summary>Of the callers of the nodes and of the gateway's customers.</summary>
    public required IReadOnlyList<CheckReport> Reports { get; init; }

    public required IReadOnlyList<Leadership> Leaderships { get; init; }

    public bool Sound => TermsWithTwoLeaders == 0 && Reports.All(r => r.Sound);

    public long Acknowledged => Reports.Sum(r => r.Acknowledged);

    public long AcknowledgedLost => Reports.Sum(r => r.AcknowledgedLost);

    public long PostedTwice => Reports.Sum(r => r.PostedTwice);

    public int TermsWithTwoLeaders => Measuring.Leaderships.TermsWithTwoLeaders(Leaderships);

    public IEnumerable<Violation> Violations => Reports.SelectMany(r => r.Violations);

    public bool HasFork => Violations.Any(v => v.Kind == ViolationKind.Forked);
}

/// <summary>A bank of real processes under load; faults are up to the caller; judged at the end.</summary>
public sealed class Trial : IAsyncDisposable
{
    private static readonly TimeSpan ProgressMax = TimeSpan.FromSeconds(120);

    private Trial(TestCluster cluster) => Cluster = cluster;

    public TestCluster Cluster { get; }

    public LedgerLoad? Load { get; private set; }

    public GatewayProbe? Probe { get; private set; }

    /// <summary>Events acknowledged to all callers so far.</summary>
    public long Acknowledged => (Load?.Log.Acknowledged ?? 0) + (Probe?.Log.Acknowledged ?? 0);

    public static async Task<Trial> StartAsync(
        TrialOptions options,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        Trial trial = new(await TestCluster.StartAsync(options.Cluster, cancellationToken));
        try
        {
            if (options.Load is { } load)
            {
                trial.Load = await LedgerLoad.StartAsync(
                    load,
                    trial.Cluster.BinaryEndpoints,
                    trial.Cluster.Key,
                    cancellationToken
                );
            }
            if (options.Probe is { } probe)
            {
                trial.Probe = await GatewayProbe.StartAsync(
                    probe,
                    trial.Cluster.Gateway!.Rest,
                    trial.Cluster.Key,
                    cancellationToken
                );
            }
            return trial;
        }
        catch
        {
            await trial.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until so many more events are acknowledged.</summary>
    /// <exception cref="TimeoutException">The bank does not serve.</exception>
    public Task ProgressAsync(long events, CancellationToken cancellationToken)
    {
        long target = Acknowledged + events;
        return Patience.UntilAsync(
            $"{events} events more are acknowledged",
            ProgressMax,
            () => Acknowledged >= target,
            cancellationToken
        );
    }

    /// <summary>
    /// Ends all faults, starts what is down, lets every caller learn the outcome of what it asked,
    /// stops the nodes as planned, and compares what callers were told with what the bank has.
    /// </summary>
    public async Task<Judgement> JudgeAsync(CancellationToken cancellationToken)
    {
        Cluster.Heal();
        foreach (TestNode node in Cluster.Nodes)
        {
            if (node.IsPaused)
            {
                node.Continue();
            }
            if (!node.IsRunning)
            {
                node.Start();
            }
        }
        await Cluster.WaitReadyAsync(cancellationToken);
        await (Load?.StopAsync() ?? Task.CompletedTask);
        await (Probe?.StopAsync(cancellationToken) ?? Task.CompletedTask);
        FinalState? ofLoad = Load is null
            ? null
            : await Load.ReadFinalStateAsync(cancellationToken);
        FinalState? ofProbe = Probe is null
            ? null
            : await LedgerLoad.ReadFinalStateAsync(
                Cluster.BinaryEndpoints,
                Cluster.Key,
                Probe.AccountIds,
                Probe.Range,
                cancellationToken
            );
        IReadOnlyList<NodeEvidence> nodes = await NodeComparison.ReadAndStopAsync(
            Cluster,
            cancellationToken
        );
        List<CheckReport> reports = [];
        if (ofLoad is not null)
        {
            reports.Add(Checker.Check(Load!.Log, ofLoad with { Nodes = nodes }));
        }
        if (ofProbe is not null)
        {
            reports.Add(Checker.Check(Probe!.Log, ofProbe with { Nodes = nodes }));
        }
        return new Judgement
        {
            Reports = reports,
            Leaderships = await Leaderships.ReadAsync(
                Cluster.Nodes.Select(n => (n.Name, n.LogFile)),
                cancellationToken
            ),
        };
    }

    public async ValueTask DisposeAsync()
    {
        // The processes first: callers then hear at once that nobody answers.
        await Cluster.DisposeAsync();
        await (Load?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (Probe?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
