using Evenkeel.Watch.Drills;
using Evenkeel.Watch.Drills.Load;
using Evenkeel.Watch.Drills.TestBed;
using Xunit;

namespace Evenkeel.Cluster.Tests;

/// <summary>What customers of the gateway see when nodes die or hang: a pause, and no error.</summary>
[Collection(ClusterTrial.Collection)]
public sealed class GatewayFaultTests(ITestOutputHelper output)
{
    private static int Faults => ClusterTrial.IsLong ? 100 : 1;

    private static TrialOptions Options =>
        ClusterTrial.Options with
        {
            Cluster = ClusterTrial.Options.Cluster with { WithGateway = true },
            Load = null,
            Probe = new ProbeOptions { Seed = ClusterTrial.Seed, PerSecond = 200 },
        };

    [Fact]
    public Task A_killed_leader_is_a_pause_and_no_error_for_customers_of_the_gateway() =>
        RunAsync(
            async (trial, token) =>
            {
                for (int kill = 0; kill < Faults; kill++)
                {
                    TestNode leader = await trial.Cluster.LeaderAsync(token);
                    await leader.KillAsync();
                    await trial.ProgressAsync(100, token);
                    leader.Start();
                    await trial.Cluster.WaitReadyAsync(token);
                }
            }
        );

    [Fact(Skip = "long", SkipUnless = nameof(ClusterTrial.IsLong), SkipType = typeof(ClusterTrial))]
    public Task A_paused_leader_is_a_pause_and_no_error_for_customers_of_the_gateway() =>
        RunAsync(
            async (trial, token) =>
            {
                TestNode leader = await trial.Cluster.LeaderAsync(token);
                leader.Pause();
                await trial.ProgressAsync(200, token);
                leader.Continue();
                await trial.ProgressAsync(100, token);
            }
        );

    [Fact]
    public Task A_planned_hand_over_is_no_error_for_customers_of_the_gateway()
    {
        Assert.SkipUnless(ClusterTrial.IsLong, "long");
        return RunAsync(
            async (trial, token) =>
            {
                for (int turn = 0; turn < Faults; turn++)
                {
                    TestNode leader = await trial.Cluster.LeaderAsync(token);
                    (int status, string said) = await trial.Cluster.RunAsync(
                        ["cluster", "hand-over", "--cluster", trial.Cluster.ClusterFile],
                        token
                    );
                    Assert.True(status == 0, said);
                    Assert.NotSame(leader, await trial.Cluster.LeaderAsync(token));
                    await trial.ProgressAsync(100, token);
                    await trial.Cluster.WaitReadyAsync(token);
                }
            }
        );
    }

    private Task<Judgement> RunAsync(Func<Trial, CancellationToken, Task> faults) =>
        ClusterTrial.RunAsync(
            output,
            Options,
            async (trial, token) =>
            {
                await faults(trial, token);
                ProbeRecord[] bad =
                [
                    .. trial.Probe!.Probes.Where(p => p.Verdict != ProbeVerdict.Good),
                ];
                Assert.Empty(bad.Select(p => $"{p.Kind}: {p.Verdict} {p.Detail}"));
            }
        );
}
