using Evenkeel.Watch.Drills.Checking;
using Evenkeel.Watch.Drills.Measuring;
using Evenkeel.Watch.Drills.TestBed;
using Xunit;

namespace Evenkeel.Cluster.Tests;

/// <summary>A standby that is not what the others are, seen before anybody needs it.</summary>
[Collection(ClusterTrial.Collection)]
public sealed class DriftTests(ITestOutputHelper output)
{
    /// <summary>Any drift is to show within a minute.</summary>
    private const double RedMsMax = 60_000;

    private const double GreenMsMax = 90_000;

    [Fact]
    public Task A_follower_with_a_drifted_configuration_turns_readiness_red_and_is_named()
    {
        // Drill D02 shows the same in the command; here it costs the fast tier 20 seconds.
        Assert.SkipUnless(ClusterTrial.IsLong, "long");
        return ClusterTrial.RunAsync(
            output,
            ClusterTrial.Options,
            async (trial, token) =>
            {
                TestCluster cluster = trial.Cluster;
                TestNode leader = await cluster.LeaderAsync(token);
                TestNode drifted = cluster.Others(leader).First();
                Assert.NotNull(await ColourAsync(cluster, green: true, GreenMsMax, token));

                await drifted.TerminateAsync();
                drifted.ClusterFile = cluster.WriteDriftedFile();
                long since = CallLog.NowNs();
                drifted.Start();
                double? red = await ParityPage.WaitForReasonAsync(
                    cluster,
                    $"{drifted.Name}: runs configuration",
                    since,
                    RedMsMax,
                    token
                );
                output.WriteLine($"red after {red:0} ms");
                Assert.NotNull(red);
                await trial.ProgressAsync(100, token);

                await drifted.TerminateAsync();
                drifted.ClusterFile = null;
                drifted.Start();
                await cluster.WaitReadyAsync(token);
                Assert.NotNull(await ColourAsync(cluster, green: true, GreenMsMax, token));
            }
        );
    }

    private static Task<double?> ColourAsync(
        TestCluster cluster,
        bool green,
        double patienceMs,
        CancellationToken token
    ) => ParityPage.WaitForAsync(cluster, green, CallLog.NowNs(), patienceMs, token);
}
