using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Evenkeel.Watch.Upgrades;

/// <summary>What both programs of a rehearsal replay.</summary>
/// <param name="Archive">The archive directory.</param>
/// <param name="Snapshot">Directory of the snapshot to begin at; null = entry 1.</param>
/// <param name="History">The history behind the snapshot.</param>
/// <param name="Overrides">Quarantine overrides; null = none.</param>
/// <param name="To">Last entry.</param>
/// <param name="Scratch">Below it each process makes a directory of its own.</param>
internal sealed record ShadowSource(
    string Archive,
    string? Snapshot,
    string? History,
    string? Overrides,
    ulong To,
    string Scratch
);

/// <summary>A program that replays an archive in a process of its own; its lines are read as they come.</summary>
internal sealed class ShadowProcess : IDisposable
{
    /// <summary>Characters of a program's complaints that are kept.</summary>
    private const int ComplaintsMax = 4_096;

    private readonly Process _process;
    private readonly Task<string> _complaints;

    private ShadowProcess(Process process, string path)
    {
        _process = process;
        Path = path;
        _complaints = ReadComplaintsAsync(process.StandardError);
    }

    public string Path { get; }

    public static ShadowProcess Start(
        string executable,
        ShadowSource source,
        string name,
        params string[] more
    )
    {
        List<string> arguments =
        [
            "shadow",
            "replay",
            "--archive",
            source.Archive,
            "--to",
            source.To.ToString(CultureInfo.InvariantCulture),
            "--scratch",
            System.IO.Path.Combine(source.Scratch, name),
        ];
        AddIfGiven("--snapshot", source.Snapshot);
        AddIfGiven("--history", source.Snapshot is null ? null : source.History);
        AddIfGiven("--overrides", source.Overrides);
        arguments.AddRange(more);
        ProcessStartInfo start = new(executable, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        try
        {
            return new ShadowProcess(Process.Start(start)!, executable);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new UpgradeException($"{executable}: {e.Message}");
        }

        void AddIfGiven(string option, string? value)
        {
            if (value is not null)
            {
                arguments.Add(option);
                arguments.Add(value);
            }
        }
    }

    /// <summary>The next line; null when the program has ended.</summary>
    public ValueTask<string?> ReadAsync(CancellationToken cancellationToken) =>
        _process.StandardOutput.ReadLineAsync(cancellationToken);

    /// <summary>The next line, understood.</summary>
    /// <exception cref="UpgradeException">The program ended, or wrote something else.</exception>
    public async Task<ShadowLine> ReadLineAsync(CancellationToken cancellationToken) =>
        await ReadAsync(cancellationToken).ConfigureAwait(false) is { } line
            ? Parse(line)
            : throw await EndedAsync().ConfigureAwait(false);

    public ShadowLine Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, ShadowJson.Default.ShadowLine)!;
        }
        catch (JsonException)
        {
            throw new UpgradeException($"{Path} wrote a line that is none of a replay: {line}");
        }
    }

    /// <summary>It ended before its last line: why, as it said itself.</summary>
    public async Task<UpgradeException> EndedAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        var complaints = await _complaints.ConfigureAwait(false);
        return new UpgradeException(
            $"{Path} ended with exit status {_process.ExitCode} before its last line: {complaints.Trim()}"
        );
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }
        _process.Dispose();
    }

    private static async Task<string> ReadComplaintsAsync(StreamReader reader)
    {
        var kept = new System.Text.StringBuilder();
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            if (kept.Length + line.Length < ComplaintsMax)
            {
                kept.AppendLine(line);
            }
        }
        return kept.ToString();
    }
}
