using System.Diagnostics;
using Evenkeel.Demo.Plan;
using Evenkeel.Payments;

namespace Evenkeel.Demo.Load;

/// <summary>What a run of load brought, as the customers saw it.</summary>
/// <param name="Late">Instructions that had to wait for a free place: the bank was slower than asked.</param>
public sealed record LoadReport(
    long Asked,
    long Done,
    long NotDone,
    long BeingResolved,
    long Late,
    TimeSpan Took,
    double LatencyP50Ms,
    double LatencyP99Ms,
    double LatencyMaxMs
);

/// <summary>
/// Customers of a demonstration bank at work. An open loop: people don't wait with their payment because
/// somebody else's is slow, so a pause of the bank is seen by all who come in it.
/// </summary>
public sealed class LoadGenerator(
    DemoPlan plan,
    DemoDirectory directory,
    LoadOptions options,
    IPaymentProcessor door,
    TruthLog truth,
    TimeProvider time
)
{
    private const int PayDay = 15;

    /// <summary>The next arrival is drawn at least this often, however quiet the hour.</summary>
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(1);

    private readonly List<double> _latenciesMs = [];
    private readonly Lock _lock = new();
    private long _done;
    private long _notDone;
    private long _resolving;
    private long _late;

    /// <summary>Until the time is up or the token says stop; waits for what is under way.</summary>
    public async Task<LoadReport> RunAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var started = time.GetUtcNow();
        // Another run with the same seed asks the same, and must not be taken for a repeat of this one.
        var run = $"load{options.Seed}-{started.ToUnixTimeMilliseconds()}";
        CustomerActs acts = new(plan, directory, options.Seed);
        Random arrivals = new(options.Seed);
        using SemaphoreSlim places = new(options.InFlightMax);
        List<Task> under = [];
        var asked = 0L;
        var next = started;
        while (time.GetUtcNow() - started < duration && !cancellationToken.IsCancellationRequested)
        {
            var wait = next - time.GetUtcNow();
            if (wait > TimeSpan.Zero)
            {
                try
                {
                    await Task.Delay(wait < PauseMax ? wait : PauseMax, time, cancellationToken);
                }
                catch (OperationCanceledException)
                {
                    break;
                }
                continue;
            }
            next += Gap(arrivals, started, next);
            _late += places.CurrentCount == 0 ? 1 : 0;
            await places.WaitAsync(CancellationToken.None);
            asked++;
            under.RemoveAll(static task => task.IsCompletedSuccessfully);
            under.Add(AskAsync(acts.Next(run, time.GetUtcNow()), places));
        }
        await Task.WhenAll(under);
        return Report(asked, time.GetUtcNow() - started);
    }

    private async Task AskAsync(PaymentInstruction instruction, SemaphoreSlim places)
    {
        try
        {
            await truth.AskedAsync(instruction, CancellationToken.None);
            var sent = Stopwatch.GetTimestamp();
            var outcome = await door.SubmitAsync(instruction, CancellationToken.None);
            var latency = Stopwatch.GetElapsedTime(sent);
            await truth.ToldAsync(
                instruction.Id,
                time.GetUtcNow(),
                outcome,
                latency,
                CancellationToken.None
            );
            Count(outcome, latency);
        }
        finally
        {
            places.Release();
        }
    }

    private void Count(PaymentOutcome outcome, TimeSpan latency)
    {
        lock (_lock)
        {
            _latenciesMs.Add(latency.TotalMilliseconds);
            switch (outcome)
            {
                case PaymentOutcome.Done:
                    _done++;
                    break;
                case PaymentOutcome.NotDone:
                    _notDone++;
                    break;
                default:
                    _resolving++;
                    break;
            }
        }
    }

    /// <summary>To the next arrival: a Poisson process at the rate of the hour.</summary>
    private TimeSpan Gap(Random arrivals, DateTimeOffset started, DateTimeOffset now)
    {
        var rate = options.PerSecond;
        if (options.DaysFaster > 0)
        {
            var lived = started + ((now - started) * options.DaysFaster);
            rate *= Rhythm.FactorAt(lived, isPayDay: lived.Day == PayDay);
        }
        return TimeSpan.FromSeconds(-Math.Log(1 - arrivals.NextDouble()) / rate);
    }

    private LoadReport Report(long asked, TimeSpan took)
    {
        var ordered = _latenciesMs.Order().ToArray();
        return new LoadReport(
            asked,
            _done,
            _notDone,
            _resolving,
            _late,
            took,
            At(0.5),
            At(0.99),
            ordered.Length == 0 ? 0 : ordered[^1]
        );

        double At(double share) =>
            ordered.Length == 0 ? 0 : ordered[(int)(share * (ordered.Length - 1))];
    }
}
