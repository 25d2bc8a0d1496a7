using System.Globalization;
using System.Text;
using Evenkeel.Demo.Plan;
using Evenkeel.Payments;

namespace Evenkeel.Demo;

/// <summary>A line of a payroll file.</summary>
/// <param name="EndToEndId">The payer's name for it: paid once in a day, in whatever file.</param>
public sealed record PayrollLine(string EndToEndId, AccountNumber Payee, string Name, long Minor);

/// <summary>Payroll files as companies write them (docs/formats/bulk-csv.md), in CNY.</summary>
public static class PayrollFile
{
    /// <summary>Of a monthly wage, what a bonus is.</summary>
    private const int BonusPart = 20;

    public static string Text(
        string reference,
        AccountNumber payer,
        DateOnly date,
        IReadOnlyCollection<PayrollLine> lines
    )
    {
        ArgumentNullException.ThrowIfNull(lines);
        StringBuilder text = new();
        text.Append(
            CultureInfo.InvariantCulture,
            $"H,1,{reference},{payer},{date:yyyy-MM-dd},CNY,{lines.Count},{Major(lines.Sum(static l => l.Minor))},SALA\n"
        );
        foreach (var line in lines)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"P,{line.EndToEndId},,{line.Payee},{line.Name},{Major(line.Minor)},\n"
            );
        }
        return text.ToString();
    }

    /// <summary>A bonus of the factory for its people; more lines than people give some of them several.</summary>
    public static string Bonus(DemoPlan plan, DemoDirectory directory, DateOnly date, int lines)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(directory);
        var factory = plan.Customers.First(static c => c.Role == DemoRole.Factory);
        var wages = plan
            .Routines.Where(r =>
                r.Kind == DemoRoutineKind.Salary
                && string.Equals(r.Payer, factory.Main.Reference, StringComparison.Ordinal)
            )
            .ToArray();
        var names = plan.Customers.ToDictionary(
            static c => c.Main.Reference,
            static c => c.Name,
            StringComparer.Ordinal
        );
        return Text(
            string.Create(CultureInfo.InvariantCulture, $"bonus-{date:yyyyMMdd}-{lines}"),
            directory.MainOf(factory),
            date,
            [
                .. Enumerable
                    .Range(0, lines)
                    .Select(i =>
                    {
                        var wage = wages[i % wages.Length];
                        return new PayrollLine(
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"BONUS-{date:yyyyMMdd}-{i + 1}"
                            ),
                            directory.Accounts[wage.Payee],
                            names[wage.Payee],
                            wage.AmountMinor / BonusPart
                        );
                    }),
            ]
        );
    }

    private static string Major(long minor) =>
        (minor / 100m).ToString("F2", CultureInfo.InvariantCulture);
}
