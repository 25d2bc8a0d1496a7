using Evenkeel.Model;

namespace Evenkeel.Node.Clock;

/// <summary>Where the clock stands.</summary>
/// <param name="PendingStepNs">
/// A step of the wall clock that is not followed until somebody confirms it, nanoseconds; 0 = none.
/// </param>
/// <param name="SkewNs">How far log time runs ahead of the wall clock, acknowledged, nanoseconds.</param>
/// <param name="StepsSeen">Steps above the limit since the start.</param>
public readonly record struct ClockState(long PendingStepNs, ulong SkewNs, long StepsSeen);

/// <summary>
/// What the clocks of a majority of members say, for the rule that log time never runs more than
/// <see cref="NodeLimits.ClockLeadMaxNs"/> ahead of their median.
/// </summary>
/// <param name="WallNs">The median of the nodes' wall clocks, nanoseconds since the Unix epoch.</param>
/// <param name="TakenAt">At this moment, ticks of the time provider.</param>
public sealed record ClockMedian(ulong WallNs, long TakenAt);

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
/// A member of a cluster has others to ask: log time is also held at their median and a little,
/// as long as a majority was heard lately. While it does not lead, its own clock leaves no trace.
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
    private bool _leads;
    private ClockMedian? _median;

    /// <param name="last">The latest log time in the state; 0 in a new bank.</param>
    /// <param name="stamp">What was kept at the last run, if anything.</param>
    /// <param name="boot">This boot, if the operating system tells.</param>
    /// <param name="leads">False for a member of a cluster, until it leads.</param>
    public LogClock(
        TimeProvider time,
        ulong last,
        ClockStamp? stamp,
        BootReading? boot,
        bool leads = true
    )
    {
        _time = time;
        _leads = leads;
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

    /// <summary>
    /// Log time now, nanoseconds since the Unix epoch; never less than before while this node leads.
    /// </summary>
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
            ulong now = Math.Max(_last, Hold(expected + _skewNs, ticks));
            if (_leads)
            {
                _last = now;
            }
            return now;
        }
    }

    /// <summary>This node leads from now on, or no longer.</summary>
    public void Lead(bool leads)
    {
        lock (_gate)
        {
            _leads = leads;
        }
    }

    /// <summary>What a majority of the members' clocks say; null when too few were heard.</summary>
    public void Bound(ClockMedian? median)
    {
        lock (_gate)
        {
            _median = median;
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

    /// <summary>Not beyond the median of the clocks and a little, while it is fresh.</summary>
    private ulong Hold(ulong candidate, long ticks)
    {
        if (_median is not { } median)
        {
            return candidate;
        }
        // By the monotonic clock: the wall clock may have jumped since.
        ulong age = ElapsedNs(median.TakenAt, ticks);
        return age > NodeLimits.ClockMedianAgeMaxNs
            ? candidate
            : Math.Min(candidate, median.WallNs + age + NodeLimits.ClockLeadMaxNs);
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
