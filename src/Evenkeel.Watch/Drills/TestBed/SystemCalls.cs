using System.Globalization;

namespace Evenkeel.Watch.Drills.TestBed;

/// <summary>
/// Hurts or watches a running process at its system calls, by strace: a disk that has become slow
/// looks to a process like calls that take long.
/// </summary>
public sealed class SystemCalls : IAsyncDisposable
{
    private const string Tracer = "/usr/bin/strace";
    private const string DiskCalls = "fsync,fdatasync,pwrite64,pwritev,pwritev2";
    private const string OpenCalls = "openat";
    private const string LineCalls = "sendto,sendmsg,recvfrom,recvmsg";

    private static readonly TimeSpan AttachMax = TimeSpan.FromSeconds(10);
    private static readonly Lazy<bool> Possible = new(Try);

    private readonly BedProcess _tracer;

    private SystemCalls(BedProcess tracer) => _tracer = tracer;

    /// <summary>False where strace is not installed or may not attach: such tests are skipped.</summary>
    public static bool ArePossible => Possible.Value;

    /// <summary>Every write and flush takes this much longer, until disposed.</summary>
    public static Task<SystemCalls> SlowDiskAsync(
        BedProcess process,
        TimeSpan delay,
        string logFile
    ) =>
        AttachAsync(
            process,
            logFile,
            [
                "-e",
                $"trace={DiskCalls}",
                "-e",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"inject={DiskCalls}:delay_exit={(long)delay.TotalMicroseconds}"
                ),
                "-o",
                "/dev/null",
            ]
        );

    /// <summary>Writes each disk and socket call with its bytes to a file, until disposed.</summary>
    public static Task<SystemCalls> TraceAsync(
        BedProcess process,
        string traceFile,
        string logFile
    ) =>
        AttachAsync(
            process,
            logFile,
            [
                "-ttt",
                "-T",
                "-yy",
                "-xx",
                "-s",
                "16384",
                "-e",
                $"trace={DiskCalls},{LineCalls},{OpenCalls}",
                "-o",
                traceFile,
            ]
        );

    public async ValueTask DisposeAsync()
    {
        await _tracer.InterruptAsync(AttachMax);
        _tracer.Dispose();
    }

    private static async Task<SystemCalls> AttachAsync(
        BedProcess process,
        string logFile,
        string[] what
    )
    {
        BedProcess tracer = BedProcess.Start(
            "strace",
            [Tracer, "-f", .. what, "-p", process.Id.ToString(CultureInfo.InvariantCulture)],
            logFile
        );
        await Patience.UntilAsync(
            "strace is attached",
            AttachMax,
            () => IsTraced(process.Id) || tracer.HasExited,
            CancellationToken.None
        );
        return new SystemCalls(tracer);
    }

    /// <summary>All threads, since one that is not would be as fast as ever.</summary>
    private static bool IsTraced(int process) =>
        Directory
            .EnumerateDirectories($"/proc/{process}/task")
            .All(task =>
                File.ReadLines(Path.Combine(task, "status"))
                    .Any(line =>
                        line.StartsWith("TracerPid:", StringComparison.Ordinal)
                        && !line.EndsWith("\t0", StringComparison.Ordinal)
                    )
            );

    private static bool Try()
    {
        if (!File.Exists(Tracer))
        {
            return false;
        }
        string log = Path.GetTempFileName();
        using BedProcess sleeper = BedProcess.Start("sleeper", ["/bin/sleep", "60"], log);
        using BedProcess tracer = BedProcess.Start(
            "strace",
            [Tracer, "-p", sleeper.Id.ToString(CultureInfo.InvariantCulture), "-o", "/dev/null"],
            log
        );
        bool attached = SpinWait.SpinUntil(
            () => tracer.HasExited || IsTraced(sleeper.Id),
            AttachMax
        );
        File.Delete(log);
        return attached && !tracer.HasExited;
    }
}
