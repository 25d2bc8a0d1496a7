using System.Diagnostics;
using Xunit;

namespace Evenkeel.Replication.Tests;

/// <summary>A small volume in memory.</summary>
internal sealed class TemporaryVolume : IDisposable
{
    private TemporaryVolume(string path) => Path = path;

    public string Path { get; }

    public static TemporaryVolume? TryMount(int sizeMiB)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }
        var path = Directory.CreateTempSubdirectory("evenkeel-volume-").FullName;
        if (Run("mount", "-t", "tmpfs", "-o", $"size={sizeMiB}m", "tmpfs", path))
        {
            return new TemporaryVolume(path);
        }
        Directory.Delete(path);
        return null;
    }

    public void Remount(int sizeMiB) =>
        Assert.True(Run("mount", "-o", $"remount,size={sizeMiB}m", Path));

    public void Dispose()
    {
        if (Run("umount", "--lazy", Path))
        {
            Directory.Delete(Path);
        }
    }

    private static bool Run(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(command, arguments)
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
