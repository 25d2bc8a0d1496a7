using System.Diagnostics;
using HdrHistogram;

namespace Evenkeel.Bench;

/// <summary>What one measured run gave.</summary>
public sealed record Measurement
{
    public required string Name { get; init; }
    public required long Transfers { get; init; }
    public required double Seconds { get; init; }
    public required double P50Ms { get; init; }
    public required double P99Ms { get; init; }
    public required double MaxMs { get; init; }
    public required int Clients { get; init; }
    public required int Batch { get; init; }
    public required int Accounts { get; init; }
    public required bool Durable { get; init; }

    /// <summary>Transfers that were refused; a load of plain transfers must have none.</summary>
    public long Refused { get; init; }

    public double TransfersPerSecond => Seconds > 0 ? Transfers / Seconds : 0;
}

/// <summary>
/// Runs one loop for each client until time is up and merges their latencies. A request's latency
/// is from before it is sent until its answer is read; a batch counts as one request.
/// </summary>
public static class LoadRunner
{
    private const long HighestTrackableMicroseconds = 60_000_000;

    /// <summary>One client's loop body: sends one request, returns (done, refused).</summary>
    public delegate ValueTask<(int Done, int Refused)> Request(CancellationToken cancellationToken);

    public static async Task<Measurement> RunAsync(
        string name,
        IReadOnlyList<Request> clients,
        int batch,
        int accounts,
        bool durable,
        TimeSpan warmUp,
        TimeSpan duration,
        CancellationToken cancellationToken
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var start = Stopwatch.GetTimestamp();
        var measureFrom = start + (long)(warmUp.TotalSeconds * Stopwatch.Frequency);
        var measureTo = measureFrom + (long)(duration.TotalSeconds * Stopwatch.Frequency);

        var loops = clients.Select(c => Task.Run(() => LoopAsync(c), cancellationToken)).ToArray();
        var results = await Task.WhenAll(loops);

        var merged = new LongHistogram(HighestTrackableMicroseconds, 3);
        long done = 0,
            refused = 0;
        foreach (var r in results)
        {
            merged.Add(r.Histogram);
            done += r.Done;
            refused += r.Refused;
        }
        var any = merged.TotalCount > 0;
        return new Measurement
        {
            Name = name,
            Transfers = done,
            Refused = refused,
            Seconds = duration.TotalSeconds,
            P50Ms = any ? merged.GetValueAtPercentile(50) / 1000.0 : 0,
            P99Ms = any ? merged.GetValueAtPercentile(99) / 1000.0 : 0,
            MaxMs = any ? merged.GetMaxValue() / 1000.0 : 0,
            Clients = clients.Count,
            Batch = batch,
            Accounts = accounts,
            Durable = durable,
        };

        async Task<(long Done, long Refused, LongHistogram Histogram)> LoopAsync(Request request)
        {
            var histogram = new LongHistogram(HighestTrackableMicroseconds, 3);
            long loopDone = 0,
                loopRefused = 0;
            while (true)
            {
                var before = Stopwatch.GetTimestamp();
                if (before >= measureTo)
                {
                    return (loopDone, loopRefused, histogram);
                }
                var (requestDone, requestRefused) = await request(stop.Token);
                var after = Stopwatch.GetTimestamp();
                // Counted only when wholly inside the window, so that the rate is not flattered.
                if (before >= measureFrom && after <= measureTo)
                {
                    loopDone += requestDone;
                    loopRefused += requestRefused;
                    var us = (long)Stopwatch.GetElapsedTime(before, after).TotalMicroseconds;
                    histogram.RecordValue(Math.Clamp(us, 1, HighestTrackableMicroseconds));
                }
            }
        }
    }
}
