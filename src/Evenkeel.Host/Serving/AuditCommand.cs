using System.CommandLine;
using System.Globalization;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;
using Spectre.Console;

namespace Evenkeel.Host.Serving;

/// <summary><c>evenkeel bank audit</c>: who asked for what is not theirs.</summary>
internal static class AuditCommand
{
    public static Command Create(BankDoor door)
    {
        Option<DateOnly> day = new("--day")
        {
            Description = Text.BankAuditDayOption,
            HelpName = "YYYY-MM-DD",
            DefaultValueFactory = static _ => DateOnly.FromDateTime(DateTime.UtcNow),
        };
        var command = new Command("audit", Text.BankAuditDescription) { day }.WithRestOptions();
        command.Does(
            async (parsed, terminal, token) =>
            {
                var bank = await BankDoor
                    .FindLeadingRestAsync(parsed, door.KeyFor(parsed), token)
                    .ConfigureAwait(false);
                await using (bank.ConfigureAwait(false))
                {
                    var asked = parsed
                        .GetValue(day)
                        .ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
                    var answer = await bank.GetAsync(
                            $"{AuditEndpoint.Path}?day={asked}",
                            AuditJson.Default.AuditAnswer,
                            token
                        )
                        .ConfigureAwait(false);
                    Print(terminal, answer);
                    terminal.Object(answer, AuditJson.Default.AuditAnswer);
                    return ExitCode.Ok;
                }
            }
        );
        return command;
    }

    private static void Print(Terminal terminal, AuditAnswer answer)
    {
        if (answer.Lines.Count == 0)
        {
            terminal.Line(Text.BankAuditNothing);
            return;
        }
        var table = Terminal.NewTable(
            Text.BankAuditWhen,
            Text.BankAuditWho,
            Text.BankAuditChannel,
            Text.BankAuditWhat,
            Text.BankAuditSubject
        );
        foreach (var line in answer.Lines)
        {
            table.AddRow(
                new Spectre.Console.Text(
                    line.At.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)
                ),
                new Spectre.Console.Text($"{line.ActorKind} {line.Actor}"),
                new Spectre.Console.Text(line.Channel),
                new Spectre.Console.Text(line.LastOfHour ? $"{line.What} …" : line.What),
                new Spectre.Console.Text(line.Subject)
            );
        }
        terminal.Table(table);
    }
}
