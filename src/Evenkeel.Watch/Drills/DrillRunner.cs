using System.Diagnostics;
using System.Globalization;
using Evenkeel.Watch.Drills.Checking;
using Evenkeel.Watch.Drills.Load;

namespace Evenkeel.Watch.Drills;

/// <summary>Runs a drill, watches its abort condition and keeps its evidence.</summary>
public static class DrillRunner
{
    private const string ReportFile = "report.md";
    private const string JsonFile = "report.json";
    private const string ProbesFile = "probes.csv";

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    /// <returns>The report, also when the drill failed; its files are in the evidence directory.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up; nothing is left running.</exception>
    public static async Task<DrillReport> RunAsync(
        IDrill drill,
        DrillRun run,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(drill);
        ArgumentNullException.ThrowIfNull(run);
        Directory.CreateDirectory(run.Directory);
        DateTimeOffset started = DateTimeOffset.UtcNow;
        long start = Stopwatch.GetTimestamp();
        string? aborted = null;
        using var abort = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<string?> watching = WatchAsync(drill.Plan, run, abort);
        try
        {
            await drill.RunAsync(run, abort.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            aborted = await watching;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            aborted = $"{failure.GetType().Name}: {failure.Message}";
        }
        await abort.CancelAsync();
        await watching;
        if (aborted is not null)
        {
            run.Happened($"aborted: {aborted}");
        }
        DrillReport report = new()
        {
            Plan = drill.Plan,
            StartedUtc = started,
            Duration = Stopwatch.GetElapsedTime(start),
            Seed = run.Seed,
            Binary = run.Binary,
            Aborted = aborted,
            Criteria = run.Criteria,
            Measures = run.Measures,
            Accelerated = run.Accelerated,
            NotBuilt = run.NotBuilt,
            Events = run.Events,
            Evidence = run.Directory,
        };
        await KeepAsync(report, run, CancellationToken.None);
        return report;
    }

    /// <returns>Why the drill was aborted; null when it ended before.</returns>
    private static async Task<string?> WatchAsync(
        DrillPlan plan,
        DrillRun run,
        CancellationTokenSource abort
    )
    {
        long start = Stopwatch.GetTimestamp();
        string? reason = null;
        while (reason is null)
        {
            await Task.Delay(Look, abort.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (abort.IsCancellationRequested)
            {
                return null;
            }
            reason =
                Stopwatch.GetElapsedTime(start) > plan.DurationMax
                    ? $"longer than {plan.DurationMax.TotalMinutes:0} minutes"
                    : Judge(run.Customers);
        }
        await abort.CancelAsync();
        return reason;
    }

    private static string? Judge(GatewayProbe? customers)
    {
        if (customers is null || customers.IsStopped)
        {
            return null;
        }
        if (customers.Wrong is { } wrong)
        {
            return $"wrong answer: {wrong.Detail}";
        }
        TimeSpan silence = TimeSpan.FromMilliseconds(
            (CallLog.NowNs() - customers.LastGoodNs) / 1e6
        );
        return silence > DrillRun.SilenceMax
            ? $"no good answer for {silence.TotalSeconds:0} s"
            : null;
    }

    private static async Task KeepAsync(
        DrillReport report,
        DrillRun run,
        CancellationToken cancellationToken
    )
    {
        await WriteAsync(ReportFile, report.ToMarkdown());
        await WriteAsync(JsonFile, report.ToJson() + "\n");
        if (run.Customers is { } customers)
        {
            IEnumerable<string> rows = customers
                .Probes.OrderBy(p => p.StartNs)
                .Select(p =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{p.Kind},{p.StartNs},{p.EndNs},{p.Verdict},\"{p.Detail.Replace('"', '\'')}\""
                    )
                );
            await WriteAsync(
                ProbesFile,
                string.Join('\n', rows.Prepend("kind,start_ns,end_ns,verdict,detail")) + "\n"
            );
        }

        Task WriteAsync(string name, string text) =>
            File.WriteAllTextAsync(Path.Combine(run.Directory, name), text, cancellationToken);
    }
}
