using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Evenkeel.Watch.Drills.TestBed;

/// <summary>
/// Starts processes that can't outlive this one, however it ends: the kernel kills them when the
/// thread that started them is gone.
/// </summary>
/// <remarks>
/// The kernel ties a child to the thread that made it, not to the process. Threads of the pool come
/// and go, so one thread starts all children and lives as long as the process.
/// </remarks>
internal static class Nursery
{
    /// <summary>Ignores the terminal's interrupt: this process decides when its children end.</summary>
    private const string Script = "trap '' INT; exec \"$@\" >>\"$0\" 2>&1";

    private const string Tether = "/usr/bin/setpriv";

    private static readonly BlockingCollection<Action> Orders = [];
    private static readonly Lazy<Thread> Starter = new(BeginThread);

    /// <param name="command">The program and its arguments.</param>
    /// <param name="logFile">Gets all its output, appended.</param>
    public static Process Start(
        IReadOnlyList<string> command,
        string logFile,
        IReadOnlyDictionary<string, string>? environment
    )
    {
        string[] tether = File.Exists(Tether) ? [Tether, "--pdeathsig", "KILL", "--"] : [];
        var start = new ProcessStartInfo("/bin/sh", ["-c", Script, logFile, .. tether, .. command])
        {
            UseShellExecute = false,
        };
        foreach (var (name, value) in environment ?? FrozenDictionary<string, string>.Empty)
        {
            start.Environment[name] = value;
        }
        return Do(() => Process.Start(start)!);
    }

    private static T Do<T>(Func<T> work)
    {
        _ = Starter.Value;
        using ManualResetEventSlim done = new();
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        Orders.Add(() =>
        {
            try
            {
                result = work();
            }
            catch (Exception thrown)
            {
                failure = ExceptionDispatchInfo.Capture(thrown);
            }
            done.Set();
        });
        done.Wait();
        failure?.Throw();
        return result!;
    }

    private static Thread BeginThread()
    {
        var thread = new Thread(() =>
        {
            foreach (Action order in Orders.GetConsumingEnumerable())
            {
                order();
            }
        })
        {
            IsBackground = true,
            Name = "test bed: starts processes",
        };
        thread.Start();
        return thread;
    }
}
