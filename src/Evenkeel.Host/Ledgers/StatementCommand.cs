using System.CommandLine;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Money;
using Evenkeel.Import;
using Evenkeel.Model;
using Spectre.Console;

namespace Evenkeel.Host.Ledgers;

/// <summary><c>evenkeel statement ACCOUNT</c>: the last movements and the balance after each.</summary>
internal static class StatementCommand
{
    private const int MovementsDefault = 30;

    public static Command Create(IBankDoor door)
    {
        Argument<string> id = new("ACCOUNT") { Description = Text.AccountArgument };
        Option<int> limit = new("--limit")
        {
            Description = Text.LimitOption,
            DefaultValueFactory = static _ => MovementsDefault,
            HelpName = "N",
        };
        limit.Validators.Add(Bounds.Between(limit, 1, Limits.QueryResultsMax));
        var command = new Command("statement", Text.StatementDescription)
        {
            id,
            limit,
        }.WithBankOptions();
        command.Does(
            async (parsed, terminal, token) =>
            {
                var accountId = Arguments.Account(parsed.GetRequiredValue(id));
                await using var bank = await door.OpenAsync(parsed, terminal, token)
                    .ConfigureAwait(false);
                var account = await AccountCommand
                    .FindAsync(bank, accountId, token)
                    .ConfigureAwait(false);
                var shown = parsed.GetValue(limit);
                var lines = await ReadAsync(bank, account, shown, token).ConfigureAwait(false);
                Print(terminal, account, lines, shown);
                return ExitCode.Ok;
            }
        );
        return command;
    }

    /// <summary>Newest first from the ledger, oldest first for the reader.</summary>
    private static async Task<StatementLine[]> ReadAsync(
        IBank bank,
        Account account,
        int limit,
        CancellationToken token
    )
    {
        AccountFilter filter = new()
        {
            AccountId = account.Id,
            Limit = (uint)limit,
            Flags =
                AccountFilterFlags.Debits
                | AccountFilterFlags.Credits
                | AccountFilterFlags.Reversed,
        };
        var transfers = await bank.GetAccountTransfersAsync(filter, token)
            .OrFailAsync()
            .ConfigureAwait(false);
        if (transfers.Length > 0)
        {
            // What is booked between the two questions must not move the window.
            filter.TimestampMax = transfers[0].Timestamp;
        }
        var balances = account.Flags.HasFlag(AccountFlags.History)
            ? await bank.GetAccountBalancesAsync(filter, token).OrFailAsync().ConfigureAwait(false)
            : [];
        var balanceAt = balances.ToDictionary(
            b => b.Timestamp,
            b => (Int128)b.CreditsPosted - (Int128)b.DebitsPosted
        );
        return
        [
            .. transfers
                .Reverse()
                .Select(t => new StatementLine(
                    t,
                    t.CreditAccountId == account.Id,
                    balanceAt.TryGetValue(t.Timestamp, out var balance) ? balance : null
                )),
        ];
    }

    private static void Print(Terminal terminal, Account account, StatementLine[] lines, int shown)
    {
        terminal.Line(Text.StatementTitle(Show.Account(account.Id), Show.Ledger(account.Ledger)));
        var table = Terminal.NewTable(
            Text.ColumnBooked,
            Text.ColumnValueDate,
            Text.ColumnKind,
            Text.ColumnOther,
            Text.ColumnAmount,
            Text.ColumnBalance,
            Text.ColumnTransferId
        );
        table.Columns[4].RightAligned();
        table.Columns[5].RightAligned();
        foreach (var line in lines)
        {
            var transfer = line.Transfer;
            string[] cells =
            [
                Show.Time(transfer.Timestamp),
                Show.ValueDate(transfer.UserData32),
                Kind(transfer, account),
                Show.Account(line.Other),
                Amount(line),
                line.Balance is { } balance ? Show.Amount(balance, account.Ledger) : "",
                SourceReference(transfer),
            ];
            table.AddRow([.. cells.Select(Markup.Escape)]);
        }
        if (lines.Length == 0)
        {
            terminal.Line(Text.StatementEmpty);
        }
        else
        {
            terminal.Table(table);
        }
        if (lines.Length == shown)
        {
            terminal.Line(Text.StatementMore(shown));
        }
        terminal.Object(
            new StatementOutput(
                Show.Id(account.Id),
                account.Ledger,
                [.. lines.Select(l => ToOutput(l, account.Ledger))]
            ),
            HostJson.Default.StatementOutput
        );
    }

    private static string Amount(StatementLine line)
    {
        var amount = Show.Amount(line.SignedAmount, line.Transfer.Ledger);
        return line.IsHold ? Text.HoldAmount(amount) : amount;
    }

    /// <summary>Imported movements have kinds with names; other codes are their owner's business.</summary>
    private static string Kind(Transfer transfer, Account account) =>
        SourceAccounts.NameOf(account.Id) is not null
        && Text.MovementKind(transfer.Code) is { } name
            ? name
            : $"{transfer.Code}";

    private static string SourceReference(Transfer transfer) =>
        SourceAccounts.NameOf(transfer.DebitAccountId) is not null && transfer.UserData128 != 0
            ? Show.Id(transfer.UserData128)
            : Show.Id(transfer.Id);

    private static StatementMovement ToOutput(StatementLine line, uint ledger) =>
        new(
            Show.Id(line.Transfer.Id),
            line.Transfer.Timestamp,
            line.Transfer.UserData32 == 0 ? null : Show.ValueDate(line.Transfer.UserData32),
            line.Transfer.Code,
            Show.Id(line.Other),
            Show.Number(line.SignedAmount, ledger),
            line.IsHold ? true : null,
            line.Balance is { } balance ? Show.Number(balance, ledger) : null
        );

    private sealed record StatementLine(Transfer Transfer, bool IsCredit, Int128? Balance)
    {
        public UInt128 Other => IsCredit ? Transfer.DebitAccountId : Transfer.CreditAccountId;

        public bool IsHold => Transfer.Flags.HasFlag(TransferFlags.Pending);

        public Int128 SignedAmount => IsCredit ? (Int128)Transfer.Amount : -(Int128)Transfer.Amount;
    }
}

internal sealed record StatementOutput(
    string Account,
    uint Ledger,
    IReadOnlyList<StatementMovement> Movements
);

/// <param name="Timestamp">Log time, nanoseconds since the Unix epoch.</param>
/// <param name="Amount">Above zero in favour of the account.</param>
internal sealed record StatementMovement(
    string Id,
    ulong Timestamp,
    string? ValueDate,
    ushort Code,
    string Other,
    decimal Amount,
    bool? Hold,
    decimal? Balance
);
