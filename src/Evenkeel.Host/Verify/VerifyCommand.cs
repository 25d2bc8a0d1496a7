using System.CommandLine;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Money;
using Evenkeel.Verifier;

namespace Evenkeel.Host.Verify;

/// <summary>
/// <c>evenkeel verify log DIR</c>: judges archive and history from their raw files, by code that
/// shares nothing with what wrote them.
/// </summary>
internal static class VerifyCommand
{
    private const string ArchiveFolder = "archive";
    private const string HistoryFolder = "history";

    public static Command Create() => new("verify", Text.VerifyDescription) { Log() };

    private static Command Log()
    {
        Argument<DirectoryInfo> folder = new("DIR") { Description = Text.VerifyFolderArgument };
        var command = new Command("log", Text.VerifyLogDescription) { folder, CommonOptions.Json };
        command.Does(
            (parsed, terminal, token) =>
            {
                var path = parsed.GetRequiredValue(folder).FullName;
                if (!Directory.Exists(path))
                {
                    throw new CommandFailedException(ExitCode.NotDone, Text.FolderMissing(path));
                }
                var archive = Path.Combine(path, ArchiveFolder);
                var history = Path.Combine(path, HistoryFolder);
                if (!Directory.Exists(archive) && !Directory.Exists(history))
                {
                    throw new CommandFailedException(ExitCode.NotDone, Text.NothingToVerify(path));
                }
                var judgement = LogVerifier.Verify(archive, history, progress: null, token);
                return Task.FromResult(Print(terminal, judgement));
            }
        );
        return command;
    }

    private static int Print(Terminal terminal, Judgement judgement)
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
        if (judgement.Sound)
        {
            terminal.Line(Text.VerifySound(judgement.Files, judgement.Entries, judgement.Rows));
        }
        else
        {
            terminal.Complain(Text.VerifyUnsound(judgement.Findings.Count));
            foreach (var finding in judgement.Findings)
            {
                terminal.Remark(finding.ToString());
            }
            if (judgement.FindingsTruncated)
            {
                terminal.Remark(Text.VerifyTruncated);
            }
        }
        terminal.Object(
            new VerifyOutput(
                judgement.Sound,
                judgement.Files,
                judgement.Bytes,
                judgement.Entries,
                judgement.Rows,
                judgement.FirstIndex,
                judgement.LastIndex,
                judgement.ChainHash,
                judgement.TornBytes,
                [
                    .. judgement.Findings.Select(f => new VerifyFinding(
                        f.File,
                        f.Offset,
                        f.Entry,
                        f.What
                    )),
                ]
            ),
            HostJson.Default.VerifyOutput
        );
        return judgement.Sound ? ExitCode.Ok : ExitCode.NotDone;
    }
}

/// <param name="ChainHash">SHA-256 chain hash at the last index, lower-case hexadecimal.</param>
internal sealed record VerifyOutput(
    bool Sound,
    long Files,
    long Bytes,
    ulong Entries,
    ulong Rows,
    ulong FirstIndex,
    ulong LastIndex,
    string ChainHash,
    long TornBytes,
    IReadOnlyList<VerifyFinding> Findings
);

/// <param name="Offset">Bytes from the file's start.</param>
/// <param name="Entry">Log index concerned, or 0.</param>
internal sealed record VerifyFinding(string File, long Offset, ulong Entry, string What);
