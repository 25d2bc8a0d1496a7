using Evenkeel.Watch.Drills;
using Evenkeel.Watch.Drills.TestBed;
using Xunit;

namespace Evenkeel.Cluster.Tests;

/// <summary>Disks that are slow, full or empty.</summary>
[Collection(ClusterTrial.Collection)]
public sealed class DiskFaultTests(ITestOutputHelper output)
{
    /// <summary>Above the floor of free bytes below which a node takes no writes (1 GiB).</summary>
    private const int VolumeMiB = 1_536;

    private static readonly TimeSpan SlowBy = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(5);

    [Theory(
        Skip = "long",
        SkipUnless = nameof(ClusterTrial.IsLong),
        SkipType = typeof(ClusterTrial)
    )]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_slow_disk_loses_nothing(bool ofLeader)
    {
        Assert.SkipUnless(
            SystemCalls.ArePossible,
            "strace is not installed or may not attach here"
        );
        await ClusterTrial.RunAsync(
            output,
            ClusterTrial.Options,
            async (trial, token) =>
            {
                TestNode leader = await trial.Cluster.LeaderAsync(token);
                TestNode node = ofLeader ? leader : trial.Cluster.Others(leader).First();
                string log = Path.Combine(trial.Cluster.Directory, "strace.log");
                await using (await SystemCalls.SlowDiskAsync(node.Process, SlowBy, log))
                {
                    await Task.Delay(Slow, token);
                    await trial.ProgressAsync(50, token);
                }
                await trial.Cluster.WaitReadyAsync(token);
            }
        );
    }

    [Fact]
    public async Task A_full_disk_of_the_leader_refuses_cleanly_and_ends_without_a_restart()
    {
        Assert.SkipUnless(Volume.ArePossible, "a small volume can't be mounted here (needs root)");
        await ClusterTrial.RunAsync(
            output,
            WithVolumes,
            async (trial, token) =>
            {
                TestNode leader = await trial.Cluster.LeaderAsync(token);
                Volume volume = leader.Volume!;
                volume.Resize(1 + (volume.UsedBytes >> 20) + 64);
                long refusedBefore = trial.Load!.Log.Refusals;
                await Patience.UntilAsync(
                    "writes are refused, or another node leads",
                    TimeSpan.FromSeconds(30),
                    async () =>
                        trial.Load.Log.Refusals > refusedBefore + 20
                        || await trial.Cluster.FindLeaderAsync(token) is { } now && now != leader,
                    token
                );
                Assert.True(leader.IsRunning, "a node lives through a full disk");
                volume.Resize(VolumeMiB);
                await trial.ProgressAsync(200, token);
            }
        );
    }

    [Fact(Skip = "long", SkipUnless = nameof(ClusterTrial.IsLong), SkipType = typeof(ClusterTrial))]
    public async Task A_disk_of_a_follower_without_a_byte_left_stops_only_that_node()
    {
        Assert.SkipUnless(Volume.ArePossible, "a small volume can't be mounted here (needs root)");
        await ClusterTrial.RunAsync(
            output,
            WithVolumes,
            async (trial, token) =>
            {
                TestNode leader = await trial.Cluster.LeaderAsync(token);
                TestNode full = trial.Cluster.Others(leader).First();
                full.Volume!.Resize(1 + (full.Volume.UsedBytes >> 20));
                await trial.ProgressAsync(3_000, token);
                full.Volume.Resize(VolumeMiB);
                if (!full.IsRunning)
                {
                    full.Start();
                }
                await trial.Cluster.WaitReadyAsync(token);
            }
        );
    }

    [Fact]
    public Task A_node_that_lost_its_disk_is_seeded_and_takes_part_again()
    {
        // The fast tier has the seeding of the whole program, killed and wiped while customers go on.
        Assert.SkipUnless(ClusterTrial.IsLong, "long");
        return ClusterTrial.RunAsync(
            output,
            ClusterTrial.Options,
            async (trial, token) =>
            {
                TestNode leader = await trial.Cluster.LeaderAsync(token);
                TestNode wiped = trial.Cluster.Others(leader).First();
                await wiped.KillAsync();
                wiped.Wipe();
                await trial.ProgressAsync(100, token);
                wiped.Start();
                await trial.Cluster.WaitReadyAsync(token);
                // It counts again: with one of the others gone, it is needed for a quorum.
                TestNode other = trial.Cluster.Others(leader).Single(n => n != wiped);
                await other.KillAsync();
                await trial.ProgressAsync(100, token);
                other.Start();
                await trial.Cluster.WaitReadyAsync(token);
            }
        );
    }

    private static TrialOptions WithVolumes =>
        ClusterTrial.Options with
        {
            Cluster = ClusterTrial.Options.Cluster with
            {
                Prepare = node => node.VolumeMiB = VolumeMiB,
            },
        };
}
