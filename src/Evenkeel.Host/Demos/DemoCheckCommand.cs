using System.CommandLine;
using Evenkeel.Demo.Load;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;

namespace Evenkeel.Host.Demos;

/// <summary>
/// <c>evenkeel demo check</c>: what of the plan the bank has, and what it says now against what its
/// customers were told then.
/// </summary>
internal static class DemoCheckCommand
{
    /// <summary>Ids that are listed; the counts say how many there are.</summary>
    private const int ShownMax = 20;

    public static Command Create(BankDoor door)
    {
        var truth = DemoLoadCommand.TruthOption();
        var check = new Command("check", Text.DemoCheckDescription) { truth }.WithRestOptions();
        check.Does(
            async (parsed, terminal, token) =>
            {
                var demonstration = await Demonstration
                    .FindAsync(door, parsed, token)
                    .ConfigureAwait(false);
                DemoBuildCommand.Print(terminal, demonstration.File, demonstration.Answer);
                Show(terminal, demonstration.Answer.Missing);
                var report = await CheckAsync(parsed, parsed.GetRequiredValue(truth), token)
                    .ConfigureAwait(false);
                if (report is not null)
                {
                    Print(terminal, report);
                }
                else
                {
                    terminal.Line(Text.DemoNoTruth(parsed.GetRequiredValue(truth)));
                }
                var isKept =
                    report is not { IsKept: false } && demonstration.Answer.Missing.Count == 0;
                terminal.Object(
                    Checked(demonstration.Answer, report, isKept),
                    DemoJson.Default.DemoChecked
                );
                return isKept ? ExitCode.Ok : ExitCode.NotDone;
            }
        );
        return check;
    }

    /// <summary>Null where customers have no memory: none of them was let at the bank yet.</summary>
    private static async Task<TruthReport?> CheckAsync(
        ParseResult parsed,
        FileInfo truth,
        CancellationToken token
    )
    {
        if (!truth.Exists)
        {
            return null;
        }
        using var bank = ContractDoor.Open(parsed);
        try
        {
            return await TruthCheck
                .RunAsync(truth.FullName, bank.Remote, token)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidOperationException or InvalidDataException)
        {
            throw new CommandFailedException(ExitCode.NotDone, e.Message);
        }
    }

    private static void Print(Terminal terminal, TruthReport report)
    {
        terminal.Line(
            Text.DemoChecked(
                report.Asked,
                report.Lost.Count + report.NotFound.Count,
                report.Reborn.Count,
                report.Unanswered,
                report.Open
            )
        );
        terminal.Line(
            Text.DemoCheckedMore(
                report.Lines,
                report.Accounts,
                report.Twice.Count,
                report.OtherAmount.Count,
                report.FoundDone,
                report.FoundNotDone
            )
        );
        Show(terminal, [.. report.Faults]);
    }

    private static void Show(Terminal terminal, IReadOnlyList<string> what)
    {
        foreach (var line in what.Take(ShownMax))
        {
            terminal.Line("  " + line);
        }
    }

    private static DemoChecked Checked(DemoAnswer answer, TruthReport? report, bool isKept) =>
        new(
            report?.Asked ?? 0,
            report?.Unanswered ?? 0,
            (report?.Lost.Count ?? 0) + (report?.NotFound.Count ?? 0),
            report?.Reborn.Count ?? 0,
            report?.Open ?? 0,
            isKept
        )
        {
            Twice = report?.Twice.Count ?? 0,
            OtherAmount = report?.OtherAmount.Count ?? 0,
            Accounts = report?.Accounts ?? 0,
            Lines = report?.Lines ?? 0,
            FoundDone = report?.FoundDone ?? 0,
            FoundNotDone = report?.FoundNotDone ?? 0,
            Plan = answer.Counts,
            Missing = answer.Missing,
        };
}
