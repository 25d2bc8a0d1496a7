using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Evenkeel.Watch.Drills.TestBed;

/// <summary>A real process of a test bed, its output kept in a file.</summary>
public sealed partial class BedProcess : IDisposable
{
    private const int SignalInterrupt = 2;
    private const int SignalTerminate = 15;
    private const int SignalContinue = 18;
    private const int SignalStop = 19;

    private readonly Process _process;

    private BedProcess(string name, string logFile, Process process)
    {
        Name = name;
        LogFile = logFile;
        _process = process;
        Id = process.Id;
    }

    public string Name { get; }

    /// <summary>What it printed, in both streams.</summary>
    public string LogFile { get; }

    public int Id { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>Only of a process that has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Bytes of memory that it occupies; 0 when it has ended.</summary>
    public long ResidentBytes
    {
        get
        {
            try
            {
                _process.Refresh();
                return _process.HasExited ? 0 : _process.WorkingSet64;
            }
            catch (InvalidOperationException)
            {
                // It ended between the two looks, or was put away.
                return 0;
            }
        }
    }

    public static BedProcess Start(
        string name,
        IReadOnlyList<string> command,
        string logFile,
        IReadOnlyDictionary<string, string>? environment = null
    ) => new(name, logFile, Nursery.Start(command, logFile, environment));

    /// <summary>SIGKILL: nothing of the process runs afterwards.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGKILL without waiting, so that several can die at once.</summary>
    public void KillNow()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
    }

    /// <summary>SIGSTOP: it hangs, its connections stay open.</summary>
    public void Pause() => Signal(SignalStop);

    /// <summary>SIGCONT.</summary>
    public void Continue() => Signal(SignalContinue);

    /// <summary>SIGTERM, then waits for the end.</summary>
    /// <exception cref="TimeoutException">It does not end; it is killed then.</exception>
    public Task TerminateAsync(TimeSpan patience) => EndBySignalAsync(SignalTerminate, patience);

    /// <summary>SIGINT, then waits for the end.</summary>
    /// <inheritdoc cref="TerminateAsync"/>
    public Task InterruptAsync(TimeSpan patience) => EndBySignalAsync(SignalInterrupt, patience);

    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        KillNow();
        _process.WaitForExit();
        _process.Dispose();
    }

    private async Task EndBySignalAsync(int signal, TimeSpan patience)
    {
        Signal(signal);
        try
        {
            await _process.WaitForExitAsync().WaitAsync(patience);
        }
        catch (TimeoutException)
        {
            await KillAsync();
            throw;
        }
    }

    private void Signal(int signal)
    {
        // An ended child keeps its number until it is waited for, which only its Process object
        // does: no other process can be hit.
        if (!_process.HasExited && Kill(Id, signal) != 0 && !_process.HasExited)
        {
            throw new InvalidOperationException(
                $"Signal {signal} to {Name} failed: {Marshal.GetLastPInvokeErrorMessage()}"
            );
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
