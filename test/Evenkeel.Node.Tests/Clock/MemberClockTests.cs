using Evenkeel.Model;
using Evenkeel.Node.Clock;
using Xunit;

namespace Evenkeel.Node.Tests.Clock;

/// <summary>Log time of a member that has others to ask (rule 4 of applying).</summary>
public sealed class MemberClockTests
{
    private readonly ManualTime _time = new();

    private LogClock NewClock() => new(_time, last: 0, stamp: null, boot: null);

    private ulong Wall => (ulong)(_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    [Fact]
    public void Log_time_is_held_at_the_median_of_the_clocks_and_half_a_second()
    {
        ulong right = Wall;
        _time.Jump(TimeSpan.FromMinutes(10));
        // A new member whose clock is ten minutes fast, and two others that are right.
        LogClock clock = new(_time, last: 0, stamp: null, boot: null, leads: false);
        clock.Bound(new ClockMedian(right, _time.GetTimestamp()));
        clock.Lead(leads: true);

        Assert.Equal(right + NodeLimits.ClockLeadMaxNs, clock.Now());
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(
            right + NodeLimits.ClockLeadMaxNs + (2 * Limits.NanosecondsPerSecond),
            clock.Now()
        );
    }

    [Fact]
    public void A_jump_after_the_clocks_were_compared_is_held_too()
    {
        LogClock clock = NewClock();
        ulong right = Wall;
        clock.Bound(new ClockMedian(right, _time.GetTimestamp()));
        _time.Jump(TimeSpan.FromSeconds(4));

        Assert.Equal(right + NodeLimits.ClockLeadMaxNs, clock.Now());
    }

    [Fact]
    public void A_comparison_of_clocks_ends_to_count()
    {
        LogClock clock = NewClock();
        clock.Bound(new ClockMedian(1, _time.GetTimestamp()));
        _time.Advance(TimeSpan.FromSeconds(11));

        Assert.Equal(Wall, clock.Now());
    }

    [Fact]
    public void The_clock_of_a_member_that_does_not_lead_leaves_no_trace()
    {
        LogClock clock = new(_time, last: 0, stamp: null, boot: null, leads: false);
        ulong right = Wall;
        _time.Jump(TimeSpan.FromSeconds(3));
        Assert.Equal(Wall, clock.Now());
        _time.Jump(TimeSpan.FromSeconds(-3));
        clock.Lead(leads: true);

        Assert.Equal(right, clock.Now());
    }

    [Fact]
    public void A_new_leader_goes_on_from_what_the_state_says()
    {
        LogClock clock = new(_time, last: 0, stamp: null, boot: null, leads: false);
        ulong ahead = Wall + (2 * Limits.NanosecondsPerSecond);
        clock.Observe(ahead);
        clock.Lead(leads: true);

        Assert.Equal(ahead, clock.Now());
    }
}
