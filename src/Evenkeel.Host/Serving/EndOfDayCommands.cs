using System.CommandLine;
using System.Globalization;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Money;
using Evenkeel.Model;
using Spectre.Console;

namespace Evenkeel.Host.Serving;

/// <summary><c>evenkeel bank end-of-day</c> and <c>evenkeel bank trial-balance</c>.</summary>
internal static class EndOfDayCommands
{
    /// <summary>Each asking works some seconds: an hour of them is a fault.</summary>
    private const int AskingsMax = 240;

    public static Command CreateClose(BankDoor door)
    {
        var date = DateOption(Text.EndOfDayDateOption);
        var close = new Command("end-of-day", Text.EndOfDayDescription) { date }.WithRestOptions();
        close.Does(
            async (parsed, terminal, token) =>
            {
                await using var bank = BankDoor.FindRest(parsed, door.KeyFor(parsed));
                // The date is asked for once: asked again after the roll it would be the next one.
                var day = parsed.GetValue(date) is { } given
                    ? TextOf(given)
                    : (
                        await bank.GetAsync(
                                EndOfDayEndpoints.Path,
                                EndOfDayJson.Default.BusinessDayAnswer,
                                token
                            )
                            .ConfigureAwait(false)
                    ).Date
                        ?? throw new CommandFailedException(
                            ExitCode.NotDone,
                            Text.EndOfDayNotOpened
                        );
                for (var asking = 1; ; asking++)
                {
                    var answer = await bank.PostAsync(
                            $"{EndOfDayEndpoints.Path}/{day}",
                            new BusinessDayAnswer(day),
                            EndOfDayJson.Default.BusinessDayAnswer,
                            EndOfDayJson.Default.EndOfDayAnswer,
                            token
                        )
                        .ConfigureAwait(false);
                    if (answer.IsComplete || asking == AskingsMax)
                    {
                        return Print(terminal, answer);
                    }
                }
            }
        );
        return close;
    }

    public static Command CreateTrialBalance(BankDoor door)
    {
        var date = DateOption(Text.DayBalanceDateOption);
        date.Required = true;
        var balance = new Command("trial-balance", Text.DayBalanceDescription)
        {
            date,
        }.WithRestOptions();
        balance.Does(
            async (parsed, terminal, token) =>
            {
                await using var bank = BankDoor.FindRest(parsed, door.KeyFor(parsed));
                var answer = await bank.GetAsync(
                        $"{EndOfDayEndpoints.TrialBalancePath}/{TextOf(parsed.GetValue(date)!.Value)}",
                        EndOfDayJson.Default.DayBalancesAnswer,
                        token
                    )
                    .ConfigureAwait(false);
                foreach (var currency in answer.Currencies)
                {
                    Print(terminal, currency);
                }
                terminal.Object(answer, EndOfDayJson.Default.DayBalancesAnswer);
                return answer.Currencies.All(static currency => currency.IsZeroSum)
                    ? ExitCode.Ok
                    : ExitCode.NotDone;
            }
        );
        return balance;
    }

    private static Option<DateOnly?> DateOption(string description) =>
        new("--date") { Description = description, HelpName = "YYYY-MM-DD" };

    private static string TextOf(DateOnly date) =>
        date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static int Print(Terminal terminal, EndOfDayAnswer answer)
    {
        foreach (var step in answer.Steps)
        {
            terminal.Line(Text.EndOfDayStep(step.Name, step.Handled));
        }
        terminal.Line(
            answer.IsComplete
                ? Text.EndOfDayDone(answer.Date, answer.Next ?? "")
                : Text.EndOfDayNotYet(answer.Date)
        );
        terminal.Object(answer, EndOfDayJson.Default.EndOfDayAnswer);
        return answer.IsComplete ? ExitCode.Ok : ExitCode.NotDone;
    }

    private static void Print(Terminal terminal, DayBalanceAnswer balance)
    {
        _ = Currencies.TryParseLedger(balance.Currency, out var ledger);
        var table = Terminal.NewTable(
            Text.ColumnCode,
            Text.ColumnAccounts,
            Text.ColumnDebits,
            Text.ColumnCredits
        );
        table.Title = new TableTitle(Markup.Escape(balance.Currency));
        foreach (var column in table.Columns.Skip(1))
        {
            column.RightAligned();
        }
        foreach (var line in balance.Lines)
        {
            table.AddRow(
                Markup.Escape($"{line.Code} {line.Name}"),
                line.Accounts.ToString("N0", CultureInfo.CurrentCulture),
                Markup.Escape(Show.Amount(line.DebitMinor, ledger)),
                Markup.Escape(Show.Amount(line.CreditMinor, ledger))
            );
        }
        table.AddRow(
            Text.ColumnTotal,
            "",
            Markup.Escape(Show.Amount(balance.DebitsMinor, ledger)),
            Markup.Escape(Show.Amount(balance.CreditsMinor, ledger))
        );
        terminal.Table(table);
    }
}
