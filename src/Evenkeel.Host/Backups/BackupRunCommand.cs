using System.CommandLine;
using Evenkeel.Host.CommandLine;
using Evenkeel.Watch.Backups;

namespace Evenkeel.Host.Backups;

/// <summary><c>evenkeel backup run</c>: one set in every target, beside the running node.</summary>
internal static class BackupRunCommand
{
    private const int RateMibMax = 100_000;
    private const int DaysMax = 36_500;

    public static Command Create()
    {
        Option<bool> full = new("--full") { Description = Text.BackupFullOption };
        Option<int> days = new("--immutable-days") { Description = Text.BackupImmutableOption };
        days.Validators.Add(Bounds.Between(days, 0, DaysMax));
        Option<int> rate = new("--rate")
        {
            Description = Text.BackupRateOption,
            HelpName = "MIB",
            DefaultValueFactory = static _ => (int)(BackupLimits.ReadBytesPerSecondDefault >> 20),
        };
        rate.Validators.Add(Bounds.Between(rate, 0, RateMibMax));
        Command command = new("run", Text.BackupRunDescription)
        {
            CommonOptions.Data,
            BackupArguments.Targets,
            BackupArguments.KeyFile,
            full,
            days,
            rate,
            BackupArguments.Scratch,
            CommonOptions.Json,
        };
        command.DoesBackup(
            async (parsed, terminal, token) =>
            {
                var targets = BackupArguments.Open(parsed);
                try
                {
                    var outcome = await new BackupRunner(
                        new BackupOptions
                        {
                            DataDirectory = parsed.GetRequiredValue(CommonOptions.Data).FullName,
                            Key = BackupArguments.Key(parsed),
                            Full = parsed.GetValue(full),
                            Immutable = TimeSpan.FromDays(parsed.GetValue(days)),
                            BytesPerSecondMax = (long)parsed.GetValue(rate) << 20,
                            ScratchDirectory = parsed.GetValue(BackupArguments.Scratch)?.FullName,
                        }
                    ).RunAsync(targets, token).ConfigureAwait(false);
                    Say(terminal, outcome);
                    return outcome.Complete ? ExitCode.Ok : ExitCode.NotDone;
                }
                finally
                {
                    await BackupArguments.CloseAsync(targets).ConfigureAwait(false);
                }
            }
        );
        return command;
    }

    private static void Say(Terminal terminal, BackupOutcome outcome)
    {
        terminal.Line(
            Text.BackupMade(outcome.Set, outcome.LastIndex, outcome.Duration.TotalSeconds)
        );
        foreach (var target in outcome.Targets)
        {
            if (target.Problem is { } problem)
            {
                terminal.Complain(Text.BackupTargetFailed(target.Target, problem.Message));
            }
            else
            {
                terminal.Line(
                    Text.BackupTargetDone(
                        target.Target,
                        target.Stored,
                        target.StoredBytes,
                        target.Reused
                    )
                );
            }
        }
        terminal.Object(
            new BackupRunOutput(
                outcome.Complete,
                outcome.Set,
                outcome.Lineage,
                outcome.LastIndex,
                outcome.LogTime,
                (long)outcome.Duration.TotalMilliseconds,
                [
                    .. outcome.Targets.Select(static t => new BackupTargetOutput(
                        t.Target,
                        t.Problem?.Problem.ToString(),
                        t.Problem?.Message,
                        t.Stored,
                        t.Reused,
                        t.StoredBytes
                    )),
                ]
            ),
            BackupOutputJson.Default.BackupRunOutput
        );
    }
}
