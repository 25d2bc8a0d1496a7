using System.Diagnostics;
using Evenkeel.Demo.Plan;
using Evenkeel.Payments;

namespace Evenkeel.Demo.Load;

/// <summary>
/// Customers of a demonstration bank at work. An open loop: people don't wait with their payment because
/// somebody else's is slow, so a pause of the bank is seen by all who come in it.
/// </summary>
/// <param name="known">Whom customers have paid before, by their references.</param>
public sealed class LoadGenerator(
    DemoPlan plan,
    DemoDirectory directory,
    LoadOptions options,
    IReadOnlyDictionary<string, IReadOnlyList<AccountNumber>> known,
    IDoor door,
    TruthLog truth,
    TimeProvider time
)
{
    private const int Noon = 12;

    /// <summary>The next arrival is drawn at least this often, however quiet the hour.</summary>
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(1);

    private readonly LoadCount _count = new();

    /// <summary>Until the time is up or the token says stop; waits for what is under way.</summary>
    public async Task<LoadReport> RunAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var started = time.GetUtcNow();
        // Another run with the same seed asks the same, and must not be taken for a repeat of this one.
        var run = $"load{options.Seed}-{started.ToUnixTimeMilliseconds()}";
        ActDrawer drawer = new(plan, directory, options.Seed, run, known);
        Random arrivals = new(options.Seed);
        using SemaphoreSlim places = new(options.InFlightMax);
        List<Task> under = [];
        var next = started;
        var until = started + duration;
        while (time.GetUtcNow() < until && !cancellationToken.IsCancellationRequested)
        {
            var wait = next - time.GetUtcNow();
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait < PauseMax ? wait : PauseMax, time, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }
            var lived = LivedAt(started, next);
            next += Gap(arrivals, lived);
            var isLate = places.CurrentCount == 0;
            await places.WaitAsync(CancellationToken.None);
            under.RemoveAll(static task => task.IsCompletedSuccessfully);
            var act = drawer.Next(lived, time.GetUtcNow());
            _count.Begin(act, isLate);
            under.Add(AskAsync(act, until + options.ResolvedMax, places));
        }
        await Task.WhenAll(under);
        return _count.Report(time.GetUtcNow() - started);
    }

    private async Task AskAsync(Act act, DateTimeOffset until, SemaphoreSlim places)
    {
        Told told;
        try
        {
            if (act.Moves)
            {
                await truth.AskedAsync(act, CancellationToken.None);
            }
            var sent = Stopwatch.GetTimestamp();
            told = await door.AskAsync(act, CancellationToken.None);
            var latency = Stopwatch.GetElapsedTime(sent);
            _count.End(told, latency);
            if (act.Moves)
            {
                await truth.ToldAsync(act, time.GetUtcNow(), told, latency, CancellationToken.None);
            }
        }
        finally
        {
            // Whoever waits for somebody else's answer holds nobody up.
            places.Release();
        }
        while (told.Outcome == ToldOutcome.BeingResolved && time.GetUtcNow() < until)
        {
            await Task.Delay(options.AskAgainEvery, time);
            var sent = Stopwatch.GetTimestamp();
            var later = await door.AskAsync(act, CancellationToken.None);
            if (later.Outcome is ToldOutcome.BeingResolved or ToldOutcome.Unknown)
            {
                continue;
            }
            _count.Change(told, later);
            told = later;
            await truth.ToldAsync(
                act,
                time.GetUtcNow(),
                later,
                Stopwatch.GetElapsedTime(sent),
                CancellationToken.None
            );
        }
    }

    /// <summary>The customers' own time.</summary>
    private DateTime LivedAt(DateTimeOffset started, DateTimeOffset now)
    {
        var local = TimeZoneInfo.ConvertTime(started, time.LocalTimeZone).DateTime;
        if (options.Speed > 0)
        {
            return local + ((now - started) * options.Speed);
        }
        // A weekday: what customers do at noon is all that they do.
        var day = local.Date;
        while (
            day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday
            || DemoDays.IsPayDay(DateOnly.FromDateTime(day))
        )
        {
            day = day.AddDays(1);
        }
        return day.AddHours(Noon);
    }

    /// <summary>To the next arrival: a Poisson process at the rate of the hour.</summary>
    private TimeSpan Gap(Random arrivals, DateTime lived)
    {
        var rate = options.PerSecond * (options.Speed > 0 ? Rhythm.FactorAt(lived) : 1);
        return TimeSpan.FromSeconds(-Math.Log(1 - arrivals.NextDouble()) / rate);
    }
}
