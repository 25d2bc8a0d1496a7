using System.Text.Json.Nodes;
using Evenkeel.Model.Clusters;
using Evenkeel.Watch.Drills;
using Evenkeel.Watch.Drills.Checking;
using Evenkeel.Watch.Drills.Load;
using Evenkeel.Watch.Drills.TestBed;
using Xunit;

namespace Evenkeel.Cluster.Tests;

/// <summary>Members come and go while customers pay (ADR 24).</summary>
[Collection(ClusterTrial.Collection)]
public sealed class MembershipTests(ITestOutputHelper output)
{
    private static readonly TimeSpan EndMax = TimeSpan.FromSeconds(120);

    /// <summary>Elections without a cause would hide what these tests are about.</summary>
    private static TrialOptions Options =>
        ClusterTrial.Options with
        {
            Cluster = ClusterTrial.Options.Cluster with
            {
                StartMax = TimeSpan.FromSeconds(180),
                Configure = static file =>
                    file with
                    {
                        Timeouts = new ClusterTimeouts
                        {
                            ElectionMsMin = 2_000,
                            ElectionMsMax = 4_000,
                            RequestMs = 1_800,
                            ConnectMs = 1_000,
                            HeartbeatMs = 200,
                        },
                    },
            },
        };

    [Fact]
    public Task A_member_that_joins_and_leaves_under_load_loses_nothing() =>
        ClusterTrial.RunAsync(
            output,
            Options,
            async (trial, token) =>
            {
                TestNode fourth = await trial.AddAsync(token);
                await trial.ProgressAsync(100, token);
                await fourth.KillAsync();
                (int removed, string said) = await RemoveAsync(trial.Cluster, fourth, token);
                Assert.True(removed == 0, said);
                await IsRefusedAsync(trial, fourth, version: 3, token);
            }
        );

    [Fact]
    public Task Five_members_bear_the_loss_of_two_and_refuse_to_lose_a_third()
    {
        Assert.SkipUnless(ClusterTrial.IsLong, "long");
        return ClusterTrial.RunAsync(
            output,
            Options,
            async (trial, token) =>
            {
                TestNode fourth = await trial.AddAsync(token);
                await trial.ProgressAsync(100, token);
                TestNode fifth = await trial.AddAsync(token);
                await trial.ProgressAsync(100, token);
                Assert.Equal(3, trial.Cluster.File().VersionNow);
                Assert.Equal(3, trial.Cluster.File().Quorum);

                // Five members bear the loss of two.
                TestNode leader = await trial.Cluster.LeaderAsync(token);
                TestNode[] killed = [fourth, trial.Cluster.Others(leader).First(n => n != fifth)];
                foreach (TestNode node in killed)
                {
                    await node.KillAsync();
                }
                await trial.ProgressAsync(100, token);
                // ... and with two gone nobody else may leave, but one of the lost ones may.
                (int refused, string why) = await RemoveAsync(trial.Cluster, fifth, token);
                Assert.Equal(1, refused);
                Assert.Contains("needed", why, StringComparison.Ordinal);
                (int removed, string said) = await RemoveAsync(trial.Cluster, fourth, token);
                Assert.True(removed == 0, said);
                Assert.Equal(4, trial.Cluster.File().Members.Count);
                killed[1].Start();
                await trial.Cluster.WaitReadyAsync(token);

                await IsRefusedAsync(trial, fourth, version: 4, token);
            }
        );
    }

    [Fact]
    public Task A_lost_member_is_replaced_by_a_new_one_under_load()
    {
        Assert.SkipUnless(ClusterTrial.IsLong, "long");
        return ClusterTrial.RunAsync(
            output,
            Options,
            async (trial, token) =>
            {
                TestNode leader = await trial.Cluster.LeaderAsync(token);
                TestNode lost = trial.Cluster.Others(leader).First();
                await lost.KillAsync();
                TestNode next = await trial.ReplaceAsync(lost, token);
                Assert.Equal(3, trial.Cluster.File().VersionNow);
                // The new one counts: without it there would be no quorum now.
                await trial.Cluster.Others(leader).First(n => n != next).KillAsync();
                await trial.ProgressAsync(100, token);
            }
        );
    }

    /// <summary>Whoever was taken out is told so when it comes back, and takes part in nothing.</summary>
    private static async Task IsRefusedAsync(
        Trial trial,
        TestNode removed,
        int version,
        CancellationToken token
    )
    {
        removed.Start();
        await Patience.UntilAsync(
            "the removed member ends",
            EndMax,
            () => !removed.IsRunning,
            token
        );
        Assert.Contains(
            $"was taken out of the cluster by version {version}",
            await File.ReadAllTextAsync(removed.LogFile, token),
            StringComparison.Ordinal
        );
        trial.Cluster.Forget(removed);
        await trial.ProgressAsync(100, token);
    }

