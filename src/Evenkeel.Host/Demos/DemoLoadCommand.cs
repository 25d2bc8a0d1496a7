using System.CommandLine;
using Evenkeel.CardKeys;
using Evenkeel.Demo.Load;
using Evenkeel.Demo.Load.Cards;
using Evenkeel.Demo.Load.Customers;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Drills;
using Evenkeel.Host.Houses;
using Evenkeel.Host.Serving;

namespace Evenkeel.Host.Demos;

/// <summary>
/// <c>evenkeel demo load</c>: the customers of a demonstration at work, by the channels that they have, and
/// with a memory of their own.
/// </summary>
internal static class DemoLoadCommand
{
    private const int PerSecondMax = 50_000;
    private const string ProfileOfKeys = SoftwareCardKeys.Profile;

    public static Option<FileInfo> TruthOption() =>
        new("--truth")
        {
            Description = Text.DemoTruthOption,
            HelpName = "FILE",
            DefaultValueFactory = static _ => new FileInfo("truth.jsonl"),
        };

    public static Command Create(BankDoor door)
    {
        Argument<string> time = new("TIME") { Description = Text.DemoTimeArgument };
        Option<int> rate = new("--rate")
        {
            Description = Text.DemoRateOption,
            HelpName = "N",
            DefaultValueFactory = static _ => 20,
        };
        rate.Validators.Add(Bounds.Between(rate, 1, PerSecondMax));
        Option<double> speed = new("--speed")
        {
            Description = Text.DemoSpeedOption,
            HelpName = "N",
        };
        Option<int?> seed = new("--seed") { Description = Text.DemoLoadSeedOption, HelpName = "N" };
        var truth = TruthOption();
        var load = new Command("load", Text.DemoLoadDescription)
        {
            time,
            rate,
            speed,
            seed,
            truth,
        }.WithRestOptions();
        load.Does(
            async (parsed, terminal, token) =>
            {
                var demonstration = await Demonstration
                    .FindAsync(door, parsed, token)
                    .ConfigureAwait(false);
                var path = parsed.GetRequiredValue(truth).FullName;
                var report = await RunAsync(
                        demonstration,
                        parsed.GetRequiredValue(CommonOptions.Data).FullName,
                        new LoadOptions
                        {
                            Seed = parsed.GetValue(seed) ?? demonstration.File.Seed,
                            PerSecond = parsed.GetValue(rate),
                            Speed = parsed.GetValue(speed),
                        },
                        path,
                        SoakCommand.ParseTime(parsed.GetRequiredValue(time)),
                        token
                    )
                    .ConfigureAwait(false);
                Print(terminal, report, path);
                return ExitCode.Ok;
            }
        );
        return load;
    }

    private static async Task<LoadReport> RunAsync(
        Demonstration demonstration,
        string folder,
        LoadOptions options,
        string truth,
        TimeSpan duration,
        CancellationToken token
    )
    {
        var house = HouseFile.Of(folder);
        using var keys = SoftwareCardKeys.Open(
            ProfileOfKeys,
            Path.Combine(folder, HostedBank.CardKeysFile)
        );
        using RestDoor rest = new(demonstration.Plan, house.Gateway, TimeProvider.System);
        CardDoor cards = new(
            demonstration.Plan.Options,
            house.ToIsoEndPoint(),
            keys,
            TimeProvider.System
        );
        TruthLog log = new(truth);
        await using (log.ConfigureAwait(false))
        await using (cards.ConfigureAwait(false))
        {
            try
            {
                return await new LoadGenerator(
                    demonstration.Plan,
                    demonstration.Directory,
                    options,
                    await rest.OpenAsync(token).ConfigureAwait(false),
                    new ChannelDoor(rest, cards),
                    log,
                    TimeProvider.System
                )
                    .RunAsync(duration, token)
                    .ConfigureAwait(false);
            }
            catch (InvalidOperationException refused)
            {
                throw new CommandFailedException(ExitCode.NotDone, refused.Message);
            }
        }
    }

    private static void Print(Terminal terminal, LoadReport report, string path)
    {
        terminal.Line(
            Text.DemoLoaded(
                report.Asked,
                report.Took.TotalSeconds,
                report.Done,
                report.NotDone,
                report.BeingResolved
            )
        );
        terminal.Line(
            Text.DemoLoadedMore(report.Shown, report.Reversed, report.Unknown, report.Repeats)
        );
        terminal.Line(
            "  " + string.Join(", ", report.Kinds.Select(static k => $"{k.Key} {k.Value}"))
        );
        if (report.Reasons.Count > 0)
        {
            terminal.Line(
                "  " + string.Join(", ", report.Reasons.Select(static r => $"{r.Key} {r.Value}"))
            );
        }
        terminal.Line(
            Text.DemoLatency(report.LatencyP50Ms, report.LatencyP99Ms, report.LatencyMaxMs)
        );
        terminal.Line(Text.DemoTruth(path));
        terminal.Object(
            new DemoLoaded(
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
            )
            {
                Shown = report.Shown,
                Reversed = report.Reversed,
                Unknown = report.Unknown,
                Repeats = report.Repeats,
                Kinds = report.Kinds,
                Reasons = report.Reasons,
            },
            DemoJson.Default.DemoLoaded
        );
    }
}
