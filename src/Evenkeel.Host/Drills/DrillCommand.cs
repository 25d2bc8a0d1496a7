using System.CommandLine;
using System.Globalization;
using Evenkeel.Host.CommandLine;
using Evenkeel.Watch.Drills;
using Evenkeel.Watch.Drills.Catalog;
using Spectre.Console;

namespace Evenkeel.Host.Drills;

/// <summary>
/// <c>evenkeel drill ID</c>: runs a scenario on a scratch bank of real processes of this very program.
/// </summary>
internal static class DrillCommand
{
    private const string FolderDefault = "drills";
    private const int SeedDefault = 1;

    public static Command Create()
    {
        Argument<string?> id = new("ID")
        {
            Description = Text.DrillIdArgument,
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<DirectoryInfo> keep = new("--keep")
        {
            Description = Text.DrillKeepOption,
            HelpName = "DIR",
            DefaultValueFactory = static _ => new DirectoryInfo(FolderDefault),
        };
        Option<int> seed = new("--seed")
        {
            Description = Text.DrillSeedOption,
            HelpName = "N",
            DefaultValueFactory = static _ => SeedDefault,
        };
        var binary = BinaryOption();
        Command command = new("drill", Text.DrillDescription)
        {
            id,
            keep,
            seed,
            binary,
            CommonOptions.Json,
        };
        command.Does(
            async (parsed, terminal, token) =>
            {
                if (parsed.GetValue(id) is not { } wanted)
                {
                    List(terminal);
                    return ExitCode.Ok;
                }
                var drill =
                    DrillCatalog.Find(wanted)
                    ?? throw new CommandFailedException(
                        ExitCode.Usage,
                        Text.DrillUnknown(
                            wanted,
                            string.Join(", ", DrillCatalog.All.Select(d => d.Plan.Id))
                        )
                    );
                var report = await RunAsync(
                        drill,
                        parsed.GetValue(binary),
                        parsed.GetRequiredValue(keep).FullName,
                        parsed.GetValue(seed),
                        terminal,
                        token
                    )
                    .ConfigureAwait(false);
                Print(terminal, report);
                return report.Passed ? ExitCode.Ok : ExitCode.NotDone;
            }
        );
        return command;
    }

    /// <summary>Another build than this one to put to the test.</summary>
    internal static Option<FileInfo?> BinaryOption() =>
        new("--binary") { Description = Text.DrillBinaryOption, HelpName = "FILE" };

    private static void List(Terminal terminal)
    {
        var table = Terminal.NewTable(Text.DrillColumnId, Text.DrillColumnName);
        foreach (var drill in DrillCatalog.All)
        {
            table.AddRow(drill.Plan.Id, Markup.Escape(drill.Plan.Name));
        }
        terminal.Table(table);
    }

    internal static async Task<DrillReport> RunAsync(
        IDrill drill,
        FileInfo? binary,
        string folder,
        int seed,
        Terminal terminal,
        CancellationToken token
    )
    {
        var directory = Path.Combine(
            folder,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{drill.Plan.Id}-{DateTimeOffset.UtcNow:yyyyMMdd'T'HHmmss'Z'}"
            )
        );
        // With --json standard output has one line only.
        Action<string> say = terminal.Json ? terminal.Remark : terminal.Line;
        say($"{drill.Plan.Id} {drill.Plan.Name} (seed {seed})");
        say(Text.DrillHypothesis(drill.Plan.Hypothesis));
        say(Text.DrillFault(drill.Plan.Fault));
        say(Text.DrillAbort(drill.Plan.Abort));
        DrillRun run = new(binary?.FullName ?? Environment.ProcessPath!, directory, seed, say);
        return await DrillRunner.RunAsync(drill, run, token).ConfigureAwait(false);
    }

    internal static void Print(Terminal terminal, DrillReport report)
    {
        var table = Terminal.NewTable(
            Text.DrillColumnCriterion,
            Text.DrillColumnLimit,
            Text.DrillColumnMeasured,
            ""
        );
        foreach (var criterion in report.Criteria)
        {
            table.AddRow(
                Markup.Escape(criterion.Name),
                Markup.Escape(criterion.Limit),
                Markup.Escape(criterion.Measured),
                criterion.Passed ? Text.DrillPassed : Text.DrillFailed
            );
        }
        terminal.Table(table);
        foreach (var what in report.Accelerated)
        {
            terminal.Line(Text.DrillAccelerated(what));
        }
        foreach (var what in report.NotBuilt)
        {
            terminal.Line(Text.DrillNotBuilt(what));
        }
        if (report.Aborted is { } reason)
        {
            terminal.Line(Text.DrillAborted(reason));
        }
        terminal.Line(Text.DrillEvidence(report.Evidence));
        terminal.Line(
            report.Passed
                ? Text.DrillVerdictPassed(report.Plan.Id)
                : Text.DrillVerdictFailed(report.Plan.Id)
        );
        terminal.JsonLine(report.ToJson());
    }
}
