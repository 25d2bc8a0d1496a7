using Evenkeel.Watch.Upgrades.Rolling;
using Xunit;

namespace Evenkeel.Watch.Tests.Upgrades;

public sealed class CanaryComparisonTests
{
    private const long Mebibyte = 1 << 20;

    private static readonly CanaryLimits Limits = new();

    [Fact]
    public void Two_nodes_that_do_the_same_go_on()
    {
        var comparison = Compare(100, i => Good(20, 100 + i), i => Good(18, 300 + i));
        Assert.Null(comparison.WhyStop());
        Assert.Equal(100, comparison.Figures.Probes);
    }

    [Fact]
    public void A_leak_stops_the_upgrade_as_soon_as_it_is_above_the_limit()
    {
        var comparison = new CanaryComparison(Limits);
        var stoppedAt = -1;
        for (var i = 0; i < 100 && stoppedAt < 0; i++)
        {
            comparison.Add(Good(20, 100 + (2 * i)), Good(20, 100));
            stoppedAt = comparison.WhyStop() is null ? -1 : i;
        }

        Assert.Equal(33, stoppedAt);
        Assert.Contains("memory grew by 66 MiB", comparison.WhyStop(), StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_that_grows_on_both_alike_is_the_load_and_no_leak() =>
        Assert.Null(
            Compare(100, i => Good(20, 100 + (5 * i)), i => Good(20, 100 + (5 * i))).WhyStop()
        );

    [Fact]
    public void Errors_above_those_of_the_control_stop_it()
    {
        Probe Sometimes(int i) => Good(20, 100) with { Ok = i % 20 != 0 };
        Assert.Contains(
            "50 of 1,000",
            Compare(100, Sometimes, i => Good(20, 100)).WhyStop(),
            StringComparison.Ordinal
        );
        Assert.Null(Compare(100, Sometimes, Sometimes).WhyStop());
    }

    [Fact]
    public void Latency_far_above_the_controls_stops_it_and_a_slow_machine_does_not()
    {
        Assert.Contains(
            "median latency is 90.0 ms",
            Compare(100, _ => Good(90, 100), _ => Good(20, 100)).WhyStop(),
            StringComparison.Ordinal
        );
        Assert.Null(Compare(100, _ => Good(900, 100), _ => Good(800, 100)).WhyStop());
        // Three times nothing is nothing.
        Assert.Null(Compare(100, _ => Good(9, 100), _ => Good(1, 100)).WhyStop());
    }

    [Fact]
    public void A_few_probes_judge_nothing_but_memory()
    {
        Assert.Null(
            Compare(5, _ => Good(900, 100) with { Ok = false }, _ => Good(1, 100)).WhyStop()
        );
        Assert.NotNull(Compare(5, i => Good(1, 100 + (100 * i)), _ => Good(1, 100)).WhyStop());
    }

    private static CanaryComparison Compare(
        int probes,
        Func<int, Probe> canary,
        Func<int, Probe> control
    )
    {
        var comparison = new CanaryComparison(Limits);
        for (var i = 0; i < probes; i++)
        {
            comparison.Add(canary(i), control(i));
        }
        return comparison;
    }

    private static Probe Good(int milliseconds, long mebibytes) =>
        new(Ok: true, TimeSpan.FromMilliseconds(milliseconds), mebibytes * Mebibyte);
}
