using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Cards;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Queries;

/// <summary>Reads, each checked against who asks.</summary>
internal sealed class AccountQueries(Bank bank) : IAccountQueries
{
    public async Task<QueryAnswer<IReadOnlyList<AccountView>>> ListAccountsAsync(
        Actor actor,
        CancellationToken cancellationToken
    )
    {
        if (Access.CustomerOf(actor) is not { } customer)
        {
            return Refused<IReadOnlyList<AccountView>>(OutcomeReason.NotAuthorised);
        }
        return await GuardAsync(async () =>
        {
            var document = await Collections.Customers.ReadAsync(
                bank.Journal,
                customer.Value,
                cancellationToken
            );
            List<AccountView> views = [];
            foreach (var number in document?.Accounts ?? [])
            {
                var parsed = AccountNumber.Parse(number);
                var account = await ReadAsync(parsed, cancellationToken);
                views.Add(await ViewAsync(parsed, account!, cancellationToken));
            }
            return Found<IReadOnlyList<AccountView>>(views);
        });
    }

    public async Task<QueryAnswer<AccountView>> GetAccountAsync(
        Actor actor,
        AccountNumber account,
        CancellationToken cancellationToken
    ) =>
        await GuardAsync(async () =>
        {
            var document = await ReadAsync(account, cancellationToken);
            // The same answer for one that is another's and one that is not there.
            return
                document is null
                || !await MaySeeAsync(actor, account, document, "account", cancellationToken)
                ? Refused<AccountView>(OutcomeReason.DebtorAccountUnknown)
                : Found(await ViewAsync(account, document, cancellationToken));
        });

    public Task<QueryAnswer<AccountView>> GetCardAccountAsync(
        Actor actor,
        InstructionId inquiry,
        CardUse card,
        CancellationToken cancellationToken
    ) =>
        GuardAsync(async () =>
        {
            var (number, fault) = await CardInquiries.AskAsync(
                bank,
                actor,
                inquiry,
                card,
                cancellationToken
            );
            if (number is not { } account)
            {
                return Refused<AccountView>(fault);
            }
            var document = await ReadAsync(account, cancellationToken);
            return Found(await ViewAsync(account, document!, cancellationToken));
        });

    public async Task<QueryAnswer<StatementPage>> GetStatementAsync(
        Actor actor,
        StatementQuery query,
        CancellationToken cancellationToken
    ) =>
        await GuardAsync(async () =>
        {
            var document = await ReadAsync(query.Account, cancellationToken);
            if (
                document is null
                || !await MaySeeAsync(
                    actor,
                    query.Account,
                    document,
                    "statement",
                    cancellationToken
                )
            )
            {
                return Refused<StatementPage>(OutcomeReason.DebtorAccountUnknown);
            }
            return query.From > query.To || query.Limit is < 1 or > PaymentLimits.PageLinesMax
                ? Refused<StatementPage>(OutcomeReason.DateInvalid)
                : Found(
                    await Statements.ReadAsync(bank, query, document.Currency, cancellationToken)
                );
        });

    public async Task<QueryAnswer<IReadOnlyList<InstructionTrace>>> TraceAsync(
        Actor actor,
        string reference,
        CancellationToken cancellationToken
    ) =>
        await GuardAsync(async () =>
        {
            var found = await Traces.FindAsync(bank, reference, cancellationToken);
            List<InstructionTrace> visible = [];
            foreach (var (id, order) in found)
            {
                if (await MaySeeAsync(actor, order, cancellationToken))
                {
                    visible.Add(Traces.TraceOf(id, order, bank.Time.GetUtcNow()));
                }
            }
            if (visible.Count == 0 && found is [var (_, hidden), ..])
            {
                await bank.Audit.WriteAsync(
                    actor,
                    "trace",
                    hidden.Accounts is [var account, ..] ? account : "-",
                    cancellationToken
                );
            }
            return Found<IReadOnlyList<InstructionTrace>>(visible);
        });

    private ValueTask<bool> MaySeeAsync(
        Actor actor,
        AccountNumber number,
        AccountDocument account,
        string what,
        CancellationToken cancellationToken
    ) =>
        Access.MaySeeAsync(
            bank,
            actor,
            account.Customer,
            what,
            number.ToString(),
            cancellationToken
        );

    private async ValueTask<bool> MaySeeAsync(
        Actor actor,
        OrderDocument order,
        CancellationToken cancellationToken
    )
    {
        if (actor is Actor.Staff or Actor.Bank)
        {
            return true;
        }
        foreach (var number in order.Accounts)
        {
            var account = await ReadAsync(AccountNumber.Parse(number), cancellationToken);
            if (account is not null && Access.MaySee(actor, account))
            {
                return true;
            }
        }
        return false;
    }

    private ValueTask<AccountDocument?> ReadAsync(
        AccountNumber number,
        CancellationToken cancellationToken
    ) => Collections.Accounts.ReadAsync(bank.Journal, number.ToString(), cancellationToken);

    private async ValueTask<AccountView> ViewAsync(
        AccountNumber number,
        AccountDocument document,
        CancellationToken cancellationToken
    )
    {
        var balance = await Balances.ReadAsync(bank.Journal, number, cancellationToken);
        return new AccountView(
            number,
            new CustomerId(document.Customer),
            document.Product,
            document.State,
            new Money(balance.BookedMinor, document.Currency),
            new Money(balance.AvailableMinor + document.OverdraftMinor, document.Currency)
        );
    }

    private QueryAnswer<T> Found<T>(T value) =>
        new QueryAnswer<T>.Found(value, bank.Time.GetUtcNow());

    private static QueryAnswer<T> Refused<T>(OutcomeReason reason) =>
        new QueryAnswer<T>.Refused(reason);

    private static async Task<QueryAnswer<T>> GuardAsync<T>(Func<Task<QueryAnswer<T>>> read)
    {
        try
        {
            return await read();
        }
        catch (BankUnavailableException)
        {
            return Refused<T>(OutcomeReason.ServiceUnavailable);
        }
    }
}
