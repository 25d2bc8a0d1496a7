using System.CommandLine;
using Evenkeel.Host.CommandLine;
using Evenkeel.Replication;
using Evenkeel.Watch.Upgrades;

namespace Evenkeel.Host.Upgrades;

/// <summary><c>evenkeel upgrade rehearse</c>: exit status 0 when the candidate did the same, else 1.</summary>
internal static class RehearseCommand
{
    private const int HoursMax = 24 * 366;

    public static Command Create()
    {
        Option<string> candidate = new("--candidate")
        {
            Description = Text.CandidateOption,
            HelpName = "BINARY",
            Required = true,
        };
        Option<string?> current = new("--current")
        {
            Description = Text.CurrentOption,
            HelpName = "BINARY",
        };
        Option<DirectoryInfo?> archive = Folder("--archive", Text.ShadowArchiveOption);
        Option<DirectoryInfo?> scratch = Folder("--scratch", Text.ShadowScratchOption);
        Option<DirectoryInfo?> reports = Folder("--reports", Text.RehearseReportsOption);
        Option<int?> hours = new("--last-hours")
        {
            Description = Text.RehearseLastHoursOption,
            HelpName = "N",
        };
        Option<bool> fromSnapshot = new("--from-snapshot")
        {
            Description = Text.RehearseFromSnapshotOption,
        };
        Command command = new("rehearse", Text.UpgradeRehearseDescription)
        {
            candidate,
            CommonOptions.Data,
            archive,
            hours,
            fromSnapshot,
            current,
            reports,
            scratch,
            CommonOptions.Json,
        };
        command.Does(
            async (parsed, terminal, token) =>
            {
                var given = parsed.GetValue(archive)?.FullName;
                var data = given is null
                    ? NodeDirectory(parsed.GetRequiredValue(CommonOptions.Data).FullName)
                    : null;
                var options = new RehearsalOptions
                {
                    CurrentPath = parsed.GetValue(current) is { } path
                        ? Executables.Find(path)
                        : Executables.This,
                    CandidatePath = Executables.Find(parsed.GetRequiredValue(candidate)),
                    ArchiveDirectory = given ?? Path.Combine(data!, "archive"),
                    SnapshotsDirectory = Below(data, "snapshots"),
                    HistoryDirectory = Below(data, "history"),
                    OverridesDirectory = Below(data, "overrides"),
                    Last = parsed.GetValue(hours) is { } number
                        ? TimeSpan.FromHours(Math.Clamp(number, 0, HoursMax))
                        : null,
                    FromSnapshot = parsed.GetValue(fromSnapshot),
                    ScratchDirectory = parsed.GetValue(scratch)?.FullName ?? Path.GetTempPath(),
                };
                var report = await RehearseAsync(options, terminal, token).ConfigureAwait(false);
                var folder =
                    parsed.GetValue(reports)?.FullName
                    ?? (data is null ? null : Path.Combine(data, RehearsalFiles.FolderName));
                var kept = folder is null ? null : RehearsalFiles.Write(folder, report);
                Print(terminal, report, kept);
                return report.Passed ? ExitCode.Ok : ExitCode.NotDone;
            }
        );
        return command;
    }

    private static async Task<RehearsalReport> RehearseAsync(
        RehearsalOptions options,
        Terminal terminal,
        CancellationToken token
    )
    {
        try
        {
            return await Rehearsal
                .RunAsync(options, new Remarks(terminal), token)
                .ConfigureAwait(false);
        }
        catch (Exception e)
            when (e is UpgradeException or ArchiveDamageException or RecoveryException)
        {
            throw new CommandFailedException(ExitCode.NotDone, e.Message);
        }
    }

    private static void Print(Terminal terminal, RehearsalReport report, string? kept)
    {
        if (report.Difference is { } difference)
        {
            terminal.Complain(Text.RehearseDiffers(difference.Entry, difference.Detail));
            if (difference.Operation is { } operation)
            {
                terminal.Remark(
                    "  "
                        + Text.RehearseWhere(
                            difference.Command ?? 0,
                            operation,
                            difference.Event ?? 0
                        )
                );
            }
            terminal.Remark(
                Text.RehearseEqualBefore(report.EntriesCompared, report.EventsCompared)
            );
        }
        else
        {
            terminal.Line(
                Text.RehearsePassed(
                    report.EntriesCompared,
                    report.EventsCompared,
                    report.StatesCompared,
                    report.Seconds
                )
            );
        }
        if (kept is not null)
        {
            terminal.Line(Text.RehearseKept(kept));
        }
        terminal.Object(report, UpgradeOutputJson.Default.RehearsalReport);
    }

    /// <summary>The directory itself, or its first node when it is that of a cluster.</summary>
    private static string NodeDirectory(string directory) =>
        Directory.Exists(Path.Combine(directory, "archive")) ? directory
        : Directory.Exists(directory)
            ? Directory
                .EnumerateDirectories(directory)
                .Order(StringComparer.Ordinal)
                .FirstOrDefault(d => Directory.Exists(Path.Combine(d, "archive")))
                ?? directory
        : directory;

    private static string? Below(string? directory, string name) =>
        directory is not null && Path.Combine(directory, name) is var path && Directory.Exists(path)
            ? path
            : null;

    private static Option<DirectoryInfo?> Folder(string name, string description) =>
        new(name) { Description = description, HelpName = "DIR" };

    private sealed class Remarks(Terminal terminal) : IProgress<ulong>
    {
        public void Report(ulong value) => terminal.Remark(Text.RehearseProgress(value));
    }
}
