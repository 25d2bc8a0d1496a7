using System.Diagnostics;
using System.Globalization;
using Evenkeel.Watch.Upgrades.Rolling;

namespace Evenkeel.Host.Clusters;

/// <summary>
/// One process that the supervisor keeps running: started again when it dies, after a pause that
/// doubles while it keeps dying and is short again once it has run for a while.
/// </summary>
internal sealed class Child(
    string name,
    IReadOnlyList<string> arguments,
    string directory,
    string logPath,
    Action<string> say
)
{
    private const int PauseMsMin = 250;
    private const int PauseMsMax = 10_000;
    private const int SteadyMs = 20_000;
    private const int StopPatienceMs = 15_000;
    private const long LogBytesMax = 64L << 20;

    /// <summary>Keeps it running until cancelled, then stops it.</summary>
    public async Task KeepAsync(CancellationToken stopping)
    {
        var pauseMs = PauseMsMin;
        while (!stopping.IsCancellationRequested)
        {
            var started = Stopwatch.GetTimestamp();
            using var process = Start();
            say(Text.ChildStarted(name, process.Id));
            var log = CopyAsync(process);
            try
            {
                await process.WaitForExitAsync(stopping).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                await StopAsync(process).ConfigureAwait(false);
                await log.ConfigureAwait(false);
                return;
            }
            await log.ConfigureAwait(false);
            if (Stopwatch.GetElapsedTime(started).TotalMilliseconds >= SteadyMs)
            {
                pauseMs = PauseMsMin;
            }
            say(Text.ChildEnded(name, process.ExitCode, pauseMs, logPath));
            await Task.Delay(pauseMs, stopping)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pauseMs = Math.Min(pauseMs * 2, PauseMsMax);
        }
    }

    private Process Start()
    {
        // Chosen anew at each start: an upgrade ends the process and lets it begin as another program.
        var executable = NodeProgram.Chosen(directory, own: Environment.ProcessPath!);
        ProcessStartInfo start = new(executable, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[ParentWatch.Variable] = "1";
        var process = Process.Start(start)!;
        NodeProgram.NoteStarted(directory, process.Id, executable);
        return process;
    }

    private async Task CopyAsync(Process process)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(logPath)!);
        if (File.Exists(logPath) && new FileInfo(logPath).Length > LogBytesMax)
        {
            File.Move(logPath, logPath + ".1", overwrite: true);
        }
        var log = new StreamWriter(
            new FileStream(logPath, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)
        )
        {
            AutoFlush = true,
        };
        await using (log.ConfigureAwait(false))
        {
            await log.WriteLineAsync(
                    string.Create(CultureInfo.InvariantCulture, $"--- process {process.Id}")
                )
                .ConfigureAwait(false);
            using SemaphoreSlim turn = new(1);
            await Task.WhenAll(
                    CopyAsync(process.StandardOutput, log, turn),
                    CopyAsync(process.StandardError, log, turn)
                )
                .ConfigureAwait(false);
        }
    }

    private static async Task CopyAsync(StreamReader from, StreamWriter to, SemaphoreSlim turn)
    {
        while (await from.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            await turn.WaitAsync().ConfigureAwait(false);
            try
            {
                await to.WriteLineAsync(line).ConfigureAwait(false);
            }
            catch (IOException)
            {
                // A full disk must not stop the reading: the child would wait for it for ever.
            }
            finally
            {
                turn.Release();
            }
        }
    }

    private static async Task StopAsync(Process process)
    {
        Signals.AskToEnd(process.Id);
        process.StandardInput.Close();
        using CancellationTokenSource patience = new(StopPatienceMs);
        try
        {
            await process.WaitForExitAsync(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // A paused one, for example: it would go on when nobody looks after it any more.
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }
}
