using Evenkeel.Watch.Drills.Checking;
using Evenkeel.Watch.Drills.Measuring;
using Evenkeel.Watch.Drills.TestBed;

namespace Evenkeel.Watch.Drills.Catalog;

/// <summary>D01: the leader dies at peak load.</summary>
internal sealed class LeaderDies : IDrill
{
    private const int PeakWriters = 6;
    private const double DetectionMsMax = 3_000;
    private const double RecoveryMsMax = 10_000;
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Dead = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(45);

    public DrillPlan Plan { get; } =
        new()
        {
            Id = "D01",
            Name = "Leader dies at peak",
            Hypothesis =
                "another node leads within a second; orders on their way are done or returned; "
                + "customers see a pause and no error; the dead node comes back by catching up",
            Fault =
                "SIGKILL of the leading node in a burst of transfers at three times the usual "
                + "callers; the node is started again later",
        };

    public async Task RunAsync(DrillRun run, CancellationToken cancellationToken)
    {
        run.WasAccelerated(
            $"the dead node is started after {Dead.TotalSeconds:0} s instead of 120 s"
        );
        run.IsNotBuilt(
            "status page changed within 60 s (no status page yet)",
            "notices to customers (no notices yet)",
            "incident opened (no incidents yet): detection is measured at the gateway",
            "unresolved breaks (no reconciliation yet): the checker compares every operation instead"
        );
        await using DrillBed bed = await DrillBed.StartAsync(run, PeakWriters, cancellationToken);
        await DrillBed.GoOnAsync(Before, cancellationToken);

        TestNode victim = await bed.Cluster.LeaderAsync(cancellationToken);
        await bed.Trial.ProgressAsync(1, cancellationToken);
        long fault = CallLog.NowNs();
        DateTimeOffset faultUtc = DateTimeOffset.UtcNow;
        await victim.KillAsync();
        run.Happened($"SIGKILL of {victim.Name}, which led");
        var (_, electedMs) = await bed.NextLeaderAsync(victim, fault, cancellationToken);
        run.Measure("electedMs", electedMs);
        await DrillBed.GoOnAsync(Dead, cancellationToken);

        long back = CallLog.NowNs();
        victim.Start();
        run.Happened($"{victim.Name} is started again");
        await bed.Cluster.WaitReadyAsync(cancellationToken);
        run.Measure("rejoinedMs", (CallLog.NowNs() - back) / 1e6);
        run.Happened($"{victim.Name} is ready");
        await DrillBed.GoOnAsync(After, cancellationToken);

        double? detected = await GatewayLog.DetectionMsAsync(
            bed.Cluster.Gateway!.LogFile,
            faultUtc,
            cancellationToken
        );
        await bed.JudgeAsync(cancellationToken);
        run.RequireAtMost(
            "mttdMs",
            detected,
            DetectionMsMax,
            "detected by the gateway: the leader is gone"
        );
        CustomerMeasures.Write(run, fault, RecoveryMsMax);
    }
}
