using System.Diagnostics;
using System.Globalization;

namespace Evenkeel.Watch.Drills.TestBed;

/// <summary>
/// Small volumes in memory, each in the mount namespace of one process: nothing to unmount, whatever
/// happens.
/// </summary>
public static class Volumes
{
    private const string Script =
        "mount -t tmpfs -o size=\"$0\"m tmpfs \"$1\" && shift && exec \"$@\"";

    private static readonly Lazy<bool> Possible = new(Try);

    /// <summary>False where this user may not mount: such tests are skipped.</summary>
    public static bool ArePossible => Possible.Value;

    /// <summary>Changes the size of the volume that a running process sees; MiB.</summary>
    public static void Resize(BedProcess process, string directory, int sizeMiB)
    {
        ArgumentNullException.ThrowIfNull(process);
        string pid = process.Id.ToString(CultureInfo.InvariantCulture);
        if (!Run("nsenter", "-t", pid, "-m", "mount", "-o", $"remount,size={sizeMiB}m", directory))
        {
            throw new InvalidOperationException($"The volume of {process.Name} keeps its size.");
        }
    }

    internal static string[] Wrap(IReadOnlyList<string> command, string directory, int sizeMiB) =>
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
            .. command,
        ];

    private static bool Try() =>
        OperatingSystem.IsLinux()
        && Run(
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
            Path.GetTempPath()
        );

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(
                new ProcessStartInfo(program, arguments)
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
