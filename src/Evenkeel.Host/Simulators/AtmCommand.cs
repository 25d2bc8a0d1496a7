using System.CommandLine;
using System.Globalization;
using System.Net;
using Evenkeel.CardKeys;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Money;
using Evenkeel.Host.Serving;
using Evenkeel.Model;
using Evenkeel.Simulators.Atm;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Host.Simulators;

/// <summary><c>evenkeel atm</c>: a simulated cash machine, a process of its own with its own files.</summary>
internal static class AtmCommand
{
    private const string KeysFile = "terminal.keys";
    private const int PerThousandMax = 1_000;

    private static readonly Option<DirectoryInfo> Data = new("--data")
    {
        Description = Text.AtmDataOption,
        HelpName = "DIR",
        DefaultValueFactory = static _ => new DirectoryInfo("atm"),
    };
    private static readonly Option<string> Profile = new("--profile")
    {
        Description = Text.AtmProfileOption,
        DefaultValueFactory = static _ => SoftwareCardKeys.Profile,
    };
    private static readonly Option<string?> Host = new("--host")
    {
        Description = Text.AtmHostOption,
        HelpName = "H:P",
    };
    private static readonly Option<FileInfo?> Trust = new("--trust")
    {
        Description = Text.AtmTrustOption,
        HelpName = "PEM",
    };
    private static readonly Option<string> Currency = new("--currency")
    {
        Description = Text.AtmCurrencyOption,
        DefaultValueFactory = static _ => "CNY",
    };

    public static Command Create() =>
        new("atm", Text.AtmDescription) { Keys(), Run(), Withdraw(), Balance() };

    /// <summary>What a key loading ceremony does to a real machine.</summary>
    private static Command Keys()
    {
        Option<FileInfo> cardKeys = new("--card-keys")
        {
            Description = Text.AtmCardKeysOption,
            HelpName = "FILE",
            Required = true,
        };
        Option<string> terminal = new("--terminal")
        {
            Description = Text.AtmTerminalOption,
            DefaultValueFactory = static _ => "ATM00001",
        };
        Command command = new("keys", Text.AtmKeysDescription)
        {
            cardKeys,
            terminal,
            Data,
            Profile,
        };
        command.Does(
            (parsed, output, _) =>
            {
                var name = parsed.GetRequiredValue(terminal);
                if (name.Length is 0 or > 8 || !name.All(char.IsAsciiLetterOrDigit))
                {
                    throw new CommandFailedException(
                        ExitCode.Usage,
                        Text.SettingNotUnderstood(terminal.Name, name)
                    );
                }
                var directory = parsed.GetRequiredValue(Data);
                directory.Create();
                using var keys = Refusable(() =>
                    SoftwareCardKeys.Open(
                        parsed.GetRequiredValue(Profile),
                        parsed.GetRequiredValue(cardKeys).FullName
                    )
                );
                using var own = keys.KeysOf(name);
                own.Save(Path.Combine(directory.FullName, KeysFile));
                output.Line(
                    Text.AtmKeysLoaded(
                        name,
                        own.CheckValue(TerminalKeyUse.Pin),
                        own.CheckValue(TerminalKeyUse.Mac)
                    )
                );
                return Task.FromResult(ExitCode.Ok);
            }
        );
        return command;
    }

    private static Command Run()
    {
        AtmSettings settings = new();
        Command command = new("run", Text.AtmRunDescription)
        {
            Data,
            Profile,
            Host,
            Trust,
            Currency,
        };
        settings.AddTo(command);
        command.Does(
            async (parsed, output, token) =>
            {
                using var keys = Load(parsed);
                var options = settings.Read(parsed);
                using var logging = RunCommand.Logging(LogLevel.Information);
                await using var machine = AtmMachine.Open(
                    options,
                    keys,
                    TimeProvider.System,
                    logging.CreateLogger<AtmMachine>()
                );
                await using var front = AtmFront.Open(
                    machine,
                    keys,
                    options.Directory,
                    TimeProvider.System
                );
                output.Line(
                    Text.AtmOpen(
                        keys.Terminal,
                        Show.AmountWithCurrency(machine.Holds, (uint)options.Currency),
                        machine.Stored
                    )
                );
                await machine.RunAsync(token);
                return ExitCode.Ok;
            }
        );
        return command;
    }

    private static Command Withdraw()
    {
        Option<string> amount = new("--amount")
        {
            Description = Text.AtmAmountOption,
            Required = true,
        };
        var command = Customer("withdraw", Text.AtmWithdrawDescription, amount);
        return command;
    }

    private static Command Balance() => Customer("balance", Text.AtmBalanceDescription, null);

    /// <summary>Plays the customer at the running machine, or at one that lives as long as this command.</summary>
    private static Command Customer(string name, string description, Option<string>? amount)
    {
        AtmCardOptions cardOptions = new();
        AtmSettings settings = new();
        Command command = new(name, description)
        {
            Data,
            Profile,
            Host,
            Currency,
            CommonOptions.Json,
        };
        cardOptions.AddTo(command);
        settings.AddTo(command);
        if (amount is not null)
        {
            command.Options.Add(amount);
        }
        command.Does(
            async (parsed, output, token) =>
            {
                var currency = ReadCurrency(parsed);
                var minor = amount is null
                    ? 0
                    : ReadAmount(parsed.GetRequiredValue(amount), currency);
                using var keys = Load(parsed);
                using var entered = cardOptions.Read(parsed);
                var receipt =
                    await AtmFront.UseAsync(
                        parsed.GetRequiredValue(Data).FullName,
                        keys,
                        entered.Pan,
                        entered.Pin,
                        entered.ExpiryYearMonth,
                        entered.ChipAgrees,
                        minor,
                        TimeProvider.System,
                        token
                    ) ?? await OnceAsync(settings.Read(parsed), keys, entered, minor, token);
                AtmReceipts.Print(output, receipt, minor, currency);
                return AtmReceipts.ExitCodeOf(receipt);
            }
        );
        return command;
    }

