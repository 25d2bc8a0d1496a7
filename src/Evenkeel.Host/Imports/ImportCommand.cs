using System.CommandLine;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;
using Evenkeel.Import;
using Evenkeel.Import.Amlsim;
using Evenkeel.Import.Berka;
using Evenkeel.Model;

namespace Evenkeel.Host.Imports;

/// <summary><c>evenkeel import SOURCE DIR</c>: one subcommand for each source.</summary>
internal static class ImportCommand
{
    public static Command Create(IBankDoor door) =>
        new("import", Text.ImportDescription) { Berka(door), Amlsim(door) };

    private static Command Berka(IBankDoor door)
    {
        var folder = Folder();
        var batch = Batch();
        var command = new Command("berka", Text.ImportBerkaDescription)
        {
            folder,
            batch,
        }.WithBankOptions();
        command.Does(
            async (parsed, terminal, token) =>
            {
                await using var bank = await door.OpenAsync(
                        parsed,
                        terminal,
                        token,
                        mayCreate: true
                    )
                    .ConfigureAwait(false);
                var report = await ImportProgressView
                    .ShowAsync(
                        terminal,
                        progress =>
                            BerkaImport.RunAsync(
                                parsed.GetRequiredValue(folder).FullName,
                                bank,
                                new ImportOptions { BatchTransfers = parsed.GetValue(batch) },
                                progress,
                                token
                            )
                    )
                    .ConfigureAwait(false);
                return BerkaReportView.Print(terminal, report);
            }
        );
        return command;
    }

    private static Command Amlsim(IBankDoor door)
    {
        var folder = Folder();
        var batch = Batch();
        Option<bool> allowOverdraft = new("--allow-overdraft")
        {
            Description = Text.AllowOverdraftOption,
        };
        var command = new Command("amlsim", Text.ImportAmlsimDescription)
        {
            folder,
            batch,
            allowOverdraft,
        }.WithBankOptions();
        command.Does(
            async (parsed, terminal, token) =>
            {
                await using var bank = await door.OpenAsync(
                        parsed,
                        terminal,
                        token,
                        mayCreate: true
                    )
                    .ConfigureAwait(false);
                var report = await ImportProgressView
                    .ShowAsync(
                        terminal,
                        progress =>
                            AmlsimImport.RunAsync(
                                parsed.GetRequiredValue(folder).FullName,
                                parsed.GetValue(allowOverdraft),
                                bank,
                                new ImportOptions { BatchTransfers = parsed.GetValue(batch) },
                                progress,
                                token
                            )
                    )
                    .ConfigureAwait(false);
                return AmlsimReportView.Print(terminal, report);
            }
        );
        return command;
    }

    private static Argument<DirectoryInfo> Folder() =>
        new("DIR") { Description = Text.ImportFolderArgument };

    private static Option<int> Batch()
    {
        Option<int> batch = new("--batch")
        {
            Description = Text.BatchOption,
            DefaultValueFactory = static _ => ImportLimits.BatchTransfersDefault,
            HelpName = "N",
        };
        batch.Validators.Add(Bounds.Between(batch, 2, Limits.BatchEventsMax));
        return batch;
    }
}
