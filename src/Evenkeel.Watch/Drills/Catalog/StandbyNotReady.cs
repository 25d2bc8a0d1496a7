using Evenkeel.Watch.Drills.Checking;
using Evenkeel.Watch.Drills.Measuring;
using Evenkeel.Watch.Drills.TestBed;

namespace Evenkeel.Watch.Drills.Catalog;

/// <summary>D02: the standby has another configuration, the other one lags, and the leader dies.</summary>
internal sealed class StandbyNotReady : IDrill
{
    private const double RedMsMax = 60_000;
    private const double GreenMsMax = 60_000;
    private const double ServiceMsMax = 180_000;
    private const double RecoveryMsMax = 180_000;
    private const int LagMs = 5_000;
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(45);

    public DrillPlan Plan { get; } =
        new()
        {
            Id = "D02",
            Name = "Standby not ready",
            Hypothesis =
                "the parity certificate is red before anybody needs the standby; when the leader dies "
                + "nothing acknowledged is lost, whoever leads next",
            Fault =
                "one follower runs with another limit table, the other one is 5 s late; then the "
                + "leader is killed by SIGKILL and later started again",
        };

    public async Task RunAsync(DrillRun run, CancellationToken cancellationToken)
    {
        run.WasAccelerated($"the late follower is {LagMs / 1_000} s late instead of 30 s");
        run.IsNotBuilt(
            "Stand-in takes balances and small payments within 30 s (no Stand-in yet)",
            "\"promotion would lose N operations\": the log never promotes a node that lacks an "
                + "acknowledged entry, so there is nothing to ask two persons for",
            "incident or ticket (no incidents yet): the certificate itself is asked"
        );
        await using DrillBed bed = await DrillBed.StartAsync(run, writers: 2, cancellationToken);
        await DrillBed.GoOnAsync(Before, cancellationToken);
        TestNode leader = await bed.Cluster.LeaderAsync(cancellationToken);
        TestNode drifted = bed.Cluster.Others(leader).First();
        TestNode late = bed.Cluster.Others(leader).Last();
        run.RequireAtMost(
            "greenBeforeMs",
            await ParityPage.WaitForAsync(
                bed.Cluster,
                green: true,
                CallLog.NowNs(),
                GreenMsMax,
                cancellationToken
            ),
            GreenMsMax,
            "the certificate is green before the drift"
        );

        long drift = CallLog.NowNs();
        await DriftAsync(run, bed, drifted, cancellationToken);
        run.RequireAtMost(
            "redAfterDriftMs",
            await ParityPage.WaitForAsync(
                bed.Cluster,
                green: false,
                drift,
                RedMsMax,
                cancellationToken
            ),
            RedMsMax,
            "the certificate is red after the drift"
        );
        string red = await ParityPage.DescribeAsync(bed.Cluster, cancellationToken);
        run.Happened($"the certificate is {red}");
        run.Require(
            "the certificate names the drifted configuration",
            red.Contains(drifted.Name, StringComparison.Ordinal)
                && red.Contains("configuration", StringComparison.Ordinal),
            red
        );
        bed.Cluster.Between(leader, late).DelayMs = LagMs;
        run.Happened($"{late.Name} hears {leader.Name} {LagMs} ms late");
        await DrillBed.GoOnAsync(Before, cancellationToken);

        leader = await bed.Cluster.LeaderAsync(cancellationToken);
        long fault = CallLog.NowNs();
        DateTimeOffset faultUtc = DateTimeOffset.UtcNow;
        await leader.KillAsync();
        // The late line was the dead leader's: between the two that are left, one of 5 s would leave
        // no quorum that could ever answer in time.
        bed.Cluster.Heal();
        run.Happened($"SIGKILL of {leader.Name}, which led");
        var (_, servingMs) = await bed.NextLeaderAsync(leader, fault, cancellationToken);
        run.RequireAtMost("serviceMs", servingMs, ServiceMsMax, "full service is back");
        await DrillBed.GoOnAsync(After, cancellationToken);
        double? detected = await GatewayLog.DetectionMsAsync(
            bed.Cluster.Gateway!.LogFile,
            faultUtc,
            cancellationToken
        );
        run.Measure("mttdMs", detected);

        await drifted.TerminateAsync();
        drifted.ClusterFile = null;
        drifted.Start();
        run.Happened($"{drifted.Name} has the right configuration again");
        await bed.JudgeAsync(cancellationToken);
        CustomerMeasures.Write(run, fault, RecoveryMsMax);
    }

    private static async Task DriftAsync(
        DrillRun run,
        DrillBed bed,
        TestNode node,
        CancellationToken cancellationToken
    )
    {
        await node.TerminateAsync();
        node.ClusterFile = bed.Cluster.WriteDriftedFile();
        node.Start();
        await bed.Cluster.WaitReadyAsync(cancellationToken);
        run.Happened($"{node.Name} runs with another limit table");
    }
}
