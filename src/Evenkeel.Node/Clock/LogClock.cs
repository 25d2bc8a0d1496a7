using Evenkeel.Model;

namespace Evenkeel.Node.Clock;

/// <summary>Where the clock stands.</summary>
/// <param name="PendingStepNs">
/// A step of the wall clock that is not followed until somebody confirms it, nanoseconds; 0 = none.
/// </param>
/// <param name="SkewNs">How far log time runs ahead of the wall clock, acknowledged, nanoseconds.</param>
/// <param name="StepsSeen">Steps above the limit since the start.</param>
public readonly record struct ClockState(long PendingStepNs, ulong SkewNs, long StepsSeen);

/// <summary>What is kept across restarts, so that a step while the node was down is seen as well.</summary>
/// <param name="BootId">The operating system's id of this boot, or empty.</param>
/// <param name="BootNs">Time since boot, suspension included, nanoseconds.</param>
/// <param name="WallNs">The accepted wall clock at that moment, nanoseconds since the Unix epoch.</param>
/// <param name="SkewNs">The acknowledged skew.</param>
public readonly record struct ClockStamp(string BootId, ulong BootNs, ulong WallNs, ulong SkewNs);

/// <summary>
/// The leader's log time (rule 4 of applying): monotonic, and never following a jump of the wall
/// clock. A lone node has nobody to ask, so it judges the wall clock by the monotonic one.
/// </summary>
/// <remarks>
/// While they agree within <see cref="NodeLimits.ClockStepMaxNs"/> the wall clock is followed (so
/// slewing by a time service is). A larger difference is a step: log time goes on at the monotonic
/// rate, the step is reported, and it is followed only when confirmed or when it goes away. A
/// confirmed step back can't take log time back: log time then runs ahead by a fixed skew.
/// </remarks>
internal sealed class LogClock
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private ulong _anchorWallNs;
    private long _anchorTicks;
    private ulong _skewNs;
    private ulong _last;
    private long _pendingStepNs;
    private long _stepsSeen;

    /// <param name="last">The latest log time in the state; 0 in a new bank.</param>
    /// <param name="stamp">What was kept at the last run, if anything.</param>
    /// <param name="boot">This boot, if the operating system tells.</param>
    public LogClock(TimeProvider time, ulong last, ClockStamp? stamp, BootReading? boot)
    {
        _time = time;
        _last = last;
        _anchorTicks = time.GetTimestamp();
        ulong wall = WallNs();
        _skewNs = stamp?.SkewNs ?? 0;
        _anchorWallNs = (stamp, boot) switch
        {
            ({ } s, { } b) when SameBoot(s, b) => s.WallNs + (b.BootNs - s.BootNs),
            ({ } s, _) => AcceptGap(wall, s.WallNs),
            _ when last == 0 => wall,
            _ => AcceptGap(wall, last),
        };
        Now();
    }

    public ClockState State
    {
        get
        {
            lock (_gate)
            {
                return new ClockState(_pendingStepNs, _skewNs, _stepsSeen);
            }
        }
    }

    /// <summary>Log time now, nanoseconds since the Unix epoch; never less than before.</summary>
    public ulong Now()
    {
        lock (_gate)
        {
            ulong wall = WallNs();
            long ticks = _time.GetTimestamp();
            ulong expected = _anchorWallNs + ElapsedNs(_anchorTicks, ticks);
            long step = unchecked((long)(wall - expected));
            if (Math.Abs(step) <= (long)NodeLimits.ClockStepMaxNs)
            {
                _pendingStepNs = 0;
                expected = wall;
            }
            else
            {
                _stepsSeen += _pendingStepNs == 0 ? 1 : 0;
                _pendingStepNs = step;
            }
            _anchorWallNs = expected;
            _anchorTicks = ticks;
            _last = Math.Max(_last, expected + _skewNs);
            return _last;
        }
    }

    /// <summary>Log time as in the state moved on (a stamp beyond the clock's own); never back.</summary>
    public void Observe(ulong logTime)
    {
        lock (_gate)
        {
            _last = Math.Max(_last, logTime);
        }
    }

    /// <summary>Somebody checked the wall clock and found it right: follow it from now on.</summary>
    /// <returns>The step that was accepted, nanoseconds; 0 when none was pending.</returns>
    public long Confirm()
    {
        lock (_gate)
        {
            long step = _pendingStepNs;
            if (step == 0)
            {
                return 0;
            }
            if (step < 0)
            {
                _skewNs += (ulong)-step;
            }
            else
            {
                _skewNs -= Math.Min(_skewNs, (ulong)step);
            }
            _anchorWallNs = WallNs();
            _anchorTicks = _time.GetTimestamp();
            _pendingStepNs = 0;
            return step;
        }
    }

    /// <summary>What to keep for the next start.</summary>
    public ClockStamp Stamp(BootReading? boot)
    {
        lock (_gate)
        {
            ulong wall = _anchorWallNs + ElapsedNs(_anchorTicks, _time.GetTimestamp());
            return new ClockStamp(boot?.BootId ?? "", boot?.BootNs ?? 0, wall, _skewNs);
        }
    }

    private static bool SameBoot(ClockStamp stamp, BootReading boot) =>
        string.Equals(stamp.BootId, boot.BootId, StringComparison.Ordinal)
        && boot.BootNs >= stamp.BootNs;

    // How long the machine was off can't be checked; believe the wall clock within reason.
    private static ulong AcceptGap(ulong wall, ulong last) =>
        wall + NodeLimits.ClockStepMaxNs >= last && wall <= last + NodeLimits.ClockRestartGapMaxNs
            ? wall
            : last;

    private ulong WallNs()
    {
        long ticks = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks;
        return ticks <= 0 ? Limits.TimestampMin : (ulong)ticks * 100;
    }

    private ulong ElapsedNs(long from, long to) =>
        (ulong)Math.Max(0, (long)((Int128)(to - from) * 1_000_000_000 / _time.TimestampFrequency));
}
