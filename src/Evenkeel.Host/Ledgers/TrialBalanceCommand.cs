using System.CommandLine;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Money;
using Evenkeel.Model;
using Spectre.Console;

namespace Evenkeel.Host.Ledgers;

/// <summary>
/// <c>evenkeel trial-balance</c>: all accounts by ledger and code, summed from what the public
/// interface answers.
/// </summary>
internal static class TrialBalanceCommand
{
    /// <summary>Times that the sum is taken again when transfers are booked meanwhile.</summary>
    private const int AttemptsMax = 3;

    public static Command Create(IBankDoor door)
    {
        Option<string?> ledger = new("--ledger")
        {
            Description = Text.LedgerOption,
            HelpName = "LEDGER",
        };
        var command = new Command("trial-balance", Text.TrialBalanceDescription)
        {
            ledger,
        }.WithBankOptions();
        command.Does(
            async (parsed, terminal, token) =>
            {
                var only = 0U;
                if (
                    parsed.GetValue(ledger) is { } text
                    && !Currencies.TryParseLedger(text, out only)
                )
                {
                    throw new CommandFailedException(
                        ExitCode.Usage,
                        Text.LedgerNotUnderstood(text)
                    );
                }
                await using var bank = await door.OpenAsync(parsed, terminal, token)
                    .ConfigureAwait(false);
                var sums = await SumAsync(bank, only, token).ConfigureAwait(false);
                return Print(terminal, sums);
            }
        );
        return command;
    }

