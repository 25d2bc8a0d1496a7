using System.CommandLine;
using System.Globalization;
using Evenkeel.Host.CommandLine;
using Evenkeel.Watch.Drills;
using Evenkeel.Watch.Drills.Soak;

namespace Evenkeel.Host.Drills;

/// <summary><c>evenkeel soak 30m</c>: a scratch bank under load and random faults for a long time.</summary>
internal static class SoakCommand
{
    private const string FolderDefault = "soaks";

    public static Command Create()
    {
        Argument<string> time = new("TIME") { Description = Text.SoakTimeArgument };
        Option<int?> seed = new("--seed") { Description = Text.SoakSeedOption, HelpName = "N" };
        Option<DirectoryInfo> keep = new("--keep")
        {
            Description = Text.DrillKeepOption,
            HelpName = "DIR",
            DefaultValueFactory = static _ => new DirectoryInfo(FolderDefault),
        };
        var binary = DrillCommand.BinaryOption();
        Command command = new("soak", Text.SoakDescription)
        {
            time,
            seed,
            keep,
            binary,
            CommonOptions.Json,
        };
        command.Does(
            async (parsed, terminal, token) =>
            {
                SoakDrill drill = new(ParseTime(parsed.GetRequiredValue(time)));
                var report = await DrillCommand
                    .RunAsync(
                        drill,
                        parsed.GetValue(binary),
                        parsed.GetRequiredValue(keep).FullName,
                        parsed.GetValue(seed) ?? Random.Shared.Next(),
                        terminal,
                        token
                    )
                    .ConfigureAwait(false);
                DrillCommand.Print(terminal, report);
                return report.Passed ? ExitCode.Ok : ExitCode.NotDone;
            }
        );
        return command;
    }

    /// <exception cref="CommandFailedException">It is not a number with s, m or h.</exception>
    internal static TimeSpan ParseTime(string text)
    {
        var isNumber = int.TryParse(
            text.AsSpan(0, Math.Max(0, text.Length - 1)),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var number
        );
        TimeSpan? time = (isNumber, text.LastOrDefault()) switch
        {
            (true, 's') => TimeSpan.FromSeconds(number),
            (true, 'm') => TimeSpan.FromMinutes(number),
            (true, 'h') => TimeSpan.FromHours(number),
            _ => null,
        };
        return time is { Ticks: > 0 } some
            ? some
            : throw new CommandFailedException(ExitCode.Usage, Text.SoakTimeNotUnderstood(text));
    }
}
