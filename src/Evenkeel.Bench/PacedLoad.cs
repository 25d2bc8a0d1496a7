using System.Diagnostics;
using Evenkeel.Model;
using HdrHistogram;

namespace Evenkeel.Bench;

/// <summary>What customers felt in a stretch of time.</summary>
public sealed record PhaseLatency
{
    public required string Name { get; init; }
    public required double Seconds { get; init; }
    public required long Requests { get; init; }
    public required double P50Ms { get; init; }
    public required double P99Ms { get; init; }
    public required double MaxMs { get; init; }
}

/// <summary>
/// Customers who pay at a fixed pace, one transfer a request, whatever the bank is busy with. A
/// latency counts from the moment at which the request was due, so that a stall is felt by all who
/// came during it.
/// </summary>
public sealed class PacedLoad : IAsyncDisposable
{
    private const long HighestTrackableMicroseconds = 600_000_000;

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private LongHistogram _histogram = NewHistogram();
    private string _name;
    private long _started = Stopwatch.GetTimestamp();
    private Task _running = Task.CompletedTask;
    private long _refused;

    private PacedLoad(string firstPhase) => _name = firstPhase;

    /// <summary>Transfers that were refused; there must be none.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Opens the connections and begins.</summary>
    /// <param name="requestsPerSecond">Of all customers together.</param>
    public static async Task<PacedLoad> StartAsync(
        string firstPhase,
        OpenTarget open,
        WorkloadOptions workload,
        int customers,
        int requestsPerSecond,
        CancellationToken cancellationToken
    )
    {
        var load = new PacedLoad(firstPhase);
        var period = (long)((double)Stopwatch.Frequency * customers / requestsPerSecond);
        var begin = Stopwatch.GetTimestamp();
        var loops = new List<Task>();
        for (var i = 0; i < customers; i++)
        {
            var target = await open(cancellationToken);
            // One after the other, not all at once.
            var due = begin + (period * i / customers);
            var customer = new Workload(workload.ForRun(1_000), i);
            loops.Add(
                Task.Run(() => load.PayAsync(target, customer, due, period), cancellationToken)
            );
        }
        load._running = Task.WhenAll(loops);
        return load;
    }

    /// <summary>Ends a phase and begins the next one.</summary>
    public PhaseLatency NextPhase(string name)
    {
        lock (_gate)
        {
            var any = _histogram.TotalCount > 0;
            var phase = new PhaseLatency
            {
                Name = _name,
                Seconds = Stopwatch.GetElapsedTime(_started).TotalSeconds,
                Requests = _histogram.TotalCount,
                P50Ms = any ? _histogram.GetValueAtPercentile(50) / 1000.0 : 0,
                P99Ms = any ? _histogram.GetValueAtPercentile(99) / 1000.0 : 0,
                MaxMs = any ? _histogram.GetMaxValue() / 1000.0 : 0,
            };
            _histogram = NewHistogram();
            _started = Stopwatch.GetTimestamp();
            _name = name;
            return phase;
        }
    }

    /// <summary>Lets each customer finish the request that it waits for.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private static LongHistogram NewHistogram() => new(HighestTrackableMicroseconds, 3);

    private async Task PayAsync(ILoadTarget target, Workload customer, long due, long period)
    {
        await using var _ = target;
        var one = new Transfer[1];
        while (!_stop.IsCancellationRequested)
        {
            var wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, _stop.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }
            one[0] = customer.Next();
            Interlocked.Add(
                ref _refused,
                await target.CreateTransfersAsync(one, CancellationToken.None)
            );
            var us = (long)Stopwatch.GetElapsedTime(due).TotalMicroseconds;
            lock (_gate)
            {
                _histogram.RecordValue(Math.Clamp(us, 1, HighestTrackableMicroseconds));
            }
            due += period;
        }
    }
}
