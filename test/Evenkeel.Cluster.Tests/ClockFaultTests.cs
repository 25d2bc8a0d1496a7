using Evenkeel.Watch.Drills;
using Evenkeel.Watch.Drills.TestBed;
using Xunit;

namespace Evenkeel.Cluster.Tests;

/// <summary>Wall clocks that jump.</summary>
[Collection(ClusterTrial.Collection)]
public sealed class ClockFaultTests(ITestOutputHelper output)
{
    private const ulong NanosecondsPerSecond = 1_000_000_000;

    /// <summary>A stamp may be so far ahead of true time: the bound of log time, and some room.</summary>
    private static readonly TimeSpan AheadMax = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(600)]
    [InlineData(-600)]
    public async Task A_jump_of_the_leaders_clock_moves_no_time_stamp(int seconds)
    {
        // Forwards is the dangerous way: backwards runs in the long tier.
        Assert.SkipUnless(seconds > 0 || ClusterTrial.IsLong, "long");
        Assert.SkipUnless(FalseClock.IsPossible, "there is no C compiler");
        string directory = Directory.CreateTempSubdirectory("evenkeel-clocks-").FullName;
        try
        {
            Dictionary<TestNode, FalseClock> clocks = [];
            await ClusterTrial.RunAsync(
                output,
                ClusterTrial.Options with
                {
                    Cluster = ClusterTrial.Options.Cluster with
                    {
                        Prepare = node =>
                        {
                            clocks[node] = new FalseClock(Path.Combine(directory, node.Name));
                            clocks[node].GiveTo(node);
                        },
                    },
                },
                async (trial, token) =>
                {
                    TestNode leader = await trial.Cluster.LeaderAsync(token);
                    clocks[leader].SetOffset(TimeSpan.FromSeconds(seconds));
                    await trial.ProgressAsync(300, token);
                    AssertTrueTime(trial);
                    // The others take over from a node whose clock is wrong, and it from them.
                    await leader.KillAsync();
                    await trial.ProgressAsync(100, token);
                    leader.Start();
                    await trial.Cluster.WaitReadyAsync(token);
                    AssertTrueTime(trial);
                    clocks[leader].SetOffset(TimeSpan.Zero);
                }
            );
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static void AssertTrueTime(Trial trial)
    {
        ulong latest = trial.Load!.Log.Writes.SelectMany(w => w.Answers).Max(a => a.Timestamp);
        DateTimeOffset stamp = DateTimeOffset.FromUnixTimeSeconds(
            (long)(latest / NanosecondsPerSecond)
        );
        Assert.InRange(stamp - DateTimeOffset.UtcNow, -AheadMax, AheadMax);
    }
}
