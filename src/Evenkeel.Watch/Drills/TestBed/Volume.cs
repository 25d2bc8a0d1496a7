using System.Diagnostics;
using System.Globalization;

namespace Evenkeel.Watch.Drills.TestBed;

/// <summary>
/// A small volume in memory at a node's data directory. It lives in the mount namespace of a process
/// that does nothing else, which the node's processes enter: it survives their deaths, and nothing
/// is left to unmount whatever happens.
/// </summary>
public sealed class Volume : IDisposable
{
    private const string Script =
        "mount -t tmpfs -o size=\"$0\"m tmpfs \"$1\" && exec sleep infinity";

    private static readonly TimeSpan MountMax = TimeSpan.FromSeconds(10);
    private static readonly Lazy<bool> Possible = new(Try);

    private readonly BedProcess _holder;
    private readonly string _directory;

    private Volume(BedProcess holder, string directory)
    {
        _holder = holder;
        _directory = directory;
    }

    /// <summary>False where this user may not mount: such tests are skipped.</summary>
    public static bool ArePossible => Possible.Value;

    /// <summary>The directory as anybody can reach it.</summary>
    public string VisibleDirectory => $"/proc/{_holder.Id}/root{_directory}";

    /// <summary>Bytes that are in use.</summary>
    public long UsedBytes
    {
        get
        {
            DriveInfo drive = new(VisibleDirectory);
            return drive.TotalSize - drive.TotalFreeSpace;
        }
    }

    /// <summary>Changes the size; MiB. Less than is in use is refused by the kernel.</summary>
    public void Resize(long sizeMiB)
    {
        if (!Run([.. Enter, "mount", "-o", $"remount,size={sizeMiB}m", _directory]))
        {
            throw new InvalidOperationException($"{_directory} keeps its size.");
        }
    }

    public void Dispose() => _holder.Dispose();

    internal static Volume Mount(string directory, int sizeMiB, string logFile)
    {
        BedProcess holder = BedProcess.Start(
            "volume",
            [
                "unshare",
                "-m",
                "--propagation",
                "private",
                "/bin/sh",
                "-c",
                Script,
                sizeMiB.ToString(CultureInfo.InvariantCulture),
                directory,
            ],
            logFile
        );
        bool mounted = SpinWait.SpinUntil(
            () => holder.HasExited || IsMounted(holder.Id, directory),
            MountMax
        );
        if (!mounted || holder.HasExited)
        {
            holder.Dispose();
            throw new InvalidOperationException($"No volume can be mounted at {directory}.");
        }
        return new Volume(holder, directory);
    }

    /// <summary>The command, run so that it sees the volume.</summary>
    internal string[] Wrap(IEnumerable<string> command) => [.. Enter, "--", .. command];

    private string[] Enter =>
        ["nsenter", "-t", _holder.Id.ToString(CultureInfo.InvariantCulture), "-m"];

    private static bool IsMounted(int process, string directory) =>
        File.ReadLines($"/proc/{process}/mountinfo")
            .Any(line =>
                line.Contains($" {directory} ", StringComparison.Ordinal)
                && line.Contains(" - tmpfs ", StringComparison.Ordinal)
            );

    private static bool Try() =>
        OperatingSystem.IsLinux()
        && Run([
            "unshare",
            "-m",
            "--propagation",
            "private",
            "mount",
            "-t",
            "tmpfs",
            "-o",
            "size=1m",
            "tmpfs",
            Path.GetTempPath(),
        ]);

    private static bool Run(string[] command)
    {
        try
        {
            using Process process = Process.Start(
                new ProcessStartInfo(command[0], command[1..])
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                    UseShellExecute = false,
                }
            )!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
