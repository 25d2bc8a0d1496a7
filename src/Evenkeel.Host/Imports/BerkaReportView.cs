using System.Globalization;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Money;
using Evenkeel.Import.Berka;
using Spectre.Console;

namespace Evenkeel.Host.Imports;

/// <summary>The Berka report for people and machines.</summary>
internal static class BerkaReportView
{
    public static int Print(Terminal terminal, BerkaReport report)
    {
        var table = Terminal.NewTable(
            Text.ColumnMethod,
            Text.ColumnExact,
            Text.ColumnWithinRounding,
            Text.ColumnBreaks
        );
        table.Title = new TableTitle(Markup.Escape(Text.BerkaReportTitle));
        foreach (var column in table.Columns.Skip(1))
        {
            column.RightAligned();
        }
        Row(Text.MethodDaily, report.Daily);
        Row(Text.MethodRunning, report.Running);
        terminal.Table(table);
        terminal.Line(
            Text.BerkaReportSummary(report.Accounts, report.Movements, report.AccountDays)
        );
        foreach (var (date, count) in report.DailyBreaksByDate)
        {
            terminal.Line(Text.BerkaBreaksOn(Show.ValueDate(date), count));
        }
        if (!report.IsComplete)
        {
            terminal.Complain(
                Text.BerkaIncomplete(report.UnmatchedDays, report.AccountsOutOfBalance)
            );
        }
        terminal.Object(
            new BerkaOutput(
                report.Movements,
                report.Accounts,
                report.AccountDays,
                report.Daily,
                report.Running,
                report.DailyBreaksByDate.ToDictionary(
                    b => Show.ValueDate(b.Key),
                    b => b.Value,
                    StringComparer.Ordinal
                ),
                report.UnmatchedDays,
                report.AccountsOutOfBalance
            ),
            HostJson.Default.BerkaOutput
        );
        return report.IsComplete ? ExitCode.Ok : ExitCode.NotDone;

        void Row(string method, DayCounts counts) =>
            table.AddRow(
                Markup.Escape(method),
                Number(counts.Exact),
                Number(counts.WithinRounding),
                Number(counts.Breaks)
            );
    }

    private static string Number(int value) => value.ToString("N0", CultureInfo.CurrentCulture);
}

internal sealed record BerkaOutput(
    int Movements,
    int Accounts,
    int AccountDays,
    DayCounts Daily,
    DayCounts Running,
    IReadOnlyDictionary<string, int> DailyBreaksByDate,
    int UnmatchedDays,
    int AccountsOutOfBalance
);