    [Fact]
    public async Task A_lost_quorum_is_forced_by_two_people_and_the_old_members_are_refused()
    {
        Assert.SkipUnless(ClusterTrial.IsLong, "long");
        CancellationToken token = TestContext.Current.CancellationToken;
        await using Trial trial = await Trial.StartAsync(Options, token);
        try
        {
            await ForceAsync(trial, token);
        }
        catch
        {
            foreach (TestNode node in trial.Cluster.Nodes)
            {
                output.WriteLine($"--- {node.Name}");
                output.WriteLine(
                    string.Join(
                        '\n',
                        (await File.ReadAllLinesAsync(node.LogFile, token)).TakeLast(40)
                    )
                );
            }
            throw;
        }
    }

    /// <summary>What was acknowledged is on every member: then a forced recovery loses none of it.</summary>
    private static Task AllHaveAllAsync(TestCluster cluster, CancellationToken token) =>
        Patience.UntilAsync(
            "all members have applied the same",
            EndMax,
            async () =>
            {
                (_, string said) = await cluster.RunAsync(
                    ["cluster", "status", "--cluster", cluster.ClusterFile, "--json"],
                    token
                );
                string json = said.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .LastOrDefault(line => line.StartsWith('{'), "{}");
                ulong?[] applied =
                [
                    .. (JsonNode.Parse(json)?["members"]?.AsArray() ?? []).Select(m =>
                        (ulong?)m?["appliedIndex"]
                    ),
                ];
                return applied.Length == 3 && applied.Distinct().Count() == 1;
            },
            token
        );

    private static async Task ForceAsync(Trial trial, CancellationToken token)
    {
        TestCluster cluster = trial.Cluster;
        await trial.ProgressAsync(200, token);
        await trial.Load!.StopAsync();
        await AllHaveAllAsync(cluster, token);
        string before = Path.Combine(cluster.Directory, "before.json");
        File.Copy(cluster.ClusterFile, before);
        ClusterFile old = cluster.File();
        TestNode leader = await cluster.LeaderAsync(token);
        TestNode survivor = cluster.Others(leader).First();
        TestNode[] lost = [.. cluster.Nodes.Where(n => n != survivor)];
        foreach (TestNode node in cluster.Nodes)
        {
            await node.KillAsync();
        }

        IReadOnlyList<(string Name, string Key)> people = cluster.MakeOperators();
        string raft = survivor.RaftListen.ToString();
        Task<(int Status, string Said)> SignAsync(int who) =>
            cluster.RunAsync(
                [
                    "cluster",
                    "recover",
                    "--cluster",
                    cluster.ClusterFile,
                    "--survivor",
                    survivor.Name,
                    "--raft",
                    raft,
                    "--reason",
                    "two machines burnt",
                    "--operator",
                    people[who].Name,
                    "--sign-with",
                    people[who].Key,
                ],
                token
            );

        (int first, string waiting) = await SignAsync(0);
        Assert.True(first == 0, waiting);
        Assert.Equal(old.Lineage, cluster.File().Lineage);
        // The same person twice is one person.
        Assert.Equal(0, (await SignAsync(0)).Status);
        Assert.Equal(old.Lineage, cluster.File().Lineage);
        (int second, string done) = await SignAsync(1);
        Assert.True(second == 0, done);
        ClusterFile forced = cluster.File();
        Assert.Equal(old.Lineage, forced.Parent);
        Assert.NotEqual(old.Lineage, forced.Lineage);
        Assert.Equal([survivor.Name], forced.Members.Select(m => m.Name));

        foreach (TestNode node in lost)
        {
            cluster.Forget(node);
        }
        survivor.Start();
        await cluster.WaitReadyAsync(token);

        // A lost one that comes back, with its files and the file that it knew, is refused by name.
        lost[0].ClusterFile = before;
        lost[0].Start();
        await Patience.UntilAsync("the old member ends", EndMax, () => !lost[0].IsRunning, token);
        Assert.Contains(
            $"lineage {old.Lineage} ended at entry {forced.ForkIndex}",
            await File.ReadAllTextAsync(lost[0].LogFile, token),
            StringComparison.Ordinal
        );

        // Two new machines, one after the other, until three serve.
        await trial.AddAsync(token);
        await trial.AddAsync(token);
        Assert.Equal(3, cluster.File().Members.Count);
        await (await cluster.LeaderAsync(token)).KillAsync();
        TestNode next = await cluster.LeaderAsync(token);
        (int refused, string why) = await RemoveAsync(
            cluster,
            cluster.Nodes.First(n => n.IsRunning && n != next),
            token
        );
        Assert.Equal(1, refused);
        Assert.Contains("needed", why, StringComparison.Ordinal);
        FinalState kept = await LedgerLoad.ReadFinalStateAsync(
            cluster.BinaryEndpoints,
            cluster.Key,
            trial.Load.AccountIds,
            ClusterTrial.Load.Range,
            token
        );
        CheckReport report = Checker.Check(trial.Load.Log, kept);
        Assert.True(report.Acknowledged > 0);
        Assert.Equal(0, report.AcknowledgedLost);
        Assert.Equal(0, report.PostedTwice);
    }

    private static Task<(int Status, string Said)> RemoveAsync(
        TestCluster cluster,
        TestNode node,
        CancellationToken token
    ) =>
        cluster.RunAsync(
            ["cluster", "remove", node.Name, "--cluster", cluster.ClusterFile, "--wait", "30"],
            token
        );
}
