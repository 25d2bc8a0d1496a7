using System.CommandLine;
using System.Net;
using Evenkeel.Banking.Rails;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Serving;
using Evenkeel.Replication;
using Evenkeel.Simulators;

namespace Evenkeel.Host.Simulators;

/// <summary>
/// <c>evenkeel clearing run</c>: a simulated clearing with other banks and billers behind it, a process
/// of its own with its own files.
/// </summary>
internal static class ClearingCommand
{
    private const string ListenDefault = "127.0.0.1:7480";
    private const int PercentMax = 100;

    public static Command Create() => new("clearing", Text.ClearingDescription) { Run() };

    private static Command Run()
    {
        Option<DirectoryInfo> data = new("--data")
        {
            Description = Text.ClearingDataOption,
            HelpName = "DIR",
            DefaultValueFactory = static _ => new DirectoryInfo("clearing"),
        };
        Option<string> listen = new("--listen")
        {
            Description = Text.ClearingListenOption,
            HelpName = "H:P",
            DefaultValueFactory = static _ => ListenDefault,
        };
        Option<DateOnly> date = new("--date")
        {
            Description = Text.ClearingDateOption,
            HelpName = "YYYY-MM-DD",
            DefaultValueFactory = static _ => DateOnly.FromDateTime(DateTime.Today),
        };
        Option<int> seed = new("--seed")
        {
            Description = Text.ClearingSeedOption,
            DefaultValueFactory = static _ => 1,
        };
        var reject = Percent("--reject", Text.ClearingRejectOption);
        var slow = Percent("--slow", Text.ClearingSlowOption);
        var silent = Percent("--silent", Text.ClearingSilentOption);
        var lost = Percent("--lost", Text.ClearingLostOption);
        var sentBack = Percent("--return", Text.ClearingReturnOption);
        Command command = new("run", Text.ClearingRunDescription)
        {
            data,
            listen,
            date,
            seed,
            reject,
            slow,
            silent,
            lost,
            sentBack,
        };
        command.Does(
            async (parsed, terminal, token) =>
            {
                if (
                    !IPEndPoint.TryParse(parsed.GetRequiredValue(listen), out var endpoint)
                    // Whoever reaches it plays other banks: nobody but this machine does.
                    || !IPAddress.IsLoopback(endpoint.Address)
                )
                {
                    throw new CommandFailedException(
                        ExitCode.Usage,
                        Text.SettingNotUnderstood(listen.Name, parsed.GetRequiredValue(listen))
                    );
                }
                Faults faults = new()
                {
                    Seed = parsed.GetValue(seed),
                    RejectPercent = parsed.GetValue(reject),
                    SlowPercent = parsed.GetValue(slow),
                    SilentPercent = parsed.GetValue(silent),
                    LostPercent = parsed.GetValue(lost),
                    ReturnPercent = parsed.GetValue(sentBack),
                };
                var directory = parsed.GetRequiredValue(data).FullName;
                Directory.CreateDirectory(directory);
                // A second clearing on the same files would settle what the first one has settled.
                using var owned = DirectoryLock.Acquire(directory);
                var server = await SimulatorServer
                    .StartAsync(
                        new SimulatorServerOptions
                        {
                            Directory = directory,
                            Listen = endpoint,
                            FirstDate = parsed.GetValue(date),
                            Members = [BankOwn.Code.Value],
                            ClearingFaults = faults,
                            BillerFaults = faults,
                        },
                        token
                    )
                    .ConfigureAwait(false);
                await using (server.ConfigureAwait(false))
                {
                    terminal.Line(Text.ClearingOpen(server.Address));
                    await RunCommand.UntilStoppedAsync(token).ConfigureAwait(false);
                    terminal.Line(Text.RunStopping);
                }
                terminal.Line(Text.RunStopped);
                return ExitCode.Ok;
            }
        );
        return command;
    }

    private static Option<int> Percent(string name, string description)
    {
        Option<int> option = new(name) { Description = description, HelpName = "PERCENT" };
        option.Validators.Add(Bounds.Between(option, 0, PercentMax));
        return option;
    }
}
