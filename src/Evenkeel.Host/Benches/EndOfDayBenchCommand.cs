using System.CommandLine;
using System.Globalization;
using Evenkeel.Host.CommandLine;
using Spectre.Console;

namespace Evenkeel.Host.Benches;

/// <summary><c>evenkeel bench end-of-day</c>.</summary>
internal static class EndOfDayBenchCommand
{
    public static Command Create(Option<string> folder)
    {
        var accounts = BenchCommand.Number(
            "--accounts",
            20_000,
            100,
            1_000_000,
            Text.BenchAccountsOption
        );
        var clients = BenchCommand.Number(
            "--clients",
            16,
            1,
            BenchCommand.ClientsMax,
            Text.BenchClientsOption
        );
        var seconds = BenchCommand.Number(
            "--seconds",
            10,
            1,
            BenchCommand.SecondsMax,
            Text.BenchSecondsOption
        );
        Command command = new("end-of-day", Text.BenchEndOfDayDescription)
        {
            accounts,
            clients,
            seconds,
            CommonOptions.Json,
        };
        command.Does(
            async (parsed, terminal, token) =>
            {
                var result = await EndOfDayBench
                    .RunAsync(
                        new EndOfDayBenchOptions(
                            parsed.GetValue(accounts),
                            parsed.GetValue(clients),
                            parsed.GetValue(seconds)
                        ),
                        parsed.GetRequiredValue(folder),
                        terminal.Remark,
                        token
                    )
                    .ConfigureAwait(false);
                Print(terminal, result);
                return
                    result.Before.Refused == 0
                    && result.Days.All(static day => day.Payments.Refused == 0)
                    ? ExitCode.Ok
                    : ExitCode.NotDone;
            }
        );
        return command;
    }

    private static void Print(Terminal terminal, EndOfDayResult result)
    {
        foreach (var day in result.Days)
        {
            var table = Terminal.NewTable(
                Text.BenchEndOfDayStep,
                Text.BenchEndOfDaySeconds,
                Text.BenchEndOfDayHandled
            );
            table.Title = new TableTitle(Markup.Escape(day.Day));
            foreach (var step in day.Steps)
            {
                table.AddRow(
                    Markup.Escape(step.Step),
                    step.Seconds.ToString("N2", CultureInfo.CurrentCulture),
                    step.Handled.ToString("N0", CultureInfo.CurrentCulture)
                );
            }
            terminal.Table(table);
        }
        terminal.Object(result, BenchJson.Default.EndOfDayResult);
    }
}
