using System.CommandLine;
using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Evenkeel.Bench;
using Evenkeel.Bench.Peers;
using Evenkeel.Host.CommandLine;
using Evenkeel.Model;

namespace Evenkeel.Host.Benches;

/// <summary>
/// <c>evenkeel bench</c>: one load on a scratch node, or (<c>peers</c>, <c>restart</c>, <c>history</c>,
/// <c>memory</c>) a whole comparison.
/// </summary>
internal static class BenchCommand
{
    internal const int AccountsMax = 50_000_000;
    internal const int ClientsMax = 1_000;
    internal const int SecondsMax = 3_600;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    private static readonly Option<string> Folder = new("--folder")
    {
        Description = Text.BenchFolderOption,
        HelpName = "DIR",
        DefaultValueFactory = static _ => Path.GetTempPath(),
        Recursive = true,
    };

    public static Command Create()
    {
        var accounts = Number("--accounts", 10_000, 2, AccountsMax, Text.BenchAccountsOption);
        var batch = Number(
            "--batch",
            Limits.BatchEventsMax,
            1,
            Limits.BatchEventsMax,
            Text.BenchBatchOption
        );
        var hot = Number("--hot", 0, 0, 100, Text.BenchHotOption);
        var clients = Number("--clients", 4, 1, ClientsMax, Text.BenchClientsOption);
        var seconds = Number("--seconds", 10, 1, SecondsMax, Text.BenchSecondsOption);
        var nodes = Nodes();
        Option<bool> zipf = new("--zipf") { Description = Text.BenchZipfOption };
        Command command = new("bench", Text.BenchDescription)
        {
            accounts,
            batch,
            hot,
            clients,
            seconds,
            zipf,
            nodes,
            CommonOptions.Json,
            Cluster(),
            Peers(),
            Restart(),
            History(),
            Memory(),
            BenchAgainst.Create(),
            RejoinBench.Create(Folder),
            Gateway(),
            BankBenchCommand.Create(Folder),
            BankingBenchCommand.Create(Folder),
            EndOfDayBenchCommand.Create(Folder),
            Iso8583(),
            FailoverCommand.Create(),
        };
        command.Options.Add(Folder);
        command.Does(
            async (parsed, terminal, token) =>
            {
                var workload = new WorkloadOptions
                {
                    Accounts = parsed.GetValue(accounts),
                    HotPercent = parsed.GetValue(hot),
                    Distribution = parsed.GetValue(zipf) ? Distribution.Zipf : Distribution.Uniform,
                };
                var start = ScratchNode.Starter(
                    parsed.GetRequiredValue(Folder),
                    parsed.GetValue(nodes)
                );
                var node = await start(token).ConfigureAwait(false);
                await using (node.ConfigureAwait(false))
                {
                    var load = new LedgerLoad(
                        ClientTarget.Opener(node.Endpoints, node.ApiKey),
                        workload
                    );
                    await load.SetUpAsync(null, token).ConfigureAwait(false);
                    var result = await load.RunAsync(
                            "Evenkeel",
                            parsed.GetValue(clients),
                            parsed.GetValue(batch),
                            WarmUp,
                            TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                            token
                        )
                        .ConfigureAwait(false);
                    terminal.Table(TableOf([result]));
                    terminal.Object(result, BenchJson.Default.Measurement);
                    return result.Refused == 0 ? ExitCode.Ok : ExitCode.NotDone;
                }
            }
        );
        return command;
    }

    /// <summary>The same load on one node and on a cluster, in one run (row 2 of the goals).</summary>
    private static Command Cluster()
    {
        var accounts = Number("--accounts", 1_000_000, 2, AccountsMax, Text.BenchAccountsOption);
        var clients = Number("--clients", 8, 1, ClientsMax, Text.BenchClientsOption);
        var seconds = Number("--seconds", 10, 1, SecondsMax, Text.BenchSecondsOption);
        Command command = new("cluster", Text.BenchClusterDescription)
        {
            accounts,
            clients,
            seconds,
            CommonOptions.Json,
        };
        command.Does(
            async (parsed, terminal, token) =>
            {
                var folder = parsed.GetRequiredValue(Folder);
                var suite = new ClusterSuite(
                    new ClusterSuiteOptions
                    {
                        Accounts = parsed.GetValue(accounts),
                        Clients = parsed.GetValue(clients),
                        Duration = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                    },
                    ScratchNode.Starter(folder),
                    ScratchNode.Starter(folder, ClusterSuiteOptions.Nodes)
                );
                var report = await suite
                    .RunAsync(new Remarks(terminal), token)
                    .ConfigureAwait(false);
                return Show(terminal, report);
            }
        );
        return command;
    }

