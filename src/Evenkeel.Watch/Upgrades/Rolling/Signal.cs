using System.Runtime.InteropServices;

namespace Evenkeel.Watch.Upgrades.Rolling;

/// <summary>SIGTERM, as a service manager sends it: the runtime can only kill.</summary>
internal static partial class Signal
{
    private const int TerminateNumber = 15;

    public static void Terminate(int processId) => _ = kill(processId, TerminateNumber);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int kill(int process, int signal);
}
