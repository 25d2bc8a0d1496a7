using Evenkeel.Client;
using Evenkeel.Watch.Drills;
using Evenkeel.Watch.Drills.TestBed;
using Xunit;

namespace Evenkeel.Cluster.Tests;

/// <summary>Processes that die or hang.</summary>
[Collection(ClusterTrial.Collection)]
public sealed class NodeFaultTests(ITestOutputHelper output)
{
    private static int Kills => ClusterTrial.IsLong ? 100 : 3;

    private static int TotalKills => ClusterTrial.IsLong ? 20 : 1;

    [Fact]
    public Task A_killed_leader_loses_nothing_and_doubles_nothing() =>
        ClusterTrial.RunAsync(
            output,
            ClusterTrial.Options,
            async (trial, token) =>
            {
                for (int kill = 0; kill < Kills; kill++)
                {
                    TestNode leader = await trial.Cluster.LeaderAsync(token);
                    await leader.KillAsync();
                    await trial.ProgressAsync(50, token);
                    leader.Start();
                    await trial.Cluster.WaitReadyAsync(token);
                }
            }
        );

    [Fact(Skip = "long", SkipUnless = nameof(ClusterTrial.IsLong), SkipType = typeof(ClusterTrial))]
    public Task A_killed_follower_is_not_noticed_and_catches_up() =>
        ClusterTrial.RunAsync(
            output,
            ClusterTrial.Options,
            async (trial, token) =>
            {
                TestNode leader = await trial.Cluster.LeaderAsync(token);
                TestNode follower = trial.Cluster.Others(leader).First();
                await follower.KillAsync();
                await trial.ProgressAsync(300, token);
                Assert.Same(leader, await trial.Cluster.LeaderAsync(token));
                follower.Start();
                await trial.Cluster.WaitReadyAsync(token);
            }
        );

    [Fact]
    public Task All_nodes_killed_at_once_lose_nothing_acknowledged() =>
        ClusterTrial.RunAsync(
            output,
            ClusterTrial.Options,
            async (trial, token) =>
            {
                for (int kill = 0; kill < TotalKills; kill++)
                {
                    foreach (TestNode node in trial.Cluster.Nodes)
                    {
                        node.Process.KillNow();
                    }
                    foreach (TestNode node in trial.Cluster.Nodes)
                    {
                        await node.KillAsync();
                        node.Start();
                    }
                    await trial.Cluster.WaitReadyAsync(token);
                    await trial.ProgressAsync(200, token);
                }
            }
        );

    [Fact]
    public Task A_paused_leader_is_replaced_and_acknowledges_nothing_after_its_return() =>
        ClusterTrial.RunAsync(
            output,
            ClusterTrial.Options,
            async (trial, token) =>
            {
                TestNode paused = await trial.Cluster.LeaderAsync(token);
                paused.Pause();
                TestNode next = await trial.Cluster.LeaderAsync(token, otherThan: paused);
                Assert.NotSame(paused, next);
                await trial.ProgressAsync(200, token);
                // From here on every write that only it can answer is refused or unknown, unless it
                // is elected again, which the checker would see as nothing special.
                paused.Continue();
                await trial.ProgressAsync(200, token);
            }
        );

    [Fact(Skip = "long", SkipUnless = nameof(ClusterTrial.IsLong), SkipType = typeof(ClusterTrial))]
    public Task A_paused_follower_is_not_noticed() =>
        ClusterTrial.RunAsync(
            output,
            ClusterTrial.Options,
            async (trial, token) =>
            {
                TestNode leader = await trial.Cluster.LeaderAsync(token);
                TestNode paused = trial.Cluster.Others(leader).Last();
                paused.Pause();
                await trial.ProgressAsync(300, token);
                paused.Continue();
                await trial.ProgressAsync(100, token);
            }
        );

    [Fact(Skip = "long", SkipUnless = nameof(ClusterTrial.IsLong), SkipType = typeof(ClusterTrial))]
    public Task A_leader_that_is_stopped_as_planned_hands_over() =>
        ClusterTrial.RunAsync(
            output,
            ClusterTrial.Options,
            async (trial, token) =>
            {
                TestNode leader = await trial.Cluster.LeaderAsync(token);
                await leader.TerminateAsync();
                Assert.Equal(0, leader.Process.ExitCode);
                await trial.ProgressAsync(100, token);
                leader.Start();
                await trial.Cluster.WaitReadyAsync(token);
            }
        );
}