    /// <summary>Purchases over ISO 8583 beside the bare ledger of the same node.</summary>
    private static Command Iso8583()
    {
        var accounts = Number("--accounts", 1_000, 2, 100_000, Text.BenchAccountsOption);
        var clients = Number("--clients", 64, 1, 256, Text.BenchClientsOption);
        var seconds = Number("--seconds", 10, 1, SecondsMax, Text.BenchSecondsOption);
        Command command = new("iso8583", Text.BenchIsoDescription)
        {
            accounts,
            clients,
            seconds,
            CommonOptions.Json,
        };
        command.Does(
            async (parsed, terminal, token) =>
            {
                var measured = await IsoBench
                    .RunAsync(
                        new IsoBenchOptions(
                            parsed.GetValue(accounts),
                            parsed.GetValue(clients),
                            TimeSpan.FromSeconds(parsed.GetValue(seconds))
                        ),
                        parsed.GetRequiredValue(Folder),
                        new Remarks(terminal),
                        token
                    )
                    .ConfigureAwait(false);
                terminal.Table(TableOf(measured));
                terminal.Object([.. measured], BenchJson.Default.MeasurementArray);
                return measured.All(static m => m.Refused == 0) ? ExitCode.Ok : ExitCode.NotDone;
            }
        );
        return command;
    }

    private static Option<int> Nodes()
    {
        Option<int> option = new("--nodes")
        {
            Description = Text.BenchNodesOption,
            HelpName = "N",
            DefaultValueFactory = static _ => 1,
        };
        option.AcceptOnlyFromAmong("1", "3", "5");
        return option;
    }

    private static Command Peers()
    {
        var accounts = Number("--accounts", 1_000_000, 2, AccountsMax, Text.BenchAccountsOption);
        var seconds = Number("--seconds", 10, 1, SecondsMax, Text.BenchSecondsOption);
        Command command = new("peers", Text.BenchPeersDescription)
        {
            accounts,
            seconds,
            CommonOptions.Json,
        };
        command.Does(
            async (parsed, terminal, token) =>
            {
                if (PostgresServer.FindBinaries() is null)
                {
                    throw new CommandFailedException(ExitCode.NotDone, Text.BenchNoPostgres);
                }
                var folder = parsed.GetRequiredValue(Folder);
                var suite = new PeerSuite(
                    new PeerSuiteOptions
                    {
                        Accounts = parsed.GetValue(accounts),
                        Duration = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                        Folder = folder,
                    },
                    ScratchNode.Starter(folder)
                );
                var report = await suite
                    .RunAsync(new Remarks(terminal), token)
                    .ConfigureAwait(false);
                return Show(terminal, report);
            }
        );
        return command;
    }

    private static Command Restart()
    {
        var accounts = Number("--accounts", 10_000_000, 2, AccountsMax, Text.BenchAccountsOption);
        var transfers = Number(
            "--transfers",
            1_000_000,
            1,
            int.MaxValue,
            Text.BenchTransfersOption
        );
        Command command = new("restart", Text.BenchRestartDescription)
        {
            accounts,
            transfers,
            CommonOptions.Json,
        };
        return Measuring(
            command,
            (suite, parsed, token) =>
                suite.RestartAsync(parsed.GetValue(accounts), parsed.GetValue(transfers), token),
            BenchJson.Default.RestartResult
        );
    }

    private static Command History()
    {
        var accounts = Number("--accounts", 1_000_000, 2, AccountsMax, Text.BenchAccountsOption);
        var transfers = Number(
            "--transfers",
            100_000_000,
            1,
            int.MaxValue,
            Text.BenchTransfersOption
        );
        var reads = Number("--reads", 2_000, 1, 1_000_000, Text.BenchReadsOption);
        Command command = new("history", Text.BenchHistoryDescription)
        {
            accounts,
            transfers,
            reads,
            CommonOptions.Json,
        };
        return Measuring(
            command,
            (suite, parsed, token) =>
                suite.HistoryAsync(
                    parsed.GetValue(transfers),
                    parsed.GetValue(accounts),
                    parsed.GetValue(reads),
                    token
                ),
            BenchJson.Default.HistoryResult
        );
    }

    private static Command Memory()
    {
        var accounts = Number(
            "--accounts",
            10_000_000,
            100_000,
            AccountsMax,
            Text.BenchAccountsOption
        );
        var transfers = Number(
            "--transfers",
            10_000_000,
            1,
            int.MaxValue,
            Text.BenchTransfersOption
        );
        Command command = new("memory", Text.BenchMemoryDescription)
        {
            accounts,
            transfers,
            CommonOptions.Json,
        };
        return Measuring(
            command,
            (suite, parsed, token) =>
                suite.MemoryAsync(parsed.GetValue(accounts), parsed.GetValue(transfers), token),
            BenchJson.Default.MemoryResult
        );
    }

