using System.CommandLine;
using System.Globalization;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Demos;
using Evenkeel.Payments;

namespace Evenkeel.Host.Serving;

/// <summary><c>evenkeel bank</c>: the bank itself, as its operator sees it.</summary>
internal static class BankCommand
{
    public static Command Create(BankDoor door) =>
        new("bank", Text.BankDescription)
        {
            CreateOpen(door),
            CreateLogin(door),
            AuditCommand.Create(door),
            ChangeLoginCommand.Create(door),
            EndOfDayCommands.CreateClose(door),
            EndOfDayCommands.CreateSchedule(door),
            EndOfDayCommands.CreateTrialBalance(door),
            MonthCommand.Create(),
        };

    internal static Option<string> KindOfLogin()
    {
        Option<string> kind = new("--kind")
        {
            Description = Text.BankLoginKindOption,
            DefaultValueFactory = static _ => "customer",
        };
        kind.AcceptOnlyFromAmong("customer", "program", "staff");
        return kind;
    }

    /// <summary>The secret comes from a file, so that it stands in no list of processes.</summary>
    private static Command CreateLogin(BankDoor door)
    {
        Argument<string> login = new("login") { Description = Text.BankLoginArgument };
        var kind = KindOfLogin();
        Option<string?> subject = new("--subject") { Description = Text.BankLoginSubjectOption };
        Option<string?> branch = new("--branch") { Description = Text.BankLoginBranchOption };
        Option<string?> scopes = new("--scopes")
        {
            Description = Text.BankLoginScopesOption(string.Join(',', ProgramScopes.All)),
            HelpName = "SCOPE,SCOPE",
        };
        Option<FileInfo> secret = new("--secret-file")
        {
            Description = Text.BankLoginSecretOption,
            HelpName = "FILE",
            Required = true,
        };
        Option<bool> authenticator = new("--authenticator")
        {
            Description = Text.BankLoginAuthenticatorOption,
        };
        var command = new Command("login", Text.BankLoginDescription)
        {
            login,
            kind,
            subject,
            branch,
            scopes,
            secret,
            authenticator,
        }.WithRestOptions();
        command.Does(
            async (parsed, terminal, token) =>
            {
                var name = parsed.GetRequiredValue(login);
                await using var bank = BankDoor.FindRest(parsed, door.KeyFor(parsed));
                var made = await bank.PostAsync(
                        LoginEndpoint.Path,
                        new LoginRequest(
                            parsed.GetRequiredValue(kind),
                            name,
                            parsed.GetValue(subject) ?? name,
                            (
                                await File.ReadAllTextAsync(
                                        parsed.GetRequiredValue(secret).FullName,
                                        token
                                    )
                                    .ConfigureAwait(false)
                            ).Trim()
                        )
                        {
                            Branch = parsed.GetValue(branch),
                            Scopes = parsed
                                .GetValue(scopes)
                                ?.Split(
                                    ',',
                                    StringSplitOptions.TrimEntries
                                        | StringSplitOptions.RemoveEmptyEntries
                                ),
                            Authenticator = parsed.GetValue(authenticator),
                        },
                        LoginJson.Default.LoginRequest,
                        LoginJson.Default.LoginMade,
                        token
                    )
                    .ConfigureAwait(false);
                terminal.Line(Text.BankLoginMade(made.Login));
                if (made.AuthenticatorKey is { } key)
                {
                    terminal.Line(Text.BankLoginKey(key));
                }
                terminal.Object(made, LoginJson.Default.LoginMade);
                return ExitCode.Ok;
            }
        );
        return command;
    }

    private static Command CreateOpen(BankDoor door)
    {
        Option<DateOnly> date = new("--date")
        {
            Description = Text.BankDateOption,
            HelpName = "YYYY-MM-DD",
            DefaultValueFactory = static _ => DateOnly.FromDateTime(DateTime.Today),
        };
        Option<string> currencies = new("--currencies")
        {
            Description = Text.BankCurrenciesOption,
            HelpName = "CNY,HKD,EUR",
            Required = true,
        };
        var open = new Command("open", Text.BankOpenDescription)
        {
            date,
            currencies,
        }.WithRestOptions();
        open.Does(
            async (parsed, terminal, token) =>
            {
                await using var bank = BankDoor.FindRest(parsed, door.KeyFor(parsed));
                var opened = await bank.PostAsync(
                        BankEndpoint.Path,
                        new BankOpeningRequest(
                            parsed
                                .GetValue(date)
                                .ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                            parsed
                                .GetRequiredValue(currencies)
                                .Split(
                                    ',',
                                    StringSplitOptions.TrimEntries
                                        | StringSplitOptions.RemoveEmptyEntries
                                )
                        ),
                        BankOpeningJson.Default.BankOpeningRequest,
                        BankOpeningJson.Default.BankOpeningRequest,
                        token
                    )
                    .ConfigureAwait(false);
                if (parsed.GetResult(date) is null or { Implicit: true })
                {
                    // It begins today, so that its days go with the calendar's; with a date of its own it waits.
                    _ = await bank.PostAsync(
                            EndOfDayEndpoints.SchedulePath,
                            DayScheduleRequest.AtOpening,
                            EndOfDayJson.Default.DayScheduleRequest,
                            EndOfDayJson.Default.DayScheduleAnswer,
                            token
                        )
                        .ConfigureAwait(false);
                }
                terminal.Line(Text.BankOpened(opened.Date, string.Join(", ", opened.Currencies)));
                terminal.Object(opened, BankOpeningJson.Default.BankOpeningRequest);
                return ExitCode.Ok;
            }
        );
        return open;
    }
}
