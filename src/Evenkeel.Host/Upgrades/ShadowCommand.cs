using System.CommandLine;
using Evenkeel.Host.CommandLine;
using Evenkeel.Node.Shadow;
using Evenkeel.Replication;

namespace Evenkeel.Host.Upgrades;

/// <summary>
/// <c>evenkeel shadow replay</c>: what this program would make of a real archive, line by line. Never
/// touches its source.
/// </summary>
internal static class ShadowCommand
{
    private const int OutputBufferBytes = 1 << 16;

    public static Command Create() => new("shadow", Text.ShadowDescription) { Replay() };

    private static Command Replay()
    {
        Option<DirectoryInfo?> archive = Directory("--archive", Text.ShadowArchiveOption);
        Option<DirectoryInfo?> data = Directory("--data", Text.ShadowDataOption);
        Option<DirectoryInfo?> snapshot = Directory("--snapshot", Text.ShadowSnapshotOption);
        Option<DirectoryInfo?> history = Directory("--history", Text.ShadowHistoryOption);
        Option<DirectoryInfo?> scratch = Directory("--scratch", Text.ShadowScratchOption);
        Option<DirectoryInfo?> overrides = Directory("--overrides", Text.ShadowOverridesOption);
        Option<ulong> from = new("--from") { Description = Text.ShadowFromOption };
        Option<ulong?> to = new("--to") { Description = Text.ShadowToOption };
        Option<ulong?> detail = new("--detail") { Description = Text.ShadowDetailOption };
        Option<string> output = new("--out")
        {
            Description = Text.ShadowOutOption,
            HelpName = "FILE",
            DefaultValueFactory = static _ => "-",
        };
        Option<ulong> digestEvery = new("--digest-every")
        {
            Description = Text.ShadowDigestEveryOption,
            DefaultValueFactory = static _ => ShadowOptions.DigestEveryDefault,
        };
        Option<ulong> digestAt = new("--digest-at") { Description = Text.ShadowDigestAtOption };
        Option<uint?> stateVersionMax = new("--state-version-max") { Hidden = true };
        Command command = new("replay", Text.ShadowReplayDescription)
        {
            archive,
            data,
            snapshot,
            history,
            overrides,
            from,
            to,
            output,
            scratch,
            digestEvery,
            digestAt,
            detail,
            stateVersionMax,
        };
        command.Does(
            async (parsed, terminal, token) =>
            {
                var node = parsed.GetValue(data)?.FullName;
                var options = new ShadowOptions
                {
                    ArchiveDirectory =
                        parsed.GetValue(archive)?.FullName
                        ?? Below(node, "archive")
                        ?? throw new CommandFailedException(ExitCode.Usage, Text.ShadowNeedsSource),
                    SnapshotDirectory = parsed.GetValue(snapshot)?.FullName,
                    HistoryDirectory = parsed.GetValue(history)?.FullName ?? Below(node, "history"),
                    OverridesDirectory =
                        parsed.GetValue(overrides)?.FullName ?? Below(node, "overrides"),
                    ScratchDirectory =
                        parsed.GetValue(scratch)?.FullName
                        ?? System.IO.Directory.CreateTempSubdirectory("evenkeel-shadow-").FullName,
                    From = parsed.GetValue(from),
                    To = parsed.GetValue(to),
                    DigestEvery = parsed.GetValue(digestEvery),
                    DigestAt = parsed.GetValue(digestAt),
                    DetailOf = parsed.GetValue(detail),
                    Program = ProgramHash.OfThis(),
                };
                if (parsed.GetValue(stateVersionMax) is { } max)
                {
                    options = options with { StateVersionMax = max };
                }
                var path = parsed.GetRequiredValue(output);
                var stream = string.Equals(path, "-", StringComparison.Ordinal)
                    ? Console.OpenStandardOutput(OutputBufferBytes)
                    : File.Create(path);
                await using (stream.ConfigureAwait(false))
                {
                    var summary = await ReplayAsync(options, stream, token).ConfigureAwait(false);
                    return Say(terminal, summary);
                }
            }
        );
        return command;
    }

    private static async Task<ShadowSummary> ReplayAsync(
        ShadowOptions options,
        Stream output,
        CancellationToken token
    )
    {
        try
        {
            return await Task.Run(() => ShadowReplay.Run(options, output, token), token)
                .ConfigureAwait(false);
        }
        catch (Exception e)
            when (e is ShadowException or ArchiveDamageException or RecoveryException)
        {
            throw new CommandFailedException(ExitCode.NotDone, e.Message);
        }
    }

    private static int Say(Terminal terminal, ShadowSummary summary)
    {
        // To standard error: standard output may be the lines.
        terminal.Remark(
            Text.ShadowDone(summary.Entries, summary.Events, summary.Duration.TotalSeconds)
        );
        if (summary.Reason is not { } reason)
        {
            return ExitCode.Ok;
        }
        terminal.Complain(Text.ShadowFailed(summary.FailedEntry, reason));
        return ExitCode.NotDone;
    }

    private static string? Below(string? directory, string name) =>
        directory is null ? null : Path.Combine(directory, name);

    private static Option<DirectoryInfo?> Directory(string name, string description) =>
        new(name) { Description = description, HelpName = "DIR" };
}
