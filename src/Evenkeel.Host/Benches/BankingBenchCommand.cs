using System.CommandLine;
using System.Globalization;
using Evenkeel.Bench;
using Evenkeel.Host.CommandLine;

namespace Evenkeel.Host.Benches;

/// <summary><c>evenkeel bench banking</c>.</summary>
internal static class BankingBenchCommand
{
    public static Command Create(Option<string> folder)
    {
        var accounts = BenchCommand.Number(
            "--accounts",
            1_000,
            2,
            100_000,
            Text.BenchAccountsOption
        );
        var payments = BenchCommand.Number(
            "--payments",
            10_000,
            1,
            1_000_000,
            Text.BenchPaymentsOption
        );
        var clients = BenchCommand.Number(
            "--clients",
            64,
            1,
            BenchCommand.ClientsMax,
            Text.BenchClientsOption
        );
        var rounds = BenchCommand.Number("--rounds", 3, 1, 100, Text.BenchRoundsOption);
        Command command = new("banking", Text.BenchBankingDescription)
        {
            accounts,
            payments,
            clients,
            rounds,
            CommonOptions.Json,
        };
        command.Does(
            async (parsed, terminal, token) =>
            {
                var result = await BankingBench
                    .RunAsync(
                        new BankingBenchOptions(
                            parsed.GetValue(accounts),
                            parsed.GetValue(payments),
                            parsed.GetValue(clients),
                            parsed.GetValue(rounds)
                        ),
                        parsed.GetRequiredValue(folder),
                        new Remarks(terminal),
                        token
                    )
                    .ConfigureAwait(false);
                terminal.Table(BenchCommand.TableOf(result.Measurements));
                terminal.Line(Text.BenchBankingRatio(result.RatioMedian));
                terminal.Object(result, BenchJson.Default.BankingResult);
                return result.Measurements.All(static m => m.Refused == 0)
                    ? ExitCode.Ok
                    : ExitCode.NotDone;
            }
        );
        return command;
    }

    private sealed class Remarks(Terminal terminal) : IProgress<Measurement>
    {
        public void Report(Measurement value) =>
            terminal.Remark(
                string.Create(
                    CultureInfo.CurrentCulture,
                    $"{value.Name}: {value.TransfersPerSecond:N0}/s, p99 {value.P99Ms:N1} ms"
                )
            );
    }
}
