using System.CommandLine;
using System.Globalization;
using Evenkeel.Host.CommandLine;
using Spectre.Console;

namespace Evenkeel.Host.Benches;

/// <summary><c>evenkeel bench failover</c>: what so many leader kills do to customers.</summary>
internal static class FailoverCommand
{
    private const int KillsMax = 10_000;

    public static Command Create()
    {
        var kills = BenchCommand.Number("--kills", 10, 1, KillsMax, Text.BenchKillsOption);
        var clients = BenchCommand.Number(
            "--clients",
            16,
            1,
            BenchCommand.ClientsMax,
            Text.BenchClientsOption
        );
        Command command = new("failover", Text.BenchFailoverDescription)
        {
            kills,
            clients,
            CommonOptions.Json,
        };
        command.Does(
            async (parsed, terminal, token) =>
            {
                var result = await FailoverBench
                    .RunAsync(
                        new FailoverOptions
                        {
                            Kills = parsed.GetValue(kills),
                            Clients = parsed.GetValue(clients),
                        },
                        kill => terminal.Remark(Sentence(kill)),
                        token
                    )
                    .ConfigureAwait(false);
                terminal.Table(TableOf(result));
                terminal.Line(
                    Text.BenchFailoverSummary(
                        result.MedianMs,
                        result.P90Ms,
                        result.WorstMs,
                        result.Errors,
                        result.Acknowledged,
                        result.AcknowledgedLost,
                        result.PostedTwice,
                        $"{result.DigestsEqual?.ToString() ?? "-"} ({result.DigestsCompared}); archives: {result.ArchivesEqual}"
                    )
                );
                terminal.Object(result, BenchJson.Default.FailoverResult);
                return result.Met ? ExitCode.Ok : ExitCode.NotDone;
            }
        );
        return command;
    }

    private static string Sentence(KillResult kill) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{kill.Kill}: {kill.Leader}, {kill.GapMs:N0} ms ({kill.BankGapMs:N0} ms)"
        );

    private static Table TableOf(FailoverResult result)
    {
        var table = Terminal.NewTable(
            Text.BenchColumnKill,
            Text.BenchColumnLeader,
            Text.BenchColumnGap,
            Text.BenchColumnBankGap
        );
        foreach (var kill in result.Each)
        {
            string[] cells =
            [
                kill.Kill.ToString(CultureInfo.CurrentCulture),
                kill.Leader,
                kill.GapMs.ToString("N0", CultureInfo.CurrentCulture),
                kill.BankGapMs.ToString("N0", CultureInfo.CurrentCulture),
            ];
            table.AddRow([.. cells.Select(c => new Spectre.Console.Text(c))]);
        }
        return table;
    }
}
