using System.CommandLine;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Money;
using Evenkeel.Model;
using Spectre.Console;

namespace Evenkeel.Host.Ledgers;

/// <summary><c>evenkeel account ID</c>: what the ledger says of one account.</summary>
internal static class AccountCommand
{
    public static Command Create(IBankDoor door)
    {
        Argument<string> id = new("ACCOUNT") { Description = Text.AccountArgument };
        var command = new Command("account", Text.AccountDescription) { id }.WithBankOptions();
        command.Does(
            async (parsed, terminal, token) =>
            {
                var accountId = Arguments.Account(parsed.GetRequiredValue(id));
                await using var bank = await door.OpenAsync(parsed, terminal, token)
                    .ConfigureAwait(false);
                var account = await FindAsync(bank, accountId, token).ConfigureAwait(false);
                var limits = await bank.LookupAccountLimitsAsync(new[] { accountId }, token)
                    .OrFailAsync()
                    .ConfigureAwait(false);
                Print(terminal, account, limits.Length == 0 ? default : limits[0]);
                return ExitCode.Ok;
            }
        );
        return command;
    }

    /// <summary>The account, or the end of the command.</summary>
    public static async Task<Account> FindAsync(
        IBank bank,
        UInt128 id,
        CancellationToken cancellationToken
    )
    {
        var found = await bank.LookupAccountsAsync(new[] { id }, cancellationToken)
            .OrFailAsync()
            .ConfigureAwait(false);
        return found.Length == 1
            ? found[0]
            : throw new CommandFailedException(
                ExitCode.NotDone,
                Text.AccountNotFound(Show.Account(id))
            );
    }

    private static void Print(Terminal terminal, Account account, AccountLimits limits)
    {
        var balance = (Int128)account.CreditsPosted - (Int128)account.DebitsPosted;
        var isLimited = account.Flags.HasFlag(AccountFlags.DebitsMustNotExceedCredits);
        var available = balance - (Int128)account.DebitsPending + (Int128)limits.Allowance;
        var table = Terminal.NewTable(Text.ColumnAccount, Show.Account(account.Id));
        Row(Text.RowId, Show.Id(account.Id));
        Row(Text.ColumnLedger, Show.Ledger(account.Ledger));
        Row(Text.ColumnCode, Code(account.Code));
        Row(Text.ColumnFlags, Flags(account));
        Row(Text.RowOpened, Show.Time(account.Timestamp));
        Row(Text.ColumnDebits, Money(account.DebitsPosted));
        Row(Text.ColumnCredits, Money(account.CreditsPosted));
        Row(Text.ColumnDebitsHeld, Money(account.DebitsPending));
        Row(Text.ColumnCreditsHeld, Money(account.CreditsPending));
        Row(Text.RowBookedBalance, Show.AmountWithCurrency(balance, account.Ledger));
        if (isLimited)
        {
            Row(Text.RowAllowance, Money(limits.Allowance));
            Row(Text.RowAvailable, Show.AmountWithCurrency(available, account.Ledger));
        }
        terminal.Table(table);
        terminal.Object(
            new AccountOutput(
                Show.Id(account.Id),
                account.Ledger,
                account.Code,
                Flags(account),
                Show.Number((Int128)account.DebitsPosted, account.Ledger),
                Show.Number((Int128)account.CreditsPosted, account.Ledger),
                Show.Number((Int128)account.DebitsPending, account.Ledger),
                Show.Number((Int128)account.CreditsPending, account.Ledger),
                Show.Number(balance, account.Ledger),
                isLimited ? Show.Number(available, account.Ledger) : null
            ),
            HostJson.Default.AccountOutput
        );

        void Row(string name, string value) =>
            table.AddRow(Markup.Escape(name), Markup.Escape(value));

        string Money(UInt128 amount) => Show.AmountWithCurrency((Int128)amount, account.Ledger);
    }

    /// <summary>Linked tells of the request that made the account, not of the account.</summary>
    private static string Flags(Account account) =>
        (account.Flags & ~AccountFlags.Linked).ToString();

    private static string Code(ushort code) =>
        Text.AccountCode(code) is { } name ? $"{code} ({name})" : $"{code}";
}

/// <param name="Available">What may still be debited; left out where there is no limit.</param>
internal sealed record AccountOutput(
    string Id,
    uint Ledger,
    ushort Code,
    string Flags,
    decimal DebitsPosted,
    decimal CreditsPosted,
    decimal DebitsPending,
    decimal CreditsPending,
    decimal Balance,
    decimal? Available
);
