using System.CommandLine;
using Evenkeel.Host.CommandLine;
using Evenkeel.Watch.Backups;

namespace Evenkeel.Host.Backups;

/// <summary>
/// <c>evenkeel backup</c>: sets in two or more places, restored to any position, verified by
/// restoring. Each part says what it did in words, or with <c>--json</c> as one object.
/// </summary>
internal static class BackupCommand
{
    public static Command Create() =>
        new("backup", Text.BackupDescription)
        {
            Key(),
            BackupRunCommand.Create(),
            BackupListCommand.Create(),
            BackupVerifyCommand.Create(),
            BackupRestoreCommand.Create(),
            BackupPruneCommand.Create(),
            BackupHeldCommand.Create(),
        };

    private static Command Key()
    {
        Option<FileInfo> file = new("--out")
        {
            Description = Text.BackupKeyOutOption,
            HelpName = "FILE",
            Required = true,
        };
        Command command = new("key", Text.BackupKeyDescription) { file, CommonOptions.Json };
        command.DoesBackup(
            (parsed, terminal, _) =>
            {
                var path = parsed.GetRequiredValue(file).FullName;
                var key = BackupKey.Generate();
                key.Save(path);
                terminal.Line(Text.BackupKeyMade(key.Id, path));
                terminal.Line(Text.BackupKeyWarning);
                terminal.Object(
                    new BackupKeyOutput(key.Id, path),
                    BackupOutputJson.Default.BackupKeyOutput
                );
                return Task.FromResult(ExitCode.Ok);
            }
        );
        return command;
    }
}
