using System.CommandLine;
using System.Globalization;
using Evenkeel.Host.CommandLine;
using Evenkeel.Watch.Backups;

namespace Evenkeel.Host.Backups;

/// <summary><c>evenkeel backup list</c>: the sets of each target, newest first.</summary>
internal static class BackupListCommand
{
    public static Command Create()
    {
        Command command = new("list", Text.BackupListDescription)
        {
            BackupArguments.Targets,
            BackupArguments.KeyFile,
            CommonOptions.Json,
        };
        command.DoesBackup(
            async (parsed, terminal, token) =>
            {
                var key = KeyOrNull(parsed);
                var targets = BackupArguments.Open(parsed);
                var sets = new List<BackupSetOutput>();
                foreach (var target in targets)
                {
                    foreach (
                        var found in await BackupCatalog
                            .ListAsync(target, key, token)
                            .ConfigureAwait(false)
                    )
                    {
                        sets.Add(Describe(target, found, key is not null));
                    }
                }
                await BackupArguments.CloseAsync(targets).ConfigureAwait(false);
                foreach (var set in sets)
                {
                    terminal.Line(Line(set));
                }
                terminal.Object(
                    new BackupListOutput(sets),
                    BackupOutputJson.Default.BackupListOutput
                );
                return sets.TrueForAll(static s => s.Problem is null)
                    ? ExitCode.Ok
                    : ExitCode.NotDone;
            }
        );
        return command;
    }

    private static BackupKey? KeyOrNull(ParseResult parsed) =>
        parsed.GetValue(BackupArguments.KeyFile) is null
        && Environment.GetEnvironmentVariable(BackupKey.CommandVariable) is null
            ? null
            : BackupArguments.Key(parsed);

    private static BackupSetOutput Describe(IBackupTarget target, FoundSet found, bool isProved) =>
        new(
            target.Name,
            found.Set,
            isProved && found.Problem is null,
            found.Problem?.Problem.ToString(),
            found.Problem?.Message,
            found.Peeked?.MadeAt,
            found.Peeked?.Full,
            found.Peeked?.Lineage,
            found.Peeked?.LastIndex,
            found.Peeked?.RetainUntil,
            found.Peeked?.Objects.Count,
            found.Peeked?.Objects.Sum(static o => o.Length)
        );

    private static string Line(BackupSetOutput set) =>
        set.Problem is { } problem
            ? $"{set.Set}  {problem}: {set.Detail}"
            : string.Create(
                CultureInfo.CurrentCulture,
                $"{set.Set}  {(set.Full == true ? Text.BackupFull : Text.BackupIncrement)}  {set.LastIndex:N0}  {set.Bytes:N0} B  {(set.Proved ? Text.BackupProved : Text.BackupUnproved)}  {set.Target}"
            );
}
