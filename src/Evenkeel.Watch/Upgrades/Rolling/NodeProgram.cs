using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Evenkeel.Watch.Upgrades.Rolling;

/// <summary>
/// Which program a supervised node runs: the file <c>binary</c> of its directory says what the
/// supervisor starts next time, <c>process.json</c> what it has started (docs/formats/upgrade.md).
/// </summary>
public static class NodeProgram
{
    private const string ChosenName = "binary";
    private const string RunningName = "process.json";

    /// <summary>The executable to start; the supervisor's own when nothing else was chosen.</summary>
    public static string Chosen(string nodeDirectory, string own)
    {
        var path = Path.Combine(nodeDirectory, ChosenName);
        return File.Exists(path) ? File.ReadAllText(path).Trim() : own;
    }

    public static void Choose(string nodeDirectory, string executable)
    {
        Directory.CreateDirectory(nodeDirectory);
        Replace(Path.Combine(nodeDirectory, ChosenName), executable + "\n");
    }

    /// <summary>Written by the supervisor when it has started the process.</summary>
    public static void NoteStarted(string nodeDirectory, int processId, string executable)
    {
        Directory.CreateDirectory(nodeDirectory);
        Replace(
            Path.Combine(nodeDirectory, RunningName),
            JsonSerializer.Serialize(
                new RunningProgram(processId, executable),
                ProgramJson.Default.RunningProgram
            )
        );
    }

    /// <summary>What runs now; null when nothing does.</summary>
    public static RunningProgram? Running(string nodeDirectory)
    {
        var path = Path.Combine(nodeDirectory, RunningName);
        if (!File.Exists(path))
        {
            return null;
        }
        var noted = JsonSerializer.Deserialize(
            File.ReadAllBytes(path),
            ProgramJson.Default.RunningProgram
        );
        return noted is not null && IsAlive(noted.ProcessId) ? noted : null;
    }

    private static bool IsAlive(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    private static void Replace(string path, string text)
    {
        var aside = string.Create(
            CultureInfo.InvariantCulture,
            $"{path}.{Environment.ProcessId}.tmp"
        );
        File.WriteAllText(aside, text);
        File.Move(aside, path, overwrite: true);
    }
}

/// <param name="ProcessId">Of the node.</param>
/// <param name="Executable">What was started.</param>
public sealed record RunningProgram(int ProcessId, string Executable);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RunningProgram))]
internal sealed partial class ProgramJson : JsonSerializerContext;
