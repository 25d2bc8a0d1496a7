using Evenkeel.Watch.Drills;
using Evenkeel.Watch.Drills.TestBed;
using Xunit;

namespace Evenkeel.Cluster.Tests;

/// <summary>Lines between nodes that carry nothing, one way only, now and then, or late.</summary>
[Collection(ClusterTrial.Collection)]
public sealed class LineFaultTests(ITestOutputHelper output)
{
    /// <summary>Cuts the leader's lines one way until another node leads and serves.</summary>
    private Task<Judgement> OneWayCutAsync(
        Func<TestCluster, TestNode, IReadOnlyList<Direction>> lines
    ) =>
        ClusterTrial.RunAsync(
            output,
            ClusterTrial.Options,
            async (trial, token) =>
            {
                TestNode old = await trial.Cluster.LeaderAsync(token);
                Cut(lines(trial.Cluster, old));
                await AnotherLeadsAsync(trial, old, token);
                await trial.ProgressAsync(200, token);
                trial.Cluster.Heal();
                await trial.Cluster.WaitReadyAsync(token);
            }
        );

    private static int Flaps => ClusterTrial.IsLong ? 100 : 10;

    [Fact]
    public Task A_leader_that_is_cut_off_is_replaced_and_follows_after_its_return() =>
        ClusterTrial.RunAsync(
            output,
            ClusterTrial.Options,
            async (trial, token) =>
            {
                TestNode old = await trial.Cluster.LeaderAsync(token);
                Cut(trial.Cluster.Around(old));
                await AnotherLeadsAsync(trial, old, token);
                await trial.ProgressAsync(200, token);
                trial.Cluster.Heal();
                await trial.ProgressAsync(100, token);
                await trial.Cluster.WaitReadyAsync(token);
            }
        );

    [Fact(Skip = "long", SkipUnless = nameof(ClusterTrial.IsLong), SkipType = typeof(ClusterTrial))]
    public Task A_leader_that_is_heard_by_nobody_is_replaced() =>
        OneWayCutAsync(static (cluster, leader) => cluster.FromNode(leader));

    [Fact(Skip = "long", SkipUnless = nameof(ClusterTrial.IsLong), SkipType = typeof(ClusterTrial))]
    public Task A_leader_that_hears_nobody_steps_down_or_is_replaced() =>
        OneWayCutAsync(static (cluster, leader) => cluster.ToNode(leader));

    [Fact(Skip = "long", SkipUnless = nameof(ClusterTrial.IsLong), SkipType = typeof(ClusterTrial))]
    public Task A_follower_that_is_cut_off_does_not_disturb_when_it_returns() =>
        ClusterTrial.RunAsync(
            output,
            ClusterTrial.Options,
            async (trial, token) =>
            {
                TestNode leader = await trial.Cluster.LeaderAsync(token);
                Cut(trial.Cluster.Around(trial.Cluster.Others(leader).First()));
                await trial.ProgressAsync(300, token);
                trial.Cluster.Heal();
                await trial.Cluster.WaitReadyAsync(token);
            }
        );

    [Fact]
    public Task Flapping_lines_of_the_leader_lose_nothing() =>
        ClusterTrial.RunAsync(
            output,
            ClusterTrial.Options,
            async (trial, token) =>
            {
                Random random = new(ClusterTrial.Seed);
                TestNode node = await trial.Cluster.LeaderAsync(token);
                for (int flap = 0; flap < Flaps; flap++)
                {
                    Cut(trial.Cluster.Around(node));
                    await Task.Delay(random.Next(20, 400), token);
                    trial.Cluster.Heal();
                    trial.Cluster.BreakConnectionsTo(node);
                    await Task.Delay(random.Next(20, 400), token);
                }
                await trial.ProgressAsync(50, token);
            }
        );

    [Fact(Skip = "long", SkipUnless = nameof(ClusterTrial.IsLong), SkipType = typeof(ClusterTrial))]
    public Task Slow_and_narrow_lines_to_one_follower_do_not_slow_the_bank() =>
        ClusterTrial.RunAsync(
            output,
            ClusterTrial.Options,
            async (trial, token) =>
            {
                TestNode leader = await trial.Cluster.LeaderAsync(token);
                TestNode far = trial.Cluster.Others(leader).First();
                foreach (Direction direction in trial.Cluster.Around(far))
                {
                    direction.DelayMs = 500;
                    direction.BytesPerSecondMax = 200_000;
                }
                await trial.ProgressAsync(500, token);
                trial.Cluster.Heal();
                await trial.Cluster.WaitReadyAsync(token);
            }
        );

    private static void Cut(IEnumerable<Direction> directions)
    {
        foreach (Direction direction in directions)
        {
            direction.Cut();
        }
    }

    private static Task AnotherLeadsAsync(Trial trial, TestNode old, CancellationToken token) =>
        Patience.UntilAsync(
            $"another node than {old.Name} leads",
            TimeSpan.FromSeconds(30),
            async () =>
            {
                foreach (TestNode node in trial.Cluster.Others(old))
                {
                    if (await node.AnswersAsync("/leaderz", token))
                    {
                        return true;
                    }
                }
                return false;
            },
            token
        );
}
