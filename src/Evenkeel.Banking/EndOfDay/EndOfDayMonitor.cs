using System.Diagnostics.Metrics;

namespace Evenkeel.Banking.EndOfDay;

/// <summary>What an operator asks first. Persisted nowhere.</summary>
public enum EndOfDayState
{
    None = 0,

    /// <summary>The bank has no business date.</summary>
    NotOpened = 1,

    /// <summary>The last day is complete; customers work in the open one.</summary>
    Open = 2,

    /// <summary>A day was closed and its steps are under way, or go on when a node leads.</summary>
    Closing = 3,

    /// <summary>The last attempt of this node failed; it is tried again.</summary>
    Failing = 4,
}

/// <param name="What">Kind and words of the failure; no name, balance or card.</param>
/// <param name="Failures">Since this process began.</param>
public sealed record EndOfDayFailure(DateTimeOffset At, string What, long Failures);

/// <summary>How far the end of day is.</summary>
/// <param name="EndsAt">When the open day ends by itself; null without a schedule.</param>
/// <param name="Last">The day that was closed last; null before the first.</param>
/// <param name="Step">At work, of <see cref="Last"/>; null when it is complete.</param>
/// <param name="Handled">Accounts, orders or documents that the step at work has looked at.</param>
/// <param name="LastFailure">Of this node since its process began; null when there was none.</param>
/// <param name="OrdersRetried">Standing orders that this process tried again during the day.</param>
public sealed record EndOfDayStatus(
    EndOfDayState State,
    DateOnly? BusinessDate,
    DaySchedule? Schedule,
    DateTimeOffset? EndsAt,
    ClosedDay? Last,
    string? Step,
    int Handled,
    EndOfDayFailure? LastFailure,
    long OrdersRetried
);

/// <summary>What this process has seen of ends of days, for its status and for metrics.</summary>
internal sealed class EndOfDayMonitor
{
    public const string MeterName = "Evenkeel.Banking";

    private static readonly Meter Meter = new(MeterName);

    private static readonly Counter<long> DaysClosed = Meter.CreateCounter<long>(
        "evenkeel.end_of_day.days_closed",
        "{day}",
        "Business days that this process completed."
    );

    private static readonly Counter<long> Handled = Meter.CreateCounter<long>(
        "evenkeel.end_of_day.handled",
        "{item}",
        "Accounts, orders and documents that steps looked at, by step."
    );

    private static readonly Counter<long> Failures = Meter.CreateCounter<long>(
        "evenkeel.end_of_day.failures",
        "{failure}",
        "Attempts that could not go on, and are made again."
    );

    private static readonly Counter<long> Retries = Meter.CreateCounter<long>(
        "evenkeel.standing_orders.retried",
        "{order}",
        "Standing orders without enough money that were tried again."
    );

    private static readonly Histogram<double> BatchSeconds = Meter.CreateHistogram<double>(
        EndOfDayDesk.BatchDurationMetric,
        "s",
        "Time that one batch of one step took, by step."
    );

    private readonly Lock _gate = new();
    private EndOfDayFailure? _lastFailure;
    private bool _isFailing;
    private long _failures;
    private long _retried;
    private long _looks;

    /// <summary>Whether the last attempt failed, and nothing has gone on since.</summary>
    public bool IsFailing
    {
        get
        {
            lock (_gate)
            {
                return _isFailing;
            }
        }
    }

    public EndOfDayFailure? LastFailure
    {
        get
        {
            lock (_gate)
            {
                return _lastFailure;
            }
        }
    }

    /// <summary>How often the keeper has looked whether there is something to do, and found out.</summary>
    public long Looks => Interlocked.Read(ref _looks);

    public long OrdersRetried => Interlocked.Read(ref _retried);

    public void Failed(DateTimeOffset at, Exception reason)
    {
        lock (_gate)
        {
            _failures++;
            _isFailing = true;
            _lastFailure = new EndOfDayFailure(
                at,
                $"{reason.GetType().Name}: {reason.Message}",
                _failures
            );
        }
        Failures.Add(1);
    }

    /// <param name="step">One of a fixed list, so that the label is bounded.</param>
    public void Advanced(string step, int handled, TimeSpan took)
    {
        lock (_gate)
        {
            _isFailing = false;
        }
        KeyValuePair<string, object?> label = new("step", step);
        Handled.Add(handled, label);
        BatchSeconds.Record(took.TotalSeconds, label);
    }

    public void Looked() => Interlocked.Increment(ref _looks);

    public static void Completed() => DaysClosed.Add(1);

    public void Retried(int orders)
    {
        Interlocked.Add(ref _retried, orders);
        Retries.Add(orders);
    }
}
