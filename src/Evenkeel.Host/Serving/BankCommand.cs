using System.CommandLine;
using System.Globalization;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;

namespace Evenkeel.Host.Serving;

/// <summary><c>evenkeel bank</c>: the bank itself, as its operator sees it.</summary>
internal static class BankCommand
{
    public static Command Create(BankDoor door) =>
        new("bank", Text.BankDescription) { CreateOpen(door) };

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
                terminal.Line(Text.BankOpened(opened.Date, string.Join(", ", opened.Currencies)));
                terminal.Object(opened, BankOpeningJson.Default.BankOpeningRequest);
                return ExitCode.Ok;
            }
        );
        return open;
    }
}
