using System.CommandLine;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Money;
using Evenkeel.Verifier;

namespace Evenkeel.Host.Verify;

/// <summary>
/// <c>evenkeel verify log DIR</c>: judges archive, checkpoints, history, balances and records from their
/// raw files, by code that shares nothing with what wrote them.
/// </summary>
internal static class VerifyCommand
{
    private static readonly string[] Known = ["archive", "history", "records.db"];

    public static Command Create() =>
        new("verify", Text.VerifyDescription) { Log(), Clusters.ParityCommand.Create() };

    private static Command Log()
    {
        Argument<DirectoryInfo> folder = new("DIR") { Description = Text.VerifyFolderArgument };
        Option<FileInfo[]> keys = new("--public-key")
        {
            Description = Text.VerifyPublicKeyOption,
            HelpName = "FILE",
        };
        Option<FileInfo[]> copies = new("--checkpoints")
        {
            Description = Text.VerifyCheckpointsOption,
            HelpName = "FILE",
        };
        var command = new Command("log", Text.VerifyLogDescription)
        {
            folder,
            keys,
            copies,
            CommonOptions.Json,
        };
        command.Does(
            (parsed, terminal, token) =>
            {
                var path = parsed.GetRequiredValue(folder).FullName;
                if (!Directory.Exists(path))
                {
                    throw new CommandFailedException(ExitCode.NotDone, Text.FolderMissing(path));
                }
                if (!Known.Any(name => Path.Exists(Path.Combine(path, name))))
                {
                    throw new CommandFailedException(ExitCode.NotDone, Text.NothingToVerify(path));
                }
                VerifyRequest request = new()
                {
                    DataDirectory = path,
                    PublicKeyFiles = Existing(parsed.GetValue(keys)),
                    CheckpointCopies = Existing(parsed.GetValue(copies)),
                };
                return Task.FromResult(Print(terminal, LogVerifier.Verify(request, token)));
            }
        );
        return command;
    }

    private static string[] Existing(FileInfo[]? files) =>
        [
            .. (files ?? []).Select(f =>
                f.Exists
                    ? f.FullName
                    : throw new CommandFailedException(
                        ExitCode.NotDone,
                        Text.FolderMissing(f.FullName)
                    )
            ),
        ];

    private static int Print(Terminal terminal, Judgement judgement)
    {
        Remarks(terminal, judgement);
        if (judgement.Sound)
        {
            terminal.Line(Text.VerifySound(judgement.Files, judgement.Entries, judgement.Rows));
            terminal.Line(
                Text.VerifyCompared(
                    judgement.ComparedTo,
                    judgement.BalancesCompared,
                    judgement.RecordsCompared
                )
            );
        }
        else
        {
            terminal.Complain(Text.VerifyUnsound(judgement.Findings.Count, judgement.RowsNamed));
            foreach (var finding in judgement.Findings)
            {
                terminal.Remark(finding.ToString());
            }
            if (judgement.FindingsTruncated)
            {
                terminal.Remark(Text.VerifyTruncated);
            }
        }
        terminal.Object(VerifyOutput.Of(judgement), HostJson.Default.VerifyOutput);
        return judgement.Sound ? ExitCode.Ok : ExitCode.NotDone;
    }

    private static void Remarks(Terminal terminal, Judgement judgement)
    {
        if (judgement.TornBytes > 0)
        {
            terminal.Line(Text.VerifyTorn(judgement.TornBytes));
        }
        foreach (var (ledger, amount) in judgement.MovedByLedger.OrderBy(m => m.Key))
        {
            terminal.Line(
                Text.VerifyMoved(
                    Show.Ledger(ledger),
                    Show.AmountWithCurrency((Int128)amount, ledger)
                )
            );
        }
        terminal.Line(
            judgement.Checkpoints == 0
                ? Text.VerifyUnsigned
                : Text.VerifySigned(judgement.Checkpoints, judgement.SignedTo)
        );
        if (judgement.Checkpoints > 0 && !judgement.IsAnchored)
        {
            terminal.Line(Text.VerifyUnanchored);
        }
        if (judgement.RowsAhead > 0)
        {
            terminal.Line(Text.VerifyAhead(judgement.RowsAhead));
        }
        if (judgement.RowsBehind > 0)
        {
            terminal.Line(Text.VerifyBehind(judgement.RowsBehind));
        }
    }
}
