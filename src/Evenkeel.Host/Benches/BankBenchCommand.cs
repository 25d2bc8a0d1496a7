using System.CommandLine;
using Evenkeel.Bench;
using Evenkeel.Host.CommandLine;

namespace Evenkeel.Host.Benches;

/// <summary><c>evenkeel bench bank</c>.</summary>
internal static class BankBenchCommand
{
    private const double GoalRatio = 0.5;

    public static Command Create(Option<string> folder)
    {
        var clients = BenchCommand.Number("--clients", 32, 1, 128, Text.BenchClientsOption);
        var seconds = BenchCommand.Number("--seconds", 3, 1, 60, Text.BenchSecondsOption);
        var rounds = BenchCommand.Number("--rounds", 3, 1, 20, Text.BenchRoundsOption);
        var persons = BenchCommand.Number("--persons", 400, 10, 10_000, Text.DemoPersonsOption);
        Command command = new("bank", Text.BenchBankDescription)
        {
            clients,
            seconds,
            rounds,
            persons,
            CommonOptions.Json,
        };
        command.Does(
            async (parsed, terminal, token) =>
            {
                var result = await BankBench
                    .RunAsync(
                        new BankBenchOptions(
                            parsed.GetValue(clients),
                            parsed.GetValue(seconds),
                            parsed.GetValue(rounds),
                            parsed.GetValue(persons)
                        ),
                        parsed.GetRequiredValue(folder),
                        new BenchCommand.Remarks(terminal),
                        token
                    )
                    .ConfigureAwait(false);
                terminal.Table(BenchCommand.TableOf(result.Medians));
                terminal.Line(Text.BenchBankingRatio(result.OneAccountRatio));
                terminal.Object(result, BenchJson.Default.BankBenchResult);
                return
                    result.OneAccountRatio >= GoalRatio
                    && result.Rounds.All(static m => m.Refused == 0)
                    ? ExitCode.Ok
                    : ExitCode.NotDone;
            }
        );
        return command;
    }
}
