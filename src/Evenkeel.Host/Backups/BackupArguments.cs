using System.CommandLine;
using System.Globalization;
using Evenkeel.Host.CommandLine;
using Evenkeel.Watch.Backups;

namespace Evenkeel.Host.Backups;

/// <summary>Options that the parts of <c>evenkeel backup</c> share, and how they are read.</summary>
internal static class BackupArguments
{
    public static readonly Option<string[]> Targets = new("--target")
    {
        Description = Text.BackupTargetOption,
        HelpName = "TARGET",
        Required = true,
        AllowMultipleArgumentsPerToken = false,
    };

    public static readonly Option<FileInfo?> KeyFile = new("--key-file")
    {
        Description = Text.BackupKeyFileOption,
        HelpName = "FILE",
    };

    public static readonly Option<DirectoryInfo?> Scratch = new("--scratch")
    {
        Description = Text.BackupScratchOption,
        HelpName = "DIR",
    };

    public static BackupKey Key(ParseResult parsed) =>
        BackupKey.Load(parsed.GetValue(KeyFile)?.FullName);

    /// <summary>Opens every target that was named.</summary>
    public static IReadOnlyList<IBackupTarget> Open(ParseResult parsed) =>
        [.. parsed.GetRequiredValue(Targets).Select(BackupTargets.Open)];

    public static async Task CloseAsync(IEnumerable<IBackupTarget> targets)
    {
        foreach (var target in targets)
        {
            await target.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>A new directory of this command's own, below the one that was named.</summary>
    public static string ScratchOf(ParseResult parsed)
    {
        var parent = parsed.GetValue(Scratch)?.FullName ?? Path.GetTempPath();
        var path = Path.Combine(parent, "evenkeel-" + Path.GetRandomFileName());
        return Directory.CreateDirectory(path).FullName;
    }

    /// <summary>A moment of log time: ISO 8601, or nanoseconds since the Unix epoch.</summary>
    public static ulong? Moment(string? text)
    {
        if (text is null)
        {
            return null;
        }
        if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ns))
        {
            return ns;
        }
        return DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var moment
        )
            ? (ulong)(moment - DateTimeOffset.UnixEpoch).Ticks * 100
            : throw new CommandFailedException(
                ExitCode.Usage,
                Text.SettingNotUnderstood("--at-time", text)
            );
    }

    /// <summary>As <see cref="Run.Does"/>; what is wrong with a backup is said with its stable name.</summary>
    public static void DoesBackup(
        this Command command,
        Func<ParseResult, Terminal, CancellationToken, Task<int>> action
    ) =>
        command.Does(
            async (parsed, terminal, token) =>
            {
                try
                {
                    return await action(parsed, terminal, token).ConfigureAwait(false);
                }
                catch (BackupException e)
                {
                    terminal.Complain($"{e.Problem}: {e.Message}");
                    terminal.Object(
                        new BackupProblemOutput(false, e.Problem.ToString(), e.Message),
                        BackupOutputJson.Default.BackupProblemOutput
                    );
                    return ExitCode.NotDone;
                }
            }
        );
}
