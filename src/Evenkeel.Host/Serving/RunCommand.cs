using System.CommandLine;
using Evenkeel.Host.Clusters;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Houses;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Evenkeel.Host.Serving;

/// <summary>
/// <c>evenkeel run</c> for people and <c>evenkeel node</c> for service managers: the same bank, with
/// hints or with log lines.
/// </summary>
internal static class RunCommand
{
    private const int NodesMax = 5;

    /// <summary>Of this process and those that it starts: trace, debug, information, warning...</summary>
    private const string LogLevelVariable = "EVENKEEL_LOG_LEVEL";

    public static Command CreateRun() => Create("run", Text.RunDescription, isForPeople: true);

    public static Command CreateNode() => Create("node", Text.NodeDescription, isForPeople: false);

    private static Command Create(string name, string description, bool isForPeople)
    {
        Command command = new(name, description);
        ServeOptions options = new();
        options.AddTo(command);
        Option<int?> nodes = new("--nodes") { Description = Text.NodesOption, HelpName = "N" };
        Option<bool> ledgerOnly = new("--ledger-only") { Description = Text.LedgerOnlyOption };
        if (isForPeople)
        {
            nodes.AcceptOnlyFromAmong("1", "3", $"{NodesMax}");
            command.Options.Add(nodes);
            command.Options.Add(ledgerOnly);
        }
        else
        {
            options.AddClusterTo(command);
        }
        command.Does(
            async (parsed, terminal, token) =>
            {
                var settings = isForPeople
                    ? options.Read(parsed, Environment.GetEnvironmentVariable)
                    : options.ReadNode(parsed, Environment.GetEnvironmentVariable);
                var count = isForPeople ? parsed.GetValue(nodes) : null;
                var house =
                    isForPeople && !parsed.GetValue(ledgerOnly)
                        ? new House(settings, terminal)
                        : null;
                if (house is not null)
                {
                    settings = settings with { IsDemo = true, Clearing = house.ClearingAddress };
                    house.Prepare();
                }
                if (isForPeople && (count > 1 || ClusterSetup.Exists(settings.DataDirectory)))
                {
                    await SuperviseAsync(parsed, terminal, settings, count, house, token)
                        .ConfigureAwait(false);
                    return ExitCode.Ok;
                }
                using var logging = Logging(isForPeople ? LogLevel.Warning : LogLevel.Information);
                var bank = await RunningBank
                    .StartAsync(settings, logging, token)
                    .ConfigureAwait(false);
                await using (bank.ConfigureAwait(false))
                {
                    Greet(terminal, settings, bank, isForPeople);
                    if (house is not null)
                    {
                        await house.LiveAsync(bank.Endpoints.Rest!, token).ConfigureAwait(false);
                    }
                    await UntilStoppedAsync(token).ConfigureAwait(false);
                    terminal.Line(Text.RunStopping);
                }
                terminal.Line(Text.RunStopped);
                return ExitCode.Ok;
            }
        );
        return command;
    }

    private static async Task SuperviseAsync(
        ParseResult parsed,
        Terminal terminal,
        ServeSettings settings,
        int? nodes,
        House? house,
        CancellationToken token
    )
    {
        var file = ClusterSetup.ReadOrMake(settings, nodes);
        var commands = parsed
            .RootCommandResult.Command.Subcommands.Select(static c => c.Name)
            .ToHashSet(StringComparer.Ordinal);
        await new Supervisor(settings, file, commands, terminal, house)
            .RunAsync(token)
            .ConfigureAwait(false);
        terminal.Line(Text.RunStopped);
    }

    private static void Greet(
        Terminal terminal,
        ServeSettings settings,
        RunningBank bank,
        bool isForPeople
    )
    {
        var endpoints = bank.Endpoints;
        terminal.Line(Text.RunOpen(settings.DataDirectory));
        foreach (var note in bank.RecoveryNotes)
        {
            terminal.Line(Text.RunRecovered(note));
        }
        terminal.Line(Text.RunBinary(endpoints.Binary));
        terminal.Line(Text.RunRest(endpoints.Rest!));
        terminal.Line(Text.RunReference(new Uri(endpoints.Rest!, "/reference")));
        if (bank.NewKey is { } key)
        {
            terminal.Line();
            terminal.Line(settings.RescueKey ? Text.RunRescueKey(key) : Text.RunFirstKey(key));
            terminal.Line(Text.RunKeyStored(OperatorKey.PathIn(settings.DataDirectory)));
        }
        if (isForPeople)
        {
            Hint(terminal, settings, endpoints);
        }
    }

    private static void Hint(Terminal terminal, ServeSettings settings, Endpoints endpoints)
    {
        var data = string.Equals(
            Path.GetFullPath(CommonOptions.DataDefault),
            settings.DataDirectory,
            StringComparison.Ordinal
        )
            ? ""
            : $" --data {settings.DataDirectory}";
        // The front door says how it was called, so that hints can be pasted.
        var me = Environment.GetEnvironmentVariable("EVENKEEL_COMMAND") ?? "evenkeel";
        terminal.Line();
        terminal.Line(Text.RunTry);
        string[] hints =
        [
            $"{me} import berka ../shared/data/berka{data}",
            $"{me} statement berka:576{data}",
            $"{me} transfer --from berka:576 --to berka:704 --amount 1.50{data}",
            $"{me} trial-balance{data}",
            $"curl -H \"Authorization: Bearer $(cat {OperatorKey.PathIn(settings.DataDirectory)})\""
                + $" {new Uri(endpoints.Rest!, "/v1/accounts")}",
        ];
        foreach (var hint in hints)
        {
            terminal.Line("  " + hint);
        }
        terminal.Line();
        terminal.Line(Text.RunStopHint);
    }

    internal static async Task UntilStoppedAsync(CancellationToken token)
    {
        TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = token
            .Register(static s => ((TaskCompletionSource)s!).TrySetResult(), stopped)
            .ConfigureAwait(false);
        await stopped.Task.ConfigureAwait(false);
    }

    /// <summary>To standard error, a line each; standard output is for what commands answer.</summary>
    /// <param name="level">Unless the environment says another one (EVENKEEL_LOG_LEVEL).</param>
    internal static ILoggerFactory Logging(LogLevel level) =>
        LoggerFactory.Create(builder =>
        {
            builder.SetMinimumLevel(
                Enum.TryParse<LogLevel>(
                    Environment.GetEnvironmentVariable(LogLevelVariable),
                    ignoreCase: true,
                    out var asked
                )
                    ? asked
                    : level
            );
            // Of others' libraries never more: their lines hold addresses, headers and queries.
            builder.AddFilter("Microsoft", LogLevel.Warning);
            // The proxy's own lines hold whole addresses, and those hold account numbers.
            builder.AddFilter("Yarp", LogLevel.None);
            // The token server's own lines hold what clients sent.
            builder.AddFilter("OpenIddict", LogLevel.Warning);
            builder.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
                console.ColorBehavior = LoggerColorBehavior.Disabled;
            });
            builder.Services.Configure<ConsoleLoggerOptions>(console =>
                console.LogToStandardErrorThreshold = LogLevel.Trace
            );
        });
}
