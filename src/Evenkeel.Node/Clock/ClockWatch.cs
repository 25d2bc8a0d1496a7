using Evenkeel.Node.Batching;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Node.Clock;

/// <summary>
/// Reads the clock all the time, so that a step is seen when it happens; proposes a tick when holds
/// are due on an idle bank; keeps the clock's stamp.
/// </summary>
internal sealed class ClockWatch : IAsyncDisposable
{
    private readonly LogClock _clock;
    private readonly Batcher _batcher;
    private readonly Func<ulong> _nextExpiry;
    private readonly Func<ulong>? _lastEntryTime;
    private readonly ClockStampFile? _stamps;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private long _stampedAt;
    private long _reportedStep;
    private int _busy;

    /// <param name="lastEntryTime">
    /// Of a cluster, the time of the last entry: an idle leader proposes a tick in each span of log
    /// time, so that members have positions to compare. Null for a bank of one node.
    /// </param>
    public ClockWatch(
        LogClock clock,
        Batcher batcher,
        Func<ulong> nextExpiry,
        Func<ulong>? lastEntryTime,
        ClockStampFile? stamps,
        TimeProvider time,
        ILogger logger
    )
    {
        _clock = clock;
        _batcher = batcher;
        _nextExpiry = nextExpiry;
        _lastEntryTime = lastEntryTime;
        _stamps = stamps;
        _time = time;
        _logger = logger;
        _stampedAt = time.GetTimestamp();
        WriteStamp();
        var period = TimeSpan.FromMilliseconds(NodeLimits.TickIntervalMs);
        _timer = time.CreateTimer(static self => ((ClockWatch)self!).Look(), this, period, period);
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        WriteStamp();
    }

    private void Look()
    {
        if (Interlocked.Exchange(ref _busy, 1) == 1)
        {
            return;
        }
        try
        {
            ulong now = _clock.Now();
            Report(_clock.State.PendingStepNs);
            if (_nextExpiry() <= now || IsSpanEmpty(now))
            {
                _batcher.Tick();
            }
            if (
                _time.GetElapsedTime(_stampedAt).TotalMilliseconds
                >= NodeLimits.ClockStampIntervalMs
            )
            {
                _stampedAt = _time.GetTimestamp();
                WriteStamp();
            }
        }
        finally
        {
            Volatile.Write(ref _busy, 0);
        }
    }

    private bool IsSpanEmpty(ulong now) =>
        _lastEntryTime is not null
        && _lastEntryTime() / NodeLimits.DigestSpanNs < now / NodeLimits.DigestSpanNs;

    private void Report(long step)
    {
        if (step != 0 && _reportedStep == 0)
        {
            _logger.ClockStepped(step);
        }
        else if (step == 0 && _reportedStep != 0)
        {
            _logger.ClockSteadied();
        }
        _reportedStep = step;
    }

    private void WriteStamp()
    {
        try
        {
            _stamps?.Write(_clock.Stamp(BootClock.Read()));
        }
        catch (IOException failure)
        {
            // Without a stamp the next start judges by the log alone; no reason to stop.
            _logger.ClockStampFailed(failure.Message);
        }
    }
}
