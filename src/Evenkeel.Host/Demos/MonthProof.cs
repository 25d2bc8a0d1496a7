using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Evenkeel.Demo.Month;

namespace Evenkeel.Host.Demos;

/// <summary>Runs the month's process, kills it as it is told, and compares what the books say.</summary>
internal static class MonthProof
{
    /// <summary>The life says it when its node serves.</summary>
    public const string Ready = "ready";

    private const int LifeMinutesMax = 30;

    /// <exception cref="IOException">A life ended by itself without a report.</exception>
    public static async Task<MonthOutcome> RunAsync(
        MonthOptions options,
        int nodes,
        int kills,
        Action<string> say,
        CancellationToken cancellationToken
    )
    {
        var root = Directory.CreateTempSubdirectory("evenkeel-month-");
        try
        {
            var started = Stopwatch.GetTimestamp();
            var clean = await LiveAsync(
                    options,
                    root.CreateSubdirectory("clean").FullName,
                    killAfter: null,
                    cancellationToken
                )
                .ConfigureAwait(false);
            var took = Stopwatch.GetElapsedTime(started);
            say(Text.MonthInPeace(took.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture)));
            var directory = root.CreateSubdirectory("killed").FullName;
            if (nodes > 1)
            {
                var (survived, killed) = await MonthCluster
                    .RunAsync(options, directory, nodes, kills, took, say, cancellationToken)
                    .ConfigureAwait(false);
                return new MonthOutcome(nodes, killed, clean!, survived);
            }
            var random = new Random(options.Seed);
            var dead = 0;
            MonthReport? report = null;
            while (report is null)
            {
                // On average the lives together are as long as the month, so that kills fall everywhere.
                TimeSpan? killAfter =
                    dead < kills
                        ? TimeSpan.FromMilliseconds(
                            random.Next(1, (int)(2 * took.TotalMilliseconds / kills) + 2)
                        )
                        : null;
                report = await LiveAsync(options, directory, killAfter, cancellationToken)
                    .ConfigureAwait(false);
                dead += report is null ? 1 : 0;
            }
            return new MonthOutcome(nodes, dead, clean!, report);
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    /// <param name="killAfter">After it serves; null = never.</param>
    /// <returns>Null when it was killed first.</returns>
    private static async Task<MonthReport?> LiveAsync(
        MonthOptions options,
        string directory,
        TimeSpan? killAfter,
        CancellationToken cancellationToken
    )
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(LifeMinutesMax));
        ProcessStartInfo start = new(
            Environment.ProcessPath!,
            [
                "bank",
                "month",
                "--life",
                directory,
                "--seed",
                options.Seed.ToString(CultureInfo.InvariantCulture),
                "--persons",
                options.Persons.ToString(CultureInfo.InvariantCulture),
            ]
        )
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        Task? killer = null;
        string? last = null;
        try
        {
            while (
                await process.StandardOutput.ReadLineAsync(patience.Token).ConfigureAwait(false)
                    is { } line
            )
            {
                if (string.Equals(line, Ready, StringComparison.Ordinal) && killAfter is { } after)
                {
                    killer = KillAsync(process, after, patience.Token);
                }
                last = line;
            }
            await process.WaitForExitAsync(patience.Token).ConfigureAwait(false);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
            if (killer is not null)
            {
                await killer.ConfigureAwait(false);
            }
        }
        if (last?.StartsWith('{') == true)
        {
            return JsonSerializer.Deserialize(last, MonthJson.Default.MonthReport);
        }
        return killer is not null ? null : throw new IOException(Text.MonthEnded(process.ExitCode));
    }

    /// <summary>SIGKILL: nothing in the process gets to know of it.</summary>
    private static async Task KillAsync(
        Process process,
        TimeSpan after,
        CancellationToken cancellationToken
    )
    {
        await Task.Delay(after, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!process.HasExited)
        {
            process.Kill();
        }
    }
}
