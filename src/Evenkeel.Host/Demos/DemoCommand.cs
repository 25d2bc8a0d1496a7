using System.CommandLine;
using Evenkeel.Demo.Load;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Drills;

namespace Evenkeel.Host.Demos;

/// <summary>
/// <c>evenkeel demo</c>: a demonstration bank, who is in it, its customers at work, and what the bank
/// says now against what they were told then.
/// </summary>
internal static class DemoCommand
{
    private const int PerSecondMax = 50_000;

    /// <summary>Ids that are listed; the counts say how many there are.</summary>
    private const int ShownMax = 20;

    public static Command Create(BankDoor door)
    {
        Command demo = new("demo", Text.DemoDescription)
        {
            DemoBuildCommand.Create(door),
            DemoWhoCommand.Create(door),
            CreateLoad(door),
            CreateCheck(door),
        };
        foreach (var command in DemoCompanyCommands.All(door))
        {
            demo.Subcommands.Add(command);
        }
        return demo;
    }

    private static Command CreateLoad(BankDoor door)
    {
        Argument<string> time = new("TIME") { Description = Text.DemoTimeArgument };
        Option<int> rate = new("--rate")
        {
            Description = Text.DemoRateOption,
            HelpName = "N",
            DefaultValueFactory = static _ => 20,
        };
        rate.Validators.Add(Bounds.Between(rate, 1, PerSecondMax));
        Option<double> faster = new("--days-faster")
        {
            Description = Text.DemoFasterOption,
            HelpName = "N",
        };
        var truth = TruthOption();
        var load = new Command("load", Text.DemoLoadDescription).WithRestOptions();
        load.Arguments.Add(time);
        load.Options.Add(rate);
        load.Options.Add(faster);
        load.Options.Add(truth);
        load.Does(
            async (parsed, terminal, token) =>
            {
                var path = parsed.GetRequiredValue(truth).FullName;
                var who = await Demonstration.FindAsync(door, parsed, token).ConfigureAwait(false);
                using var bank = ContractDoor.Open(parsed);
                LoadReport report;
                var log = new TruthLog(path);
                await using (log.ConfigureAwait(false))
                {
                    report = await new LoadGenerator(
                        who.Plan,
                        who.Directory,
                        new LoadOptions
                        {
                            Seed = who.File.Seed,
                            PerSecond = parsed.GetValue(rate),
                            DaysFaster = parsed.GetValue(faster),
                        },
                        bank.Remote,
                        log,
                        TimeProvider.System
                    ).RunAsync(SoakCommand.ParseTime(parsed.GetRequiredValue(time)), token).ConfigureAwait(false);
                }
                Print(terminal, report, path);
                return ExitCode.Ok;
            }
        );
        return load;
    }

    private static Command CreateCheck(BankDoor door)
    {
        var truth = TruthOption();
        var check = new Command("check", Text.DemoCheckDescription) { truth }.WithRestOptions();
        check.Does(
            async (parsed, terminal, token) =>
            {
                using var bank = ContractDoor.Open(parsed);
                var report = await TruthCheck
                    .RunAsync(parsed.GetRequiredValue(truth).FullName, bank.Remote, token)
                    .ConfigureAwait(false);
                terminal.Line(
                    Text.DemoChecked(
                        report.Asked,
                        report.Lost.Count,
                        report.Reborn.Count,
                        report.Unanswered,
                        report.Open
                    )
                );
                foreach (var id in report.Lost.Concat(report.Reborn).Take(ShownMax))
                {
                    terminal.Line("  " + id);
                }
                terminal.Object(
                    new DemoChecked(
                        report.Asked,
                        report.Unanswered,
                        report.Lost.Count,
                        report.Reborn.Count,
                        report.Open,
                        report.IsKept
                    ),
                    DemoJson.Default.DemoChecked
                );
                return report.IsKept ? ExitCode.Ok : ExitCode.NotDone;
            }
        );
        return check;
    }

    private static void Print(Terminal terminal, LoadReport report, string path)
    {
        DemoLoaded loaded = new(
            report.Asked,
            report.Done,
            report.NotDone,
            report.BeingResolved,
            report.Late,
            report.Took.TotalSeconds,
            report.Asked / report.Took.TotalSeconds,
            report.LatencyP50Ms,
            report.LatencyP99Ms,
            report.LatencyMaxMs,
            path
        );
        terminal.Line(
            Text.DemoLoaded(
                loaded.Asked,
                loaded.Seconds,
                loaded.Done,
                loaded.NotDone,
                loaded.BeingResolved
            )
        );
        terminal.Line(
            Text.DemoLatency(loaded.LatencyP50Ms, loaded.LatencyP99Ms, loaded.LatencyMaxMs)
        );
        terminal.Line(Text.DemoTruth(path));
        terminal.Object(loaded, DemoJson.Default.DemoLoaded);
    }

    private static Option<FileInfo> TruthOption() =>
        new("--truth")
        {
            Description = Text.DemoTruthOption,
            HelpName = "FILE",
            DefaultValueFactory = static _ => new FileInfo("truth.jsonl"),
        };
}