    private static async Task<AtmReceipt> OnceAsync(
        AtmOptions options,
        TerminalKeys keys,
        AtmEntered entered,
        long minor,
        CancellationToken token
    )
    {
        using var logging = RunCommand.Logging(LogLevel.Warning);
        await using var machine = AtmMachine.Open(
            options,
            keys,
            TimeProvider.System,
            logging.CreateLogger<AtmMachine>()
        );
        using AtmCard card = new(
            entered.Pan.Span,
            entered.Pin.Span,
            entered.ExpiryYearMonth,
            entered.ChipAgrees
        );
        return minor > 0
            ? await machine.WithdrawAsync(card, minor, token)
            : await machine.ShowBalanceAsync(card, token);
    }

    private static TerminalKeys Load(ParseResult parsed)
    {
        var path = Path.Combine(parsed.GetRequiredValue(Data).FullName, KeysFile);
        return File.Exists(path)
            ? Refusable(() => TerminalKeys.Load(parsed.GetRequiredValue(Profile), path))
            : throw new CommandFailedException(ExitCode.NotDone, Text.AtmNoKeys(path));
    }

    private static T Refusable<T>(Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception e) when (e is SoftwareKeysRefusedException or InvalidDataException)
        {
            throw new CommandFailedException(ExitCode.NotDone, e.Message);
        }
    }

    private static uint ReadCurrency(ParseResult parsed)
    {
        var text = parsed.GetRequiredValue(Currency);
        return Currencies.TryParseLedger(text, out var currency) && currency < 1_000
            ? currency
            : throw new CommandFailedException(
                ExitCode.Usage,
                Text.SettingNotUnderstood(Currency.Name, text)
            );
    }

    private static long ReadAmount(string text, uint currency)
    {
        var scale = 1m;
        for (var i = 0; i < Currencies.OfLedger(currency).Decimals; i++)
        {
            scale *= 10;
        }
        return
            decimal.TryParse(
                text,
                NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture,
                out var major
            )
            && major is > 0 and < 1_000_000_000
            && major * scale == decimal.Truncate(major * scale)
            ? (long)(major * scale)
            : throw new CommandFailedException(ExitCode.Usage, Text.AtmAmountBad(text));
    }

    /// <summary>The options that shape a machine.</summary>
    private sealed class AtmSettings
    {
        private readonly Option<string> _floor = new("--floor-limit")
        {
            Description = Text.AtmFloorOption,
            DefaultValueFactory = static _ => "0",
        };
        private readonly Option<int> _seed = new("--seed")
        {
            Description = Text.AtmSeedOption,
            DefaultValueFactory = static _ => 1,
        };
        private readonly Option<int> _jams = new("--jams-per-thousand")
        {
            Description = Text.AtmJamsOption,
        };
        private readonly Option<int> _shortages = new("--shortages-per-thousand")
        {
            Description = Text.AtmShortagesOption,
        };
        private readonly Option<string[]> _cassettes = new("--cassette")
        {
            Description = Text.AtmCassetteOption,
            HelpName = "VALUExCOUNT",
        };

        public void AddTo(Command command)
        {
            _jams.Validators.Add(Bounds.Between(_jams, 0, PerThousandMax));
            _shortages.Validators.Add(Bounds.Between(_shortages, 0, PerThousandMax));
            Option[] all = [_floor, _seed, _jams, _shortages, _cassettes];
            foreach (var option in all)
            {
                command.Options.Add(option);
            }
        }

        public AtmOptions Read(ParseResult parsed)
        {
            var host =
                parsed.GetValue(Host)
                ?? throw new CommandFailedException(ExitCode.Usage, Text.AtmHostMissing);
            var colon = host.LastIndexOf(':');
            if (
                colon <= 0
                || !int.TryParse(
                    host.AsSpan(colon + 1),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var port
                )
                || port is 0 or > IPEndPoint.MaxPort
            )
            {
                throw new CommandFailedException(ExitCode.Usage, Text.AtmHostBad(host));
            }
            var name = host[..colon].Trim('[', ']');
            var currency = ReadCurrency(parsed);
            var floor = parsed.GetRequiredValue(_floor);
            AtmOptions options = new()
            {
                Host = IPEndPoint.TryParse(host, out var address)
                    ? address
                    : new DnsEndPoint(name, port),
                Tls = parsed.GetValue(Trust) is { } trust
                    ? Certificates.Believe(trust.FullName, name)
                    : null,
                Directory = parsed.GetRequiredValue(Data).FullName,
                Currency = (int)currency,
                FloorLimit = floor is "0" ? 0 : ReadAmount(floor, currency),
                Faults = new AtmFaults(
                    parsed.GetValue(_seed),
                    parsed.GetValue(_jams),
                    parsed.GetValue(_shortages)
                ),
            };
            var cassettes = parsed.GetValue(_cassettes) ?? [];
            return cassettes.Length == 0
                ? options
                : options with
                {
                    Cassettes = [.. cassettes.Select(c => ReadCassette(c, currency))],
                };
        }

        private static Cassette ReadCassette(string text, uint currency)
        {
            var x = text.IndexOf('x', StringComparison.Ordinal);
            return
                x > 0
                && int.TryParse(
                    text.AsSpan(x + 1),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var notes
                )
                && notes is > 0 and <= 100_000
                ? new Cassette(ReadAmount(text[..x], currency), notes)
                : throw new CommandFailedException(ExitCode.Usage, Text.AtmCassetteBad(text));
        }
    }
}
