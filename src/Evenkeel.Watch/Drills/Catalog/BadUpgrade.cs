using Evenkeel.Watch.Drills.Checking;
using Evenkeel.Watch.Drills.Load;
using Evenkeel.Watch.Drills.Measuring;
using Evenkeel.Watch.Drills.TestBed;
using Evenkeel.Watch.Upgrades.Rolling;

namespace Evenkeel.Watch.Drills.Catalog;

/// <summary>D07: a bad upgrade stops by itself, and a good one is undone after it has written.</summary>
internal sealed class BadUpgrade : IDrill
{
    private const int Writers = 3;
    private const uint OldStateVersion = 1;
    private const int LeakBytesPerSecond = 4 << 20;
    private const long LeakBytesMax = 48L << 20;
    private const double StopMsMax = 60_000;
    private const double OldServingMsMax = 120_000;
    private const double AffectedPercentMax = 5;
    private const double DirtyPercentMax = 1;
    private const int NotDone = 1;

    private static readonly TimeSpan Before = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Writing = TimeSpan.FromSeconds(60);

    public DrillPlan Plan { get; } =
        new()
        {
            Id = "D07",
            Name = "Bad upgrade, and a way back with new data",
            Hypothesis =
                "a candidate that nobody rehearsed is refused; one that leaks is found by the "
                + "comparison of its first node with a node that was not touched, and goes back by "
                + "itself; a good one that has served and written is undone by one order, after "
                + "which the old program reads everything that was written",
            Fault =
                "the nodes run a program that knows state version 1 only; (a) a candidate that leaks "
                + "4 MiB a second, (b) one that knows state version 2 serves on all nodes, customers "
                + "write, and the way back is ordered",
            DurationMax = TimeSpan.FromMinutes(15),
        };

    public async Task RunAsync(DrillRun run, CancellationToken cancellationToken)
    {
        run.WasAccelerated(
            $"customers write for {Writing.TotalSeconds:0} s before the way back instead of 5 min",
            "the leak is fast, so that it shows after seconds instead of 3 min"
        );
        run.IsNotBuilt(
            "incident linked with the change, root-cause codes of DORA (no incidents yet)",
            "canary of 5 % of customers: the smallest part that changes is a node; what customers "
                + "felt of it is measured",
            "backup as a condition of an upgrade (a rehearsal is one)"
        );
        Programs programs = Programs.Make(run);
        await using DrillBed bed = await DrillBed.StartAsync(
            run,
            Writers,
            cancellationToken,
            node => node.BinaryPath = programs.Old
        );
        await using (BedSupervisor supervisor = new(bed.Cluster))
        {
            using SupervisedCluster cluster = new(bed.Cluster.Directory, bed.Cluster.Key);
            await DrillBed.GoOnAsync(Before, cancellationToken);
            await GuardAsync(run, bed, cluster, programs, cancellationToken);
            await LeakAsync(run, bed, cluster, programs, cancellationToken);
            await BackAsync(run, bed, cluster, programs, cancellationToken);
        }
        Judgement judgement = await bed.JudgeAsync(cancellationToken);
        double written = run.Measures["writtenByNew"] ?? 0;
        run.Require(
            "the old program reads all that the new one wrote",
            written > 0 && judgement.AcknowledgedLost == 0,
            $"{written:0} acknowledged by the new one, {judgement.AcknowledgedLost} missing"
        );
        ProbeRecord[] all = [.. bed.Customers.Probes];
        run.Measure("probes", all.Length);
        run.Measure("cleanRefusals", all.Count(p => p.Verdict == ProbeVerdict.CleanRefusal));
        run.RequireAtMost(
            "dirtyPercent",
            100.0 * all.Count(p => p.Verdict == ProbeVerdict.Dirty) / all.Length,
            DirtyPercentMax,
            "dirty errors of the whole drill"
        );
        run.Measure("gapMs", ProbeMeasures.LongestGapMs(all, all.Min(p => p.EndNs), long.MaxValue));
    }

    private static async Task GuardAsync(
        DrillRun run,
        DrillBed bed,
        SupervisedCluster cluster,
        Programs programs,
        CancellationToken cancellationToken
    )
    {
        int refused = await UpgradeAsync(
            run,
            "guard",
            cancellationToken,
            "roll",
            "--data",
            bed.Cluster.Directory,
            "--candidate",
            programs.Good
        );
        string said = await File.ReadAllTextAsync(
            Path.Combine(run.Directory, "guard.log"),
            cancellationToken
        );
        run.Require(
            "a candidate that was not rehearsed is refused by name, and no node is touched",
            refused == NotDone
                && said.Contains(programs.Good, StringComparison.Ordinal)
                && cluster.Nodes.All(n => Runs(cluster, n, programs.Old)),
            $"exit status {refused}"
        );
        foreach (string candidate in (string[])[programs.Leaking, programs.Good])
        {
            string name = Path.GetFileName(Path.GetDirectoryName(candidate)!);
            int rehearsed = await UpgradeAsync(
                run,
                $"rehearse-{name}",
                cancellationToken,
                "rehearse",
                "--json",
                "--data",
                bed.Cluster.Nodes[0].DataDirectory,
                "--current",
                programs.Old,
                "--candidate",
                candidate,
                "--reports",
                Path.Combine(run.Directory, "rehearsals")
            );
            run.Require(
                $"rehearsed on the bank's own archive: {name}",
                rehearsed == 0,
                $"exit status {rehearsed}"
            );
        }
    }

