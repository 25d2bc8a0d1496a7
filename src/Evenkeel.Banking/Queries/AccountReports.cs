using Evenkeel.Banking.Interest;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Queries;

/// <summary>A statement that was drawn at a month's end.</summary>
/// <param name="Number">Without gap for each account.</param>
public sealed record DrawnStatement(
    int Number,
    DateOnly From,
    DateOnly To,
    Money Opening,
    Money Closing
);

/// <summary>The balance that bears interest, from a day on.</summary>
public sealed record ValueBalance(DateOnly From, Money Balance);

/// <summary>Statements by number and balances by value date, each checked against who asks.</summary>
public sealed class AccountReports
{
    private readonly Bank _bank;

    internal AccountReports(Bank bank) => _bank = bank;

    /// <summary>Oldest first; the lines of one are what a statement query gives for its days.</summary>
    public Task<QueryAnswer<IReadOnlyList<DrawnStatement>>> ListStatementsAsync(
        Actor actor,
        AccountNumber account,
        CancellationToken cancellationToken
    ) =>
        AnswerAsync<DrawnStatement>(
            actor,
            account,
            async (currency, token) =>
            {
                var page = await Collections.Statements.QueryAsync(
                    _bank.Journal,
                    new RecordQuery
                    {
                        Collection = Collections.Statements.Name,
                        Prefix = $"{account}/",
                        Limit = OperationLimits.PageRecordsMax,
                    },
                    token
                );
                return
                [
                    .. page.Documents.Select(pair => new DrawnStatement(
                        pair.Document.Number,
                        pair.Document.From,
                        pair.Document.To,
                        new Money(pair.Document.OpeningMinor, currency),
                        new Money(pair.Document.ClosingMinor, currency)
                    )),
                ];
            },
            cancellationToken
        );

    /// <summary>As known at the last close, oldest first; days ahead are of movements booked already.</summary>
    public Task<QueryAnswer<IReadOnlyList<ValueBalance>>> ListValueBalancesAsync(
        Actor actor,
        AccountNumber account,
        CancellationToken cancellationToken
    ) =>
        AnswerAsync<ValueBalance>(
            actor,
            account,
            async (currency, token) =>
            {
                var interest = await Collections.Interest.ReadAsync(
                    _bank.Journal,
                    account.ToString(),
                    token
                );
                return
                [
                    .. (interest?.Steps ?? []).Select(step => new ValueBalance(
                        step.From,
                        new Money(step.Minor, currency)
                    )),
                ];
            },
            cancellationToken
        );

    private async Task<QueryAnswer<IReadOnlyList<T>>> AnswerAsync<T>(
        Actor actor,
        AccountNumber account,
        Func<uint, CancellationToken, ValueTask<IReadOnlyList<T>>> read,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(actor);
        try
        {
            var document = await Collections.Accounts.ReadAsync(
                _bank.Journal,
                account.ToString(),
                cancellationToken
            );
            return document is null || !Access.MaySee(actor, document)
                ? new QueryAnswer<IReadOnlyList<T>>.Refused(OutcomeReason.DebtorAccountUnknown)
                : new QueryAnswer<IReadOnlyList<T>>.Found(
                    await read(document.Currency, cancellationToken),
                    _bank.Time.GetUtcNow()
                );
        }
        catch (BankUnavailableException)
        {
            return new QueryAnswer<IReadOnlyList<T>>.Refused(OutcomeReason.ServiceUnavailable);
        }
    }
}
