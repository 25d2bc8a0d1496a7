using System.Runtime.InteropServices;
using Evenkeel.Model;

namespace Evenkeel.Node.Clock;

/// <summary>This boot of the machine: a clock that no setting of the time changes.</summary>
/// <param name="BootId">The operating system's id of this boot.</param>
/// <param name="BootNs">Time since boot, suspension included, nanoseconds.</param>
public readonly record struct BootReading(string BootId, ulong BootNs);

/// <summary>Reads Linux's boot id and CLOCK_BOOTTIME.</summary>
internal static partial class BootClock
{
    private const int ClockBootTime = 7;
    private const string BootIdPath = "/proc/sys/kernel/random/boot_id";

    /// <summary>Null where the operating system doesn't tell.</summary>
    public static BootReading? Read()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(BootIdPath))
        {
            return null;
        }
        return ClockGetTime(ClockBootTime, out TimeSpec time) == 0
            ? new BootReading(
                File.ReadAllText(BootIdPath).Trim(),
                ((ulong)time.Seconds * Limits.NanosecondsPerSecond) + (ulong)time.Nanoseconds
            )
            : null;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ClockGetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
