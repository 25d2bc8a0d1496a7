using System.CommandLine;
using Evenkeel.Host.CommandLine;
using Evenkeel.Watch.Backups;

namespace Evenkeel.Host.Backups;

/// <summary><c>evenkeel backup held</c>: which sealed segments two targets hold.</summary>
internal static class BackupHeldCommand
{
    public static Command Create()
    {
        Command command = new("held", Text.BackupHeldDescription)
        {
            CommonOptions.Data,
            BackupArguments.Targets,
            BackupArguments.KeyFile,
            CommonOptions.Json,
        };
        command.DoesBackup(
            async (parsed, terminal, token) =>
            {
                var targets = BackupArguments.Open(parsed);
                var held = await SegmentHolding
                    .FindAsync(
                        parsed.GetRequiredValue(CommonOptions.Data).FullName,
                        targets,
                        BackupArguments.Key(parsed),
                        token
                    )
                    .ConfigureAwait(false);
                await BackupArguments.CloseAsync(targets).ConfigureAwait(false);
                foreach (var segment in held)
                {
                    terminal.Line(
                        Text.BackupHeld(segment.First, segment.Last, segment.Holders.Count)
                    );
                }
                terminal.Object(
                    new BackupHeldOutput([
                        .. held.Select(static h => new BackupHeldSegment(
                            h.First,
                            h.Last,
                            h.Holders,
                            h.MayLeave
                        )),
                    ]),
                    BackupOutputJson.Default.BackupHeldOutput
                );
                return held.All(static h => h.MayLeave) ? ExitCode.Ok : ExitCode.NotDone;
            }
        );
        return command;
    }
}