    private static Command Gateway()
    {
        var seconds = Number("--seconds", 10, 1, SecondsMax, Text.BenchSecondsOption);
        Command command = new("gateway", Text.BenchGatewayDescription)
        {
            seconds,
            CommonOptions.Json,
        };
        command.Does(
            async (parsed, terminal, token) =>
            {
                var result = await GatewayBench
                    .RunAsync(
                        ScratchNode.Starter(parsed.GetRequiredValue(Folder)),
                        TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                        new Remarks(terminal),
                        token
                    )
                    .ConfigureAwait(false);
                terminal.Table(TableOf(result.Measurements));
                terminal.Line(Text.BenchGatewayAdds(result.AddedP50Ms, result.AddedP99Ms));
                terminal.Object(result, BenchJson.Default.GatewayResult);
                return result.Measurements.All(m => m.Refused == 0)
                    ? ExitCode.Ok
                    : ExitCode.NotDone;
            }
        );
        return command;
    }

    /// <summary>A command that takes one measure of a scratch node's state and says it.</summary>
    private static Command Measuring<T>(
        Command command,
        Func<StateSuite, ParseResult, CancellationToken, Task<T>> measure,
        JsonTypeInfo<T> json
    )
        where T : notnull
    {
        command.Does(
            async (parsed, terminal, token) =>
            {
                StateSuite suite = new(ScratchNode.Starter(parsed.GetRequiredValue(Folder)));
                var result = await measure(suite, parsed, token).ConfigureAwait(false);
                terminal.Line(result.ToString()!);
                terminal.Object(result, json);
                return ExitCode.Ok;
            }
        );
        return command;
    }

    private static int Show(Terminal terminal, PeerReport report)
    {
        terminal.Table(TableOf(report.Measurements));
        terminal.Table(TableOf(report.Goals));
        terminal.Object(report, BenchJson.Default.PeerReport);
        return ExitCode.Ok;
    }

    internal static Option<int> Number(
        string name,
        int standard,
        int min,
        int max,
        string description
    )
    {
        Option<int> option = new(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => standard,
        };
        option.Validators.Add(Bounds.Between(option, min, max));
        return option;
    }

    internal static Spectre.Console.Table TableOf(IReadOnlyList<Measurement> measurements)
    {
        var table = Terminal.NewTable(
            Text.BenchColumnLoad,
            Text.BenchColumnAccounts,
            Text.BenchColumnClients,
            Text.BenchColumnBatch,
            Text.BenchColumnRate,
            "p50 ms",
            "p99 ms",
            "max ms"
        );
        foreach (var m in measurements)
        {
            string[] cells =
            [
                m.Name,
                Format(m.Accounts),
                Format(m.Clients),
                Format(m.Batch),
                Format(m.TransfersPerSecond),
                m.P50Ms.ToString("N2", CultureInfo.CurrentCulture),
                m.P99Ms.ToString("N2", CultureInfo.CurrentCulture),
                m.MaxMs.ToString("N2", CultureInfo.CurrentCulture),
            ];
            Spectre.Console.TableExtensions.AddRow(
                table,
                [.. cells.Select(c => new Spectre.Console.Text(c))]
            );
        }
        return table;

        static string Format(double number) => number.ToString("N0", CultureInfo.CurrentCulture);
    }

    private static Spectre.Console.Table TableOf(IReadOnlyList<GoalResult> goals)
    {
        var table = Terminal.NewTable(
            Text.BenchColumnRow,
            Text.BenchColumnGoal,
            Text.BenchColumnMeasured,
            Text.BenchColumnMet
        );
        foreach (var g in goals)
        {
            string[] cells =
            [
                g.Row,
                g.Goal,
                g.Measured,
                g.Met is { } met ? (met ? Text.Yes : Text.No) : "-",
            ];
            Spectre.Console.TableExtensions.AddRow(
                table,
                [.. cells.Select(c => new Spectre.Console.Text(c))]
            );
        }
        return table;
    }

    /// <summary>Says each figure as it comes: a whole comparison takes minutes.</summary>
    internal sealed class Remarks(Terminal terminal) : IProgress<Measurement>
    {
        public void Report(Measurement value) =>
            terminal.Remark(
                string.Create(
                    CultureInfo.CurrentCulture,
                    $"{value.Name} ({value.Accounts:N0}): {value.TransfersPerSecond:N0}/s, p99 {value.P99Ms:N1} ms"
                )
            );
    }
}
