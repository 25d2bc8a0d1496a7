using Evenkeel.Watch.Drills.Checking;
using Evenkeel.Watch.Drills.Load;
using Evenkeel.Watch.Drills.Measuring;
using Evenkeel.Watch.Drills.TestBed;

namespace Evenkeel.Watch.Drills.Catalog;

/// <summary>The bank that drills hurt: three nodes, a gateway, customers and callers at work.</summary>
internal sealed class DrillBed : IAsyncDisposable
{
    private const string NodeFolderPattern = "n*";

    private readonly DrillRun _run;

    private DrillBed(DrillRun run, Trial trial)
    {
        _run = run;
        Trial = trial;
    }

    public Trial Trial { get; }

    public TestCluster Cluster => Trial.Cluster;

    public GatewayProbe Customers => Trial.Probe!;

    /// <param name="writers">Callers of the nodes beside the customers of the gateway.</param>
    public static async Task<DrillBed> StartAsync(
        DrillRun run,
        int writers,
        CancellationToken cancellationToken,
        Action<TestNode>? prepare = null
    )
    {
        run.Happened("starting three nodes and a gateway");
        Trial trial = await Trial.StartAsync(
            new TrialOptions
            {
                Cluster = new TestClusterOptions
                {
                    Binary = run.Binary,
                    Directory = run.BedDirectory,
                    WithGateway = true,
                    Prepare = prepare ?? (static _ => { }),
                },
                Load = new LoadOptions { Seed = run.Seed, Writers = writers },
                Probe = new ProbeOptions { Seed = run.Seed },
            },
            cancellationToken
        );
        run.Customers = trial.Probe;
        TestNode leader = await trial.Cluster.LeaderAsync(cancellationToken);
        run.Happened(
            $"the bank serves; {leader.Name} leads; {run.Customers!.PerSecond} probes a second"
        );
        return new DrillBed(run, trial);
    }

    /// <summary>Lets customers go on for a while.</summary>
    public static Task GoOnAsync(TimeSpan time, CancellationToken cancellationToken) =>
        Task.Delay(time, cancellationToken);

    /// <summary>Waits until another node than the old one leads.</summary>
    /// <returns>It, and how long it took from a moment on the clock of all calls; milliseconds.</returns>
    public async Task<(TestNode Leader, double Ms)> NextLeaderAsync(
        TestNode old,
        long sinceNs,
        CancellationToken cancellationToken
    )
    {
        TestNode? next = null;
        await Patience.UntilAsync(
            $"another node than {old.Name} leads",
            TimeSpan.FromSeconds(60),
            async () =>
            {
                foreach (TestNode node in Cluster.Others(old).Where(n => !n.IsPaused))
                {
                    if (await node.AnswersAsync("/leaderz", cancellationToken))
                    {
                        next = node;
                    }
                }
                return next is not null;
            },
            cancellationToken
        );
        double ms = (CallLog.NowNs() - sinceNs) / 1e6;
        _run.Happened($"{next!.Name} leads, {ms:0} ms after the fault");
        return (next, ms);
    }

    /// <summary>
    /// Ends the load, compares what everybody was told with what the bank has, lets the independent
    /// verifier judge the files of each node, and writes the measures that all drills have.
    /// </summary>
    public async Task<Judgement> JudgeAsync(CancellationToken cancellationToken)
    {
        _run.Happened("the load ends; every open outcome is asked for again");
        Judgement judgement = await Trial.JudgeAsync(cancellationToken);
        _run.Measure("acknowledged", judgement.Acknowledged);
        _run.RequireAtMost(
            "acknowledgedLost",
            judgement.AcknowledgedLost,
            0,
            "acknowledged operations lost (RPO)"
        );
        _run.RequireAtMost("postedTwice", judgement.PostedTwice, 0, "operations posted twice");
        _run.RequireAtMost(
            "wrongAnswers",
            Customers.Probes.Count(p => p.Verdict == ProbeVerdict.Wrong),
            0,
            "wrong answers to customers"
        );
        _run.RequireAtMost(
            "invariantBreaches",
            judgement.Reports.Sum(r => r.Counts.Values.Sum()),
            0,
            "breaches found by the checker: order, money, reads, balances, forks"
        );
        _run.RequireAtMost(
            "termsWithTwoLeaders",
            judgement.TermsWithTwoLeaders,
            0,
            "terms with two leaders"
        );
        _run.Measure("positionsCompared", judgement.Reports[0].PositionsCompared);
        _run.Require(
            "digests and chains of all nodes are equal at each position",
            !judgement.HasFork && judgement.Reports[0].PositionsCompared > 0,
            $"{judgement.Reports[0].PositionsCompared} positions compared"
        );
        foreach (Violation violation in judgement.Violations.Take(20))
        {
            _run.Happened($"breach: {violation.Kind}: {violation.What}");
        }
        await VerifyFilesAsync(cancellationToken);
        return judgement;
    }

    public async ValueTask DisposeAsync()
    {
        await Trial.DisposeAsync();
        // Logs, cluster file and report are the evidence; the nodes' data would fill the disk.
        foreach (
            string data in Directory.EnumerateDirectories(_run.BedDirectory, NodeFolderPattern)
        )
        {
            Directory.Delete(data, recursive: true);
        }
    }

    /// <summary>Has the files of each node judged by code that shares nothing with their writers.</summary>
    private async Task VerifyFilesAsync(CancellationToken cancellationToken)
    {
        int sound = 0;
        foreach (TestNode node in Cluster.Nodes)
        {
            string log = Path.Combine(_run.Directory, $"verify-{node.Name}.log");
            using BedProcess verifier = BedProcess.Start(
                "verify",
                [_run.Binary, "verify", "log", node.DataDirectory],
                log
            );
            sound += await verifier.WaitAsync(cancellationToken) == 0 ? 1 : 0;
        }
        _run.Require(
            "the independent verifier finds archive and history of each node sound",
            sound == Cluster.Nodes.Count,
            $"{sound} of {Cluster.Nodes.Count}"
        );
    }
}
