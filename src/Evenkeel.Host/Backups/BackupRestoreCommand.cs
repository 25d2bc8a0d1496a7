using System.CommandLine;
using Evenkeel.Host.CommandLine;
using Evenkeel.Watch.Backups;

namespace Evenkeel.Host.Backups;

/// <summary><c>evenkeel backup restore</c>: a data directory of a new lineage, up to a position.</summary>
internal static class BackupRestoreCommand
{
    public static Command Create()
    {
        Option<string> from = new("--from")
        {
            Description = Text.BackupFromOption,
            HelpName = "TARGET",
            Required = true,
        };
        Option<DirectoryInfo> to = new("--to")
        {
            Description = Text.BackupToOption,
            HelpName = "DIR",
            Required = true,
        };
        Option<ulong?> at = new("--at") { Description = Text.BackupAtOption, HelpName = "ENTRY" };
        Option<string?> time = new("--at-time")
        {
            Description = Text.BackupAtTimeOption,
            HelpName = "TIME",
        };
        Option<string?> set = new("--set") { Description = Text.BackupSetOption, HelpName = "SET" };
        Option<DirectoryInfo[]> attempts = new("--attempts")
        {
            Description = Text.BackupAttemptsOption,
            HelpName = "DIR",
        };
        Command command = new("restore", Text.BackupRestoreDescription)
        {
            from,
            to,
            at,
            time,
            set,
            attempts,
            BackupArguments.KeyFile,
            CommonOptions.Json,
        };
        command.DoesBackup(
            async (parsed, terminal, token) =>
            {
                var target = BackupTargets.Open(parsed.GetRequiredValue(from));
                await using (target.ConfigureAwait(false))
                {
                    var restored = await new Restorer(
                        target,
                        new RestoreOptions
                        {
                            Key = BackupArguments.Key(parsed),
                            Directory = parsed.GetRequiredValue(to).FullName,
                            At = parsed.GetValue(at),
                            AtTime = BackupArguments.Moment(parsed.GetValue(time)),
                            Set = parsed.GetValue(set),
                        }
                    ).RunAsync(token).ConfigureAwait(false);
                    var after = (parsed.GetValue(attempts) ?? [])
                        .Select(d => RestoredAttempts.After(d.FullName, restored))
                        .ToList();
                    Say(terminal, restored, after);
                    return ExitCode.Ok;
                }
            }
        );
        return command;
    }

    private static void Say(
        Terminal terminal,
        Restored restored,
        IReadOnlyList<AttemptsAfter> after
    )
    {
        foreach (var passed in restored.PassedOver)
        {
            terminal.Complain(
                Text.BackupRejected(passed.Set, passed.Problem.ToString(), passed.Detail)
            );
        }
        terminal.Line(
            Text.BackupRestored(
                restored.Set,
                restored.Position.Index,
                restored.Directory,
                restored.Duration.TotalSeconds
            )
        );
        terminal.Line(Text.BackupRestoredLineage(restored.Lineage.Id, restored.Position.Lineage));
        terminal.Line(Text.BackupRestoredStart(restored.Directory));
        foreach (var gateway in after)
        {
            RestoredAttempts.Say(terminal, gateway);
        }
        terminal.Object(
            new BackupRestoreOutput(
                restored.Set,
                restored.Directory,
                restored.Lineage.Id.ToString(),
                restored.Position.Lineage.ToString(),
                restored.Position.Index,
                restored.Position.Chain.ToString(),
                restored.LogTime,
                restored.Bytes,
                (long)restored.Duration.TotalMilliseconds,
                [
                    .. restored.PassedOver.Select(static p => new RejectedSet(
                        p.Set,
                        p.Problem.ToString(),
                        p.Detail
                    )),
                ],
                after
            ),
            BackupOutputJson.Default.BackupRestoreOutput
        );
    }
}