    private static async Task LeakAsync(
        DrillRun run,
        DrillBed bed,
        SupervisedCluster cluster,
        Programs programs,
        CancellationToken cancellationToken
    )
    {
        WatchedRoll watched = new(cluster);
        long begin = CallLog.NowNs();
        run.Happened("(a) upgrade to a candidate that leaks");
        RollReport report = await new RollingUpgrade(
            watched,
            new RollOptions
            {
                CandidatePath = programs.Leaking,
                Soak = TimeSpan.FromMinutes(2),
                Limits = new CanaryLimits { MemoryBytesMax = LeakBytesMax },
            },
            new Remarks(run)
        ).RunAsync(cancellationToken);
        long end = CallLog.NowNs();
        RolledNode? canary = report.Nodes.Count == 1 ? report.Nodes[0] : null;
        run.Require(
            "(a) the upgrade stops at its first node, which goes back by itself",
            !report.Done
                && canary is { Outcome: "back", Figures: { } figures }
                && figures.CanaryGrownBytes > LeakBytesMax
                && cluster.Nodes.All(n => Runs(cluster, n, programs.Old)),
            report.Stopped ?? "it went on"
        );
        long? above = canary is null ? null : watched.AboveNs(canary.Name, LeakBytesMax);
        long? stopped = canary is null ? null : watched.ExchangedNs(canary.Name, programs.Old);
        run.RequireAtMost(
            "autoStopMs",
            (stopped - above) / 1e6,
            StopMsMax,
            "(a) from the limit to the stop of the bad node"
        );
        run.RequireAtMost(
            "leakOldServingMs",
            (end - stopped) / 1e6,
            OldServingMsMax,
            "(a) from the stop until the node serves as the old program, equal to the leader"
        );
        ProbeRecord[] touched =
        [
            .. bed.Customers.Probes.Where(p => p.EndNs >= begin && p.StartNs <= end),
        ];
        run.RequireAtMost(
            "affectedPercent",
            100.0 * touched.Count(p => p.Verdict != ProbeVerdict.Good) / touched.Length,
            AffectedPercentMax,
            "(a) customers' probes that were not answered well while the bad candidate was tried"
        );
    }

    private static async Task BackAsync(
        DrillRun run,
        DrillBed bed,
        SupervisedCluster cluster,
        Programs programs,
        CancellationToken cancellationToken
    )
    {
        run.Happened("(b) upgrade to a candidate that knows a later state version");
        RollingUpgrade roll = new(
            cluster,
            new RollOptions
            {
                CandidatePath = programs.Good,
                Soak = TimeSpan.FromSeconds(10),
                WarmUp = TimeSpan.FromSeconds(5),
            },
            new Remarks(run)
        );
        RollReport there = await roll.RunAsync(cancellationToken);
        run.Require(
            "(b) every node runs the candidate",
            there.Done && cluster.Nodes.All(n => Runs(cluster, n, programs.Good)),
            there.Stopped ?? $"{there.Seconds:0.0} s"
        );
        run.Measure("rolledMs", there.Seconds * 1_000);
        long serving = CallLog.NowNs();
        await DrillBed.GoOnAsync(Writing, cancellationToken);

        long ordered = CallLog.NowNs();
        run.Happened("(b) the way back is ordered");
        RollReport back = await new RollingUpgrade(
            cluster,
            new RollOptions { CandidatePath = programs.Old },
            new Remarks(run)
        ).BackAsync(programs.Old, cancellationToken);
        long end = CallLog.NowNs();
        run.Require(
            "(b) every node runs the old program again",
            back.Done && cluster.Nodes.All(n => Runs(cluster, n, programs.Old)),
            back.Stopped ?? $"{back.Seconds:0.0} s"
        );
        run.RequireAtMost(
            "oldServingMs",
            (end - ordered) / 1e6,
            OldServingMsMax,
            "(b) from the order until all nodes serve as the old program"
        );
        run.Measure(
            "writtenByNew",
            bed.Trial.Load!.Log.Writes.Concat(bed.Customers.Log.Writes)
                .Where(w =>
                    w.Outcome == CallOutcome.Done && w.StartNs >= serving && w.EndNs <= ordered
                )
                .Sum(w => w.Movements.Count)
        );
        IReadOnlyList<NodeView> views = await cluster.LookAsync(cancellationToken);
        run.Require(
            "(b) the state version in force never changed: nothing was activated",
            views.Count == cluster.Nodes.Count
                && views.All(v => v.Answers && v.StateVersion == OldStateVersion),
            string.Join(", ", views.Select(v => $"{v.Name} {v.StateVersion}"))
        );
    }

    private static bool Runs(SupervisedCluster cluster, string node, string executable) =>
        string.Equals(cluster.ExecutableOf(node), executable, StringComparison.Ordinal);

    /// <summary>The command as an operator gives it; what it says is kept.</summary>
    private static async Task<int> UpgradeAsync(
        DrillRun run,
        string name,
        CancellationToken cancellationToken,
        params string[] arguments
    )
    {
        using BedProcess command = BedProcess.Start(
            name,
            [run.Binary, "upgrade", .. arguments],
            Path.Combine(run.Directory, $"{name}.log")
        );
        return await command.WaitAsync(cancellationToken);
    }

    /// <summary>The real program in three disguises; hashes are those of its assemblies.</summary>
    private sealed record Programs(string Old, string Leaking, string Good)
    {
        public static Programs Make(DrillRun run)
        {
            string folder = Path.Combine(Path.GetFullPath(run.Directory), "programs");
            string real = Path.GetFullPath(run.Binary);
            return new Programs(
                DrillCandidate.Older(Path.Combine(folder, "old"), real, OldStateVersion),
                DrillCandidate.Leaking(Path.Combine(folder, "leaking"), real, LeakBytesPerSecond),
                DrillCandidate.Same(Path.Combine(folder, "good"), real)
            );
        }
    }

    private sealed class Remarks(DrillRun run) : IProgress<string>
    {
        public void Report(string value) => run.Happened(value);
    }
}
