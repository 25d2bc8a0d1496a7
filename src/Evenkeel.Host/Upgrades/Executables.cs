using Evenkeel.Host.CommandLine;

namespace Evenkeel.Host.Upgrades;

/// <summary>Finds the executable that somebody means.</summary>
internal static class Executables
{
    private const string Name = "evenkeel";

    /// <summary>The running program's own executable.</summary>
    public static string This =>
        Path.Combine(AppContext.BaseDirectory, Name) is var own && File.Exists(own)
            ? own
            : Environment.ProcessPath!;

    /// <exception cref="CommandFailedException">There is none.</exception>
    public static string Find(string path)
    {
        var full = Path.GetFullPath(path);
        var file = Directory.Exists(full) ? Path.Combine(full, Name) : full;
        return File.Exists(file)
            ? file
            : throw new CommandFailedException(ExitCode.Usage, Text.ExecutableMissing(file));
    }
}
