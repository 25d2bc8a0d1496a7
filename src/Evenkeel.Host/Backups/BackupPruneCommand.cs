using System.CommandLine;
using Evenkeel.Host.CommandLine;
using Evenkeel.Watch.Backups;

namespace Evenkeel.Host.Backups;

/// <summary><c>evenkeel backup prune</c>: lets sets go that nobody has to keep.</summary>
internal static class BackupPruneCommand
{
    private const int CountMax = 10_000;

    public static Command Create()
    {
        BackupRetention standard = new();
        var last = Count("--keep-last", standard.Last, 1);
        var daily = Count("--keep-daily", standard.Daily, 0);
        var weekly = Count("--keep-weekly", standard.Weekly, 0);
        var monthly = Count("--keep-monthly", standard.Monthly, 0);
        var yearly = Count("--keep-yearly", standard.Yearly, 0);
        Option<bool> dryRun = new("--dry-run") { Description = Text.BackupDryRunOption };
        Command command = new("prune", Text.BackupPruneDescription)
        {
            BackupArguments.Targets,
            BackupArguments.KeyFile,
            last,
            daily,
            weekly,
            monthly,
            yearly,
            dryRun,
            CommonOptions.Json,
        };
        command.DoesBackup(
            async (parsed, terminal, token) =>
            {
                var retention = new BackupRetention
                {
                    Last = parsed.GetValue(last),
                    Daily = parsed.GetValue(daily),
                    Weekly = parsed.GetValue(weekly),
                    Monthly = parsed.GetValue(monthly),
                    Yearly = parsed.GetValue(yearly),
                };
                var outcomes = new List<BackupPruneOutput>();
                var targets = BackupArguments.Open(parsed);
                foreach (var target in targets)
                {
                    var outcome = await BackupPruner
                        .RunAsync(
                            target,
                            BackupArguments.Key(parsed),
                            retention,
                            parsed.GetValue(dryRun),
                            TimeProvider.System,
                            token
                        )
                        .ConfigureAwait(false);
                    outcomes.Add(Say(terminal, target, outcome));
                }
                await BackupArguments.CloseAsync(targets).ConfigureAwait(false);
                terminal.Object(
                    new BackupPrunesOutput(outcomes),
                    BackupOutputJson.Default.BackupPrunesOutput
                );
                return outcomes.TrueForAll(static o => o.Untouched.Count == 0)
                    ? ExitCode.Ok
                    : ExitCode.NotDone;
            }
        );
        return command;
    }

    private static BackupPruneOutput Say(
        Terminal terminal,
        IBackupTarget target,
        PruneOutcome outcome
    )
    {
        terminal.Line(
            Text.BackupPruned(
                target.Name,
                outcome.Deleted.Count,
                outcome.Kept.Count,
                outcome.BytesDeleted
            )
        );
        foreach (var set in outcome.Refused)
        {
            terminal.Line(Text.BackupPruneRefused(set));
        }
        foreach (var bad in outcome.Untouched)
        {
            terminal.Complain(Text.BackupRejected(bad.Set, bad.Problem.ToString(), bad.Detail));
        }
        return new(
            target.Name,
            outcome.Kept,
            outcome.Deleted,
            outcome.Refused,
            [
                .. outcome.Untouched.Select(static p => new RejectedSet(
                    p.Set,
                    p.Problem.ToString(),
                    p.Detail
                )),
            ],
            outcome.ObjectsDeleted,
            outcome.BytesDeleted
        );
    }

    private static Option<int> Count(string name, int standard, int min)
    {
        Option<int> option = new(name)
        {
            Description = Text.BackupKeepOption,
            HelpName = "N",
            DefaultValueFactory = _ => standard,
        };
        option.Validators.Add(Bounds.Between(option, min, CountMax));
        return option;
    }
}
