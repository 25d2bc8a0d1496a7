using System.Runtime.InteropServices;

namespace Evenkeel.Host.Clusters;

/// <summary>The one signal that the supervisor sends.</summary>
internal static partial class Signals
{
    private const int Terminate = 15;

    /// <summary>SIGTERM: end in your own way. Nothing happens where there are no signals.</summary>
    public static void AskToEnd(int process)
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = Kill(process, Terminate);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);
}
