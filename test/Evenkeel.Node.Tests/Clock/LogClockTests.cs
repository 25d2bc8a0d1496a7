using Evenkeel.Model;
using Evenkeel.Node.Clock;
using Xunit;

namespace Evenkeel.Node.Tests.Clock;

public sealed class LogClockTests
{
    private static readonly TimeSpan TenYears = TimeSpan.FromDays(3_652);

    private readonly ManualTime _time = new();

    private LogClock NewClock(ulong last = 0, ClockStamp? stamp = null, BootReading? boot = null) =>
        new(_time, last, stamp, boot);

    private ulong Wall => (ulong)(_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    [Fact]
    public void Log_time_follows_the_wall_clock()
    {
        LogClock clock = NewClock();
        Assert.Equal(Wall, clock.Now());
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(Wall, clock.Now());
    }

    [Fact]
    public void Small_steps_of_a_time_service_are_followed()
    {
        LogClock clock = NewClock();
        _time.Jump(TimeSpan.FromSeconds(4));
        Assert.Equal(Wall, clock.Now());
        Assert.Equal(0, clock.State.PendingStepNs);
    }

    [Fact]
    public void A_small_step_back_holds_log_time_until_the_wall_clock_has_caught_up()
    {
        LogClock clock = NewClock();
        ulong before = clock.Now();
        _time.Jump(TimeSpan.FromSeconds(-2));
        Assert.Equal(before, clock.Now());
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(before + Limits.NanosecondsPerSecond, clock.Now());
    }

    [Fact]
    public void A_jump_of_ten_years_is_not_followed()
    {
        LogClock clock = NewClock();
        ulong before = clock.Now();
        _time.Jump(TenYears);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(before + Limits.NanosecondsPerSecond, clock.Now());
        Assert.Equal((long)TenYears.TotalNanoseconds, clock.State.PendingStepNs);
    }

    [Fact]
    public void A_jump_that_goes_away_leaves_no_trace()
    {
        LogClock clock = NewClock();
        _time.Jump(TenYears);
        clock.Now();
        _time.Advance(TimeSpan.FromSeconds(7));
        _time.Jump(-TenYears);
        Assert.Equal(Wall, clock.Now());
        Assert.Equal(0, clock.State.PendingStepNs);
        Assert.Equal(1, clock.State.StepsSeen);
    }

    [Fact]
    public void A_confirmed_jump_is_followed()
    {
        LogClock clock = NewClock();
        _time.Jump(TenYears);
        clock.Now();
        Assert.Equal((long)TenYears.TotalNanoseconds, clock.Confirm());
        Assert.Equal(Wall, clock.Now());
    }

    [Fact]
    public void After_a_confirmed_jump_back_log_time_runs_ahead_and_never_back()
    {
        LogClock clock = NewClock();
        ulong before = clock.Now();
        _time.Jump(-TenYears);
        Assert.Equal(before, clock.Now());
        clock.Confirm();
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(before + (5 * Limits.NanosecondsPerSecond), clock.Now());
        Assert.Equal((ulong)TenYears.TotalNanoseconds, clock.State.SkewNs);
    }

    [Fact]
    public void Confirming_when_nothing_is_pending_does_nothing()
    {
        LogClock clock = NewClock();
        Assert.Equal(0, clock.Confirm());
        Assert.Equal(Wall, clock.Now());
    }

    [Fact]
    public void Within_one_boot_a_jump_during_the_downtime_is_seen()
    {
        ClockStamp stamp = NewClock().Stamp(new BootReading("boot", 100));
        ulong before = Wall;
        _time.Jump(TenYears);
        LogClock clock = NewClock(
            last: before,
            stamp,
            new BootReading("boot", 100 + (60 * Limits.NanosecondsPerSecond))
        );
        Assert.Equal(before + (60 * Limits.NanosecondsPerSecond), clock.Now());
        Assert.NotEqual(0, clock.State.PendingStepNs);
    }

    [Fact]
    public void Within_one_boot_a_long_downtime_is_no_jump()
    {
        ClockStamp stamp = NewClock().Stamp(new BootReading("boot", 100));
        var downtime = TimeSpan.FromDays(100);
        _time.Jump(downtime);
        LogClock clock = NewClock(
            last: 1,
            stamp,
            new BootReading("boot", 100 + (ulong)downtime.TotalNanoseconds)
        );
        Assert.Equal(Wall, clock.Now());
        Assert.Equal(0, clock.State.PendingStepNs);
    }

    [Fact]
    public void After_a_reboot_a_plausible_gap_is_believed()
    {
        ClockStamp stamp = NewClock().Stamp(new BootReading("one", 100));
        _time.Jump(TimeSpan.FromDays(3));
        Assert.Equal(Wall, NewClock(last: 1, stamp, new BootReading("two", 5)).Now());
    }

    [Fact]
    public void After_a_reboot_ten_years_are_not_believed()
    {
        ClockStamp stamp = NewClock().Stamp(new BootReading("one", 100));
        ulong before = Wall;
        _time.Jump(TenYears);
        LogClock clock = NewClock(last: 1, stamp, new BootReading("two", 5));
        Assert.Equal(before, clock.Now());
        Assert.NotEqual(0, clock.State.PendingStepNs);
    }

    [Fact]
    public void A_wall_clock_behind_the_log_never_takes_log_time_back()
    {
        ulong last = Wall + (3_600 * Limits.NanosecondsPerSecond);
        LogClock clock = NewClock(last);
        Assert.Equal(last, clock.Now());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(last + Limits.NanosecondsPerSecond, clock.Now());
        Assert.True(clock.State.PendingStepNs < 0);
    }

    [Fact]
    public void The_skew_survives_a_restart()
    {
        LogClock first = NewClock();
        ulong before = first.Now();
        _time.Jump(-TenYears);
        first.Now();
        first.Confirm();
        ClockStamp stamp = first.Stamp(boot: null);
        Assert.Equal(before, NewClock(before, stamp).Now());
    }
}

public sealed class ClockStampFileTests : IDisposable
{
    private readonly string _path = Path.Combine(
        Directory.CreateTempSubdirectory("evenkeel-clock-").FullName,
        "clock"
    );

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    [Fact]
    public void A_stamp_is_read_as_it_was_written()
    {
        var stamp = new ClockStamp("a-boot", 1, ulong.MaxValue, 3);
        new ClockStampFile(_path).Write(stamp);
        Assert.Equal(stamp, new ClockStampFile(_path).Read());
    }

    [Fact]
    public void A_missing_file_is_no_stamp() => Assert.Null(new ClockStampFile(_path).Read());

    [Fact]
    public void A_damaged_stamp_is_no_stamp()
    {
        new ClockStampFile(_path).Write(new ClockStamp("a-boot", 1, 2, 3));
        byte[] bytes = File.ReadAllBytes(_path);
        for (int i = 0; i < bytes.Length - 1; i++)
        {
            byte[] flipped = [.. bytes];
            flipped[i] ^= 1;
            File.WriteAllBytes(_path, flipped);
            Assert.Null(new ClockStampFile(_path).Read());
        }
    }

    [Fact]
    public void The_bytes_of_a_stamp_are_as_documented()
    {
        new ClockStampFile(_path).Write(new ClockStamp("a-boot", 1, 2, 3));
        Assert.Equal("evenkeel-clock-1\na-boot\n1\n2\n3\n", File.ReadAllText(_path)[..^17]);
    }
}