    /// <summary>
    /// Pages are read one after the other, so that a transfer booked in between can be in one page
    /// and not in the other. Sums that don't balance are therefore taken again before they are believed.
    /// </summary>
    private static async Task<LedgerSum[]> SumAsync(
        IBank bank,
        uint ledger,
        CancellationToken token
    )
    {
        LedgerSum[] sums = [];
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            sums = Sum(await AllAccountsAsync(bank, ledger, token).ConfigureAwait(false));
            if (Array.TrueForAll(sums, s => s.IsBalanced))
            {
                break;
            }
        }
        return sums;
    }

    private static async Task<List<Account>> AllAccountsAsync(
        IBank bank,
        uint ledger,
        CancellationToken token
    )
    {
        List<Account> all = [];
        QueryFilter filter = new() { Ledger = ledger, Limit = Limits.QueryResultsMax };
        while (true)
        {
            var page = await bank.QueryAccountsAsync(filter, token)
                .OrFailAsync()
                .ConfigureAwait(false);
            all.AddRange(page);
            if (page.Length < Limits.QueryResultsMax)
            {
                return all;
            }
            filter.TimestampMin = page[^1].Timestamp + 1;
        }
    }

    internal static LedgerSum[] Sum(IEnumerable<Account> accounts) =>
        [
            .. accounts
                .GroupBy(a => a.Ledger)
                .OrderBy(g => g.Key)
                .Select(g => new LedgerSum(
                    g.Key,
                    [
                        .. g.GroupBy(a => a.Code)
                            .OrderBy(c => c.Key)
                            .Select(c => new CodeSum(
                                c.Key,
                                c.Count(),
                                Total(c, a => a.DebitsPosted),
                                Total(c, a => a.CreditsPosted),
                                Total(c, a => a.DebitsPending),
                                Total(c, a => a.CreditsPending)
                            )),
                    ]
                )),
        ];

    private static Int128 Total(IEnumerable<Account> accounts, Func<Account, UInt128> part) =>
        accounts.Aggregate((Int128)0, (sum, a) => sum + (Int128)part(a));

    private static int Print(Terminal terminal, LedgerSum[] sums)
    {
        if (sums.Length == 0)
        {
            terminal.Line(Text.TrialEmpty);
        }
        foreach (var sum in sums)
        {
            Print(terminal, sum);
        }
        terminal.Object(
            new TrialBalanceOutput(
                Array.TrueForAll(sums, s => s.IsBalanced),
                [.. sums.Select(ToOutput)]
            ),
            HostJson.Default.TrialBalanceOutput
        );
        return Array.TrueForAll(sums, s => s.IsBalanced) ? ExitCode.Ok : ExitCode.NotDone;
    }

    private static void Print(Terminal terminal, LedgerSum sum)
    {
        var table = Terminal.NewTable(
            Text.ColumnCode,
            Text.ColumnAccounts,
            Text.ColumnDebits,
            Text.ColumnCredits,
            Text.ColumnBalance,
            Text.ColumnDebitsHeld,
            Text.ColumnCreditsHeld
        );
        table.Title = new TableTitle(Markup.Escape(Show.Ledger(sum.Ledger)));
        foreach (var column in table.Columns.Skip(1))
        {
            column.RightAligned();
        }
        foreach (var code in sum.Codes)
        {
            Row(
                Text.AccountCode(code.Code) is { } name ? $"{code.Code} {name}" : $"{code.Code}",
                code
            );
        }
        table.AddEmptyRow();
        Row(Text.ColumnTotal, sum.Total);
        terminal.Table(table);
        if (sum.IsBalanced)
        {
            terminal.Line(Text.TrialBalanced(Show.Ledger(sum.Ledger)));
        }
        else
        {
            var difference = sum.Total.Debits - sum.Total.Credits;
            terminal.Complain(
                Text.TrialUnbalanced(
                    Show.Ledger(sum.Ledger),
                    Show.AmountWithCurrency(difference, sum.Ledger)
                )
            );
        }

        void Row(string name, CodeSum of)
        {
            Int128[] amounts =
            [
                of.Debits,
                of.Credits,
                of.Credits - of.Debits,
                of.DebitsHeld,
                of.CreditsHeld,
            ];
            table.AddRow([
                Markup.Escape(name),
                of.Accounts.ToString("N0", System.Globalization.CultureInfo.CurrentCulture),
                .. amounts.Select(a => Markup.Escape(Show.Amount(a, sum.Ledger))),
            ]);
        }
    }

    private static TrialBalanceLedger ToOutput(LedgerSum sum) =>
        new(
            sum.Ledger,
            sum.Total.Accounts,
            Show.Number(sum.Total.Debits, sum.Ledger),
            Show.Number(sum.Total.Credits, sum.Ledger),
            Show.Number(sum.Total.DebitsHeld, sum.Ledger),
            Show.Number(sum.Total.CreditsHeld, sum.Ledger),
            sum.IsBalanced,
            [
                .. sum.Codes.Select(c => new TrialBalanceCode(
                    c.Code,
                    c.Accounts,
                    Show.Number(c.Debits, sum.Ledger),
                    Show.Number(c.Credits, sum.Ledger)
                )),
            ]
        );

    /// <summary>Sums in minor units.</summary>
    internal sealed record CodeSum(
        ushort Code,
        int Accounts,
        Int128 Debits,
        Int128 Credits,
        Int128 DebitsHeld,
        Int128 CreditsHeld
    );

    internal sealed record LedgerSum(uint Ledger, IReadOnlyList<CodeSum> Codes)
    {
        public CodeSum Total { get; } =
            Codes.Aggregate(
                new CodeSum(0, 0, 0, 0, 0, 0),
                (sum, c) =>
                    new CodeSum(
                        0,
                        sum.Accounts + c.Accounts,
                        sum.Debits + c.Debits,
                        sum.Credits + c.Credits,
                        sum.DebitsHeld + c.DebitsHeld,
                        sum.CreditsHeld + c.CreditsHeld
                    )
            );

        public bool IsBalanced =>
            Total.Debits == Total.Credits && Total.DebitsHeld == Total.CreditsHeld;
    }
}

internal sealed record TrialBalanceOutput(bool Balanced, IReadOnlyList<TrialBalanceLedger> Ledgers);

internal sealed record TrialBalanceLedger(
    uint Ledger,
    int Accounts,
    decimal Debits,
    decimal Credits,
    decimal DebitsPending,
    decimal CreditsPending,
    bool Balanced,
    IReadOnlyList<TrialBalanceCode> Codes
);

internal sealed record TrialBalanceCode(ushort Code, int Accounts, decimal Debits, decimal Credits);
