namespace Evenkeel.Node.Tests;

/// <summary>A clock that moves when told; wall clock and monotonic clock move apart on a jump.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _wall = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private long _ticks = 1_000_000;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _wall;
        }
    }

    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _ticks;
        }
    }

    /// <summary>Time passes: both clocks move, timers fire.</summary>
    public void Advance(TimeSpan by)
    {
        List<ManualTimer> due;
        lock (_gate)
        {
            _wall += by;
            _ticks += by.Ticks;
            due = [.. _timers];
        }
        foreach (ManualTimer timer in due)
        {
            timer.FireIfDue(_ticks);
        }
    }

    /// <summary>Somebody sets the wall clock; no time passes.</summary>
    public void Jump(TimeSpan by)
    {
        lock (_gate)
        {
            _wall += by;
        }
    }

    public override ITimer CreateTimer(
        TimerCallback callback,
        object? state,
        TimeSpan dueTime,
        TimeSpan period
    )
    {
        var timer = new ManualTimer(this, callback, state, _ticks, dueTime, period);
        lock (_gate)
        {
            _timers.Add(timer);
        }
        return timer;
    }

    private sealed class ManualTimer(
        ManualTime owner,
        TimerCallback callback,
        object? state,
        long createdAt,
        TimeSpan dueTime,
        TimeSpan period
    ) : ITimer
    {
        private long _due = dueTime < TimeSpan.Zero ? long.MaxValue : createdAt + dueTime.Ticks;

        public void FireIfDue(long now)
        {
            if (now < _due)
            {
                return;
            }
            _due = period <= TimeSpan.Zero ? long.MaxValue : now + period.Ticks;
            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
            lock (owner._gate)
            {
                owner._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
