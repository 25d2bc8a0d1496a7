using System.Globalization;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Money;
using Evenkeel.Import.Amlsim;
using Spectre.Console;

namespace Evenkeel.Host.Imports;

/// <summary>The AMLSim report for people and machines.</summary>
internal static class AmlsimReportView
{
    public static int Print(Terminal terminal, AmlsimReport report)
    {
        var table = Terminal.NewTable(Text.AmlsimReportTitle, "");
        table.Columns[1].RightAligned();
        Row(Text.AmlsimAccounts, Count(report.Accounts));
        Row(Text.AmlsimTransfers, Count(report.Transfers));
        Row(Text.AmlsimBooked, Count(report.Booked));
        Row(Text.AmlsimRefused, Count(report.Refused));
        Row(Text.AmlsimSumBefore, Amount(report.SumBefore));
        Row(Text.AmlsimSumAfter, Amount(report.SumAfter));
        Row(Text.AmlsimBelowZero, Count(report.AccountsBelowZero));
        Row(Text.AmlsimLowest, Amount(report.LowestBalance));
        Row(Text.AmlsimHighest, Amount(report.HighestBalance));
        terminal.Table(table);
        if (!report.IsConserved)
        {
            terminal.Complain(Text.AmlsimNotConserved);
        }
        terminal.Object(
            new AmlsimOutput(
                report.Accounts,
                report.Transfers,
                report.Booked,
                report.Refused,
                Show.Number(report.SumBefore, AmlsimImport.Ledger),
                Show.Number(report.SumAfter, AmlsimImport.Ledger),
                report.AccountsBelowZero,
                Show.Number(report.LowestBalance, AmlsimImport.Ledger),
                Show.Number(report.HighestBalance, AmlsimImport.Ledger)
            ),
            HostJson.Default.AmlsimOutput
        );
        return report.IsConserved ? ExitCode.Ok : ExitCode.NotDone;

        void Row(string name, string value) =>
            table.AddRow(Markup.Escape(name), Markup.Escape(value));
    }

    private static string Amount(Int128 minorUnits) => Show.Amount(minorUnits, AmlsimImport.Ledger);

    private static string Count(int value) => value.ToString("N0", CultureInfo.CurrentCulture);
}

internal sealed record AmlsimOutput(
    int Accounts,
    int Transfers,
    int Booked,
    int Refused,
    decimal SumBefore,
    decimal SumAfter,
    int AccountsBelowZero,
    decimal LowestBalance,
    decimal HighestBalance
);
