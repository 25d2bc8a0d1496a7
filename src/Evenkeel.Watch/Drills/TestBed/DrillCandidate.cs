using System.Globalization;

namespace Evenkeel.Watch.Drills.TestBed;

/// <summary>
/// Programs for drills of upgrades: folders with an executable <c>evenkeel</c> that starts the real
/// one, with something about it that a drill is to find out.
/// </summary>
public static class DrillCandidate
{
    private const string LeakAssembly = "Evenkeel.Drills.Leak.dll";

    /// <summary>The same program, leaking so many bytes a second.</summary>
    /// <param name="folder">Made by this; removed by whoever asked.</param>
    /// <param name="executable">The real program.</param>
    /// <returns>The executable of the candidate.</returns>
    public static string Leaking(string folder, string executable, int bytesPerSecond) =>
        Make(
            folder,
            executable,
            $"DOTNET_STARTUP_HOOKS='{Path.Combine(Path.GetDirectoryName(executable)!, LeakAssembly)}'",
            $"EVENKEEL_DRILL_LEAK_BYTES_PER_SECOND={bytesPerSecond.ToString(CultureInfo.InvariantCulture)}"
        );

    /// <summary>The same program as it was before a state version was known.</summary>
    /// <inheritdoc cref="Leaking"/>
    public static string Older(string folder, string executable, uint stateVersionMax) =>
        Make(
            folder,
            executable,
            $"EVENKEEL_STATE_VERSION_MAX={stateVersionMax.ToString(CultureInfo.InvariantCulture)}"
        );

    /// <summary>The same program under another path: a good candidate.</summary>
    /// <inheritdoc cref="Leaking"/>
    public static string Same(string folder, string executable) => Make(folder, executable);

    private static string Make(string folder, string executable, params string[] variables)
    {
        Directory.CreateDirectory(folder);
        // Its hash is that of the real program's assemblies: they are what runs.
        foreach (
            var assembly in Directory
                .EnumerateFiles(Path.GetDirectoryName(executable)!, "*.dll")
                .Where(static f =>
                    Path.GetFileName(f).StartsWith("evenkeel", StringComparison.OrdinalIgnoreCase)
                )
        )
        {
            File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(assembly)), assembly);
        }
        var path = Path.Combine(folder, "evenkeel");
        File.WriteAllText(
            path,
            $"#!/bin/sh\nexec env {string.Join(' ', variables)} '{executable}' \"$@\"\n"
        );
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(
                path,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            );
        }
        return path;
    }
}
