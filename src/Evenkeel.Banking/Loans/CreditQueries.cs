using Evenkeel.Banking.Queries;
using Evenkeel.Banking.Storage;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Loans;

/// <summary>Loans and credit lines as their holders see them.</summary>
internal sealed class CreditQueries(Bank bank) : ICreditQueries
{
    private const string What = "loan";

    public Task<QueryAnswer<IReadOnlyList<LoanView>>> ListLoansAsync(
        Actor actor,
        CancellationToken cancellationToken
    ) =>
        OfAccountsAsync<LoanView>(
            actor,
            async number =>
                await bank.Loans.FindAsync(number, cancellationToken) is { } loan
                    ? loan with
                    {
                        Plan = [],
                        Due = [],
                    }
                    : null,
            cancellationToken
        );

    public Task<QueryAnswer<LoanView>> GetLoanAsync(
        Actor actor,
        AccountNumber account,
        CancellationToken cancellationToken
    ) =>
        Reads.AnswerAsync<LoanView>(
            bank,
            async () =>
            {
                var number = account.ToString();
                var loan = await Collections.Loans.ReadAsync(
                    bank.Journal,
                    number,
                    cancellationToken
                );
                return
                    loan is not null
                    && await Access.MaySeeAsync(
                        bank,
                        actor,
                        loan.Customer,
                        What,
                        number,
                        cancellationToken
                    )
                    ? LoanDesk.ViewOf(number, loan)
                    : OutcomeReason.OriginalUnknown;
            }
        );

    public Task<QueryAnswer<IReadOnlyList<CreditLineView>>> ListCreditLinesAsync(
        Actor actor,
        CancellationToken cancellationToken
    ) =>
        OfAccountsAsync(
            actor,
            number => bank.CreditLines.FindAsync(number, cancellationToken),
            cancellationToken
        );

    /// <summary>What there is of each of the asker's own accounts.</summary>
    private Task<QueryAnswer<IReadOnlyList<T>>> OfAccountsAsync<T>(
        Actor actor,
        Func<AccountNumber, ValueTask<T?>> find,
        CancellationToken cancellationToken
    )
        where T : class =>
        Reads.AnswerAsync<IReadOnlyList<T>>(
            bank,
            async () =>
            {
                if (Access.CustomerOf(actor) is not { } customer)
                {
                    return OutcomeReason.NotAuthorised;
                }
                var document = await Collections.Customers.ReadAsync(
                    bank.Journal,
                    customer.Value,
                    cancellationToken
                );
                List<T> found = [];
                foreach (var number in document?.Accounts ?? [])
                {
                    if (await find(AccountNumber.Parse(number)) is { } view)
                    {
                        found.Add(view);
                    }
                }
                return Read<IReadOnlyList<T>>.Found(found);
            }
        );
}
