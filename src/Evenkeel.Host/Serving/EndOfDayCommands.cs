using System.CommandLine;
using System.Globalization;
using System.Text.Json;
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
        Option<bool> status = new("--status") { Description = Text.EndOfDayStatusOption };
        var close = new Command("end-of-day", Text.EndOfDayDescription)
        {
            date,
            status,
        }.WithRestOptions();
        close.Does(
            async (parsed, terminal, token) =>
            {
                await using var bank = BankDoor.FindRest(parsed, door.KeyFor(parsed));
                var now = await bank.GetAsync(
                        EndOfDayEndpoints.Path,
                        EndOfDayJson.Default.EndOfDayStatusAnswer,
                        token
                    )
                    .ConfigureAwait(false);
                if (parsed.GetValue(status))
                {
                    return Print(terminal, now);
                }
                // The date is asked for once: asked again after the roll it would be the next one.
                var day = parsed.GetValue(date) is { } given
                    ? TextOf(given)
                    : now.Date
                        ?? throw new CommandFailedException(
                            ExitCode.NotDone,
                            Text.EndOfDayNotOpened
                        );
                for (var asking = 1; ; asking++)
                {
                    var answer = await bank.PostAsync(
                            $"{EndOfDayEndpoints.Path}/{day}",
                            new DayScheduleRequest(day, EndsAt: null),
                            EndOfDayJson.Default.DayScheduleRequest,
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

    /// <summary><c>evenkeel bank schedule</c>: when days end by themselves.</summary>
    public static Command CreateSchedule(BankDoor door)
    {
        Option<TimeOnly?> at = new("--at")
        {
            Description = Text.ScheduleAtOption,
            HelpName = DayTexts.TimeFormat,
        };
        Option<string?> zone = new("--zone")
        {
            Description = Text.ScheduleZoneOption,
            HelpName = "Asia/Shanghai",
        };
        Option<string?> calendar = new("--calendar")
        {
            Description = Text.ScheduleCalendarOption,
            HelpName = "CNY",
        };
        Option<int?> retry = new("--retry-minutes") { Description = Text.ScheduleRetryOption };
        Option<bool> off = new("--off") { Description = Text.ScheduleOffOption };
        var schedule = new Command("schedule", Text.ScheduleDescription)
        {
            at,
            zone,
            calendar,
            retry,
            off,
        }.WithRestOptions();
        schedule.Validators.Add(result =>
        {
            if (result.GetValue(off) == result.GetValue(at) is not null)
            {
                result.AddError(Text.ScheduleAtOrOff);
            }
        });
        schedule.Does(
            async (parsed, terminal, token) =>
            {
                await using var bank = BankDoor.FindRest(parsed, door.KeyFor(parsed));
                var set = await bank.PostAsync(
                        EndOfDayEndpoints.SchedulePath,
                        new DayScheduleRequest(
                            Guid.NewGuid().ToString("N"),
                            parsed
                                .GetValue(at)
                                ?.ToString(DayTexts.TimeFormat, CultureInfo.InvariantCulture),
                            parsed.GetValue(zone),
                            parsed.GetValue(calendar),
                            parsed.GetValue(retry)
                        ),
                        EndOfDayJson.Default.DayScheduleRequest,
                        EndOfDayJson.Default.DayScheduleAnswer,
                        token
                    )
                    .ConfigureAwait(false);
                terminal.Line(ScheduleText(set));
                terminal.Object(set, EndOfDayJson.Default.DayScheduleAnswer);
                return ExitCode.Ok;
            }
        );
        return schedule;
    }

    public static Command CreateTrialBalance(BankDoor door)
    {
        var date = DateOption(Text.DayBalanceDateOption);
        date.Required = true;
        Option<bool> all = new("--all") { Description = Text.DayBalanceAllOption };
        Option<bool> verify = new("--verify") { Description = Text.DayBalanceVerifyOption };
        var balance = new Command("trial-balance", Text.DayBalanceDescription)
        {
            date,
            all,
            verify,
        }.WithRestOptions();
        balance.Does(
            async (parsed, terminal, token) =>
            {
                await using var bank = BankDoor.FindRest(parsed, door.KeyFor(parsed));
                var path =
                    $"{EndOfDayEndpoints.TrialBalancePath}/{TextOf(parsed.GetValue(date)!.Value)}";
                var answer = await ReadAsync(path).ConfigureAwait(false);
                foreach (var currency in answer.Currencies)
                {
                    Print(terminal, currency, parsed.GetValue(all));
                }
                terminal.Object(answer, EndOfDayJson.Default.DayBalancesAnswer);
                var isSame = true;
                if (parsed.GetValue(verify))
                {
                    isSame = string.Equals(
                        TextOf(await ReadAsync($"{path}?again=true").ConfigureAwait(false)),
                        TextOf(answer),
                        StringComparison.Ordinal
                    );
                    terminal.Line(isSame ? Text.DayBalanceSame : Text.DayBalanceDiffers);
                }
                return isSame && answer.Currencies.All(static currency => currency.IsZeroSum)
                    ? ExitCode.Ok
                    : ExitCode.NotDone;

                Task<DayBalancesAnswer> ReadAsync(string address) =>
                    bank.GetAsync(address, EndOfDayJson.Default.DayBalancesAnswer, token);
            }
        );
        return balance;
    }

    private static Option<DateOnly?> DateOption(string description) =>
        new("--date") { Description = description, HelpName = "YYYY-MM-DD" };

    private static string TextOf(DateOnly date) =>
        date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string TextOf(DayBalancesAnswer answer) =>
        JsonSerializer.Serialize(answer, EndOfDayJson.Default.DayBalancesAnswer);

    private static string ScheduleText(DayScheduleAnswer schedule) =>
        schedule.IsAutomatic
            ? Text.ScheduleSet(
                schedule.EndsAt!,
                schedule.Zone!,
                schedule.Calendar ?? Text.ScheduleEveryDay
            )
            : Text.ScheduleNone;

    private static int Print(Terminal terminal, EndOfDayStatusAnswer status)
    {
        terminal.Line(Text.EndOfDayStatus(status.Date ?? "-", status.State));
        terminal.Line(ScheduleText(status.Schedule));
        foreach (var step in status.Last?.Steps ?? [])
        {
            terminal.Line(Text.EndOfDayStep(step.Name, step.Handled));
        }
        if (status.Step is { } atWork)
        {
            terminal.Line(Text.EndOfDayAtWork(status.Last!.Date, atWork, status.Handled));
        }
        if (status.Failure is { } failure)
        {
            terminal.Line(Text.EndOfDayFailed(status.FailedAt!, status.Failures, failure));
        }
        terminal.Object(status, EndOfDayJson.Default.EndOfDayStatusAnswer);
        return ExitCode.Ok;
    }

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

    private static void Print(Terminal terminal, DayBalanceAnswer balance, bool withZeroes)
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
        foreach (
            var line in balance.Lines.Where(line =>
                withZeroes || line.DebitMinor != 0 || line.CreditMinor != 0
            )
        )
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
