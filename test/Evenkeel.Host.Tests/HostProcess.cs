using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Evenkeel.Host.Tests;

/// <summary>The real executable as a process of its own.</summary>
internal sealed class HostProcess : IDisposable
{
    private const int SignalTerminate = 15;

    /// <summary>What takes long and is shown by others as well runs only then.</summary>
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("EVENKEEL_LONG") == "1";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly List<string> _output = [];
    private readonly List<string> _error = [];
    private readonly List<(Func<string, bool> IsIt, TaskCompletionSource<string> Found)> _awaited =
    [];
    private readonly Task _outputRead;
    private readonly Task _errorRead;

    private HostProcess(Process process)
    {
        _process = process;
        _outputRead = ReadAsync(process.StandardOutput, _output);
        _errorRead = ReadAsync(process.StandardError, _error);
    }

    public IReadOnlyList<string> Output
    {
        get
        {
            lock (_awaited)
            {
                return [.. _output];
            }
        }
    }

    public string Error
    {
        get
        {
            lock (_awaited)
            {
                return string.Join('\n', _error);
            }
        }
    }

    public static HostProcess Start(params string[] args) =>
        Start(new Dictionary<string, string>(StringComparer.Ordinal), args);

    /// <param name="environment">What the process finds besides.</param>
    public static HostProcess Start(
        IReadOnlyDictionary<string, string> environment,
        params string[] args
    )
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "evenkeel"), args)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        // What the machine happens to have set must not reach the process.
        foreach (
            var name in start.Environment.Keys.Where(n =>
                n.StartsWith("EVENKEEL_", StringComparison.Ordinal)
            )
        )
        {
            start.Environment.Remove(name);
        }
        start.Environment["LC_ALL"] = "C";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        return new HostProcess(Process.Start(start)!);
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<Finished> RunAsync(params string[] args)
    {
        using var process = Start(args);
        return await process.EndAsync();
    }

    /// <summary>The same for commands that take minutes.</summary>
    public static async Task<Finished> RunAsync(TimeSpan patience, params string[] args)
    {
        using var process = Start(args);
        return await process.EndAsync(patience);
    }

    public async Task<Finished> EndAsync(TimeSpan? atMost = null)
    {
        using CancellationTokenSource patience = new(atMost ?? Patience);
        await _process.WaitForExitAsync(patience.Token);
        await Task.WhenAll(_outputRead, _errorRead);
        return new Finished(_process.ExitCode, Output, Error);
    }

    /// <summary>The first line, of either stream, past or to come, that the predicate takes.</summary>
    public async Task<string> LineAsync(Func<string, bool> isIt)
    {
        TaskCompletionSource<string> found = new(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        lock (_awaited)
        {
            if (_output.Concat(_error).FirstOrDefault(isIt) is { } line)
            {
                return line;
            }
            _awaited.Add((isIt, found));
        }
        var ended = _process.WaitForExitAsync();
        var first = await Task.WhenAny(found.Task, ended).WaitAsync(Patience);
        if (first == ended)
        {
            await Task.WhenAll(_outputRead, _errorRead);
        }
        return found.Task.IsCompleted
            ? await found.Task
            : throw new InvalidOperationException(
                $"It ended with {_process.ExitCode}:\n{string.Join('\n', Output)}\n{Error}"
            );
    }

    /// <summary>SIGKILL: no goodbye.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await EndAsync();
    }

    /// <summary>SIGTERM, as a service manager sends it.</summary>
    public async Task<Finished> TerminateAsync()
    {
        _ = kill(_process.Id, SignalTerminate);
        return await EndAsync();
    }

    /// <summary>Sends a signal to any process; 0 when it was sent.</summary>
    public static int Signal(int process, int signal) => kill(process, signal);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader, List<string> lines)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_awaited)
            {
                lines.Add(line);
                foreach (var (isIt, found) in _awaited)
                {
                    if (isIt(line))
                    {
                        found.TrySetResult(line);
                    }
                }
            }
        }
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int process, int signal);
}

/// <summary>How a process ended and what it said.</summary>
internal sealed record Finished(int ExitCode, IReadOnlyList<string> Output, string Error)
{
    /// <summary>The object on the last line of standard output.</summary>
    public JsonElement Json() => JsonDocument.Parse(Output[^1]).RootElement;
}
