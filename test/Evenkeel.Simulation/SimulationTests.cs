using System.Globalization;
using Evenkeel.Simulation.World;
using Xunit;

namespace Evenkeel.Simulation;

/// <summary>
/// A whole bank of three nodes on one thread, from a seed. <c>EVENKEEL_SEED=n</c> runs that seed alone.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const ulong FirstSeed = 1;

    /// <summary>Within so many seeds each planted bug is found.</summary>
    private const int SeedsForABug = 150;

    private static readonly bool s_long =
        Environment.GetEnvironmentVariable("EVENKEEL_LONG") == "1";

    [Fact]
    public void No_seed_breaks_a_promise()
    {
        ulong[] seeds = Seeds(s_long ? 10_000 : 200);
        long acknowledged = 0;
        long lost = 0;
        long rewinds = 0;
        foreach (ulong seed in seeds)
        {
            SimulationRun run = SimulationRun.Of(seed);
            Assert.True(run.Failure is null, run.Failure);
            acknowledged += run.Acknowledged;
            lost += run.Lost;
            rewinds += run.Rewinds;
        }
        output.WriteLine(
            $"{seeds.Length} seeds from {seeds[0]}: {acknowledged} promises kept, {lost} on branches that "
                + $"people gave up, {rewinds} rewinds of the consumer"
        );
        Assert.True(acknowledged > 0);
    }

    /// <summary>Seeds of the long count that found something, whatever it was.</summary>
    [Theory]
    [InlineData(292)] // An answer on its way when its branch was given up was held to be a promise.
    public void A_seed_that_once_failed_passes(ulong seed)
    {
        SimulationRun run = SimulationRun.Of(seed);
        Assert.True(run.Failure is null, run.Failure);
        Assert.True(run.Acknowledged > 0);
    }

    [Fact]
    public void The_same_seed_makes_the_same_events()
    {
        foreach (ulong seed in Seeds(5))
        {
            SimulationRun first = SimulationRun.Of(seed);
            SimulationRun second = SimulationRun.Of(seed);
            Assert.Equal(first.TraceHash, second.TraceHash);
            Assert.Equal(first.Events, second.Events);
            Assert.NotEqual(first.TraceHash, SimulationRun.Of(seed + 1_000).TraceHash);
        }
    }

    [Theory]
    [InlineData(nameof(Bug.AcknowledgeBeforeCommit))]
    [InlineData(nameof(Bug.AcknowledgeBeforeFlush))]
    [InlineData(nameof(Bug.ForgetVote))]
    [InlineData(nameof(Bug.SkipLogMatching))]
    [InlineData(nameof(Bug.ClientForgetsItsId))]
    [InlineData(nameof(Bug.StampByOwnClock))]
    [InlineData(nameof(Bug.RestoreOneRowShort))]
    [InlineData(nameof(Bug.BelieveLostLineage))]
    public void A_planted_bug_is_found(string bug)
    {
        Bug planted = Enum.Parse<Bug>(bug);
        for (int i = 0; i < SeedsForABug; i++)
        {
            if (SimulationRun.Of(FirstSeed + (ulong)i, planted) is { Failure: { } failure })
            {
                output.WriteLine($"found at seed {i + 1}: {failure.Split('\n')[0]}");
                return;
            }
        }
        Assert.Fail($"{SeedsForABug} seeds did not find {planted}");
    }

    private static ulong[] Seeds(int count) =>
        ulong.TryParse(
            Environment.GetEnvironmentVariable("EVENKEEL_SEED"),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out ulong only
        )
            ? [only]
            : [.. Enumerable.Range(0, count).Select(i => FirstSeed + (ulong)i)];
}
