using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Customers;
using Evenkeel.Banking.Queries;
using Evenkeel.Banking.Storage;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Branches;

/// <summary>Makes logins: identity is not this project's.</summary>
public delegate Task<QueryAnswer<MadeLogin>> LoginMaker(
    CustomerLogin login,
    CancellationToken cancellationToken
);

/// <summary>
/// New customers, accounts and logins at a branch. One member of staff takes a customer on and opens an
/// account without credit; what can cost the bank or the customer money needs a second one who is there.
/// </summary>
public sealed class BranchDesk(Bank bank, LoginMaker logins) : IBranchServices
{
    private static readonly string[] LanguagesKnown = ["en", "zh-Hans", "zh-Hant"];

    public Task<QueryAnswer<IReadOnlyList<ProductView>>> ListProductsAsync(
        Actor actor,
        CancellationToken cancellationToken
    ) =>
        Reads.AnswerAsync<IReadOnlyList<ProductView>>(
            bank,
            async () =>
            {
                if (await bank.ReadBusinessDateAsync(cancellationToken) is not { } date)
                {
                    return OutcomeReason.ServiceUnavailable;
                }
                var products = await bank.Products.ListAsync(cancellationToken);
                return Read<IReadOnlyList<ProductView>>.Found([
                    .. products.Select(product =>
                    {
                        var terms = product.TermsOn(date);
                        return new ProductView(
                            product.Code,
                            product.Kind.ToString(),
                            product.Currency,
                            terms.CreditBasisPoints,
                            terms.DebitBasisPoints,
                            new Money(terms.MonthlyFeeMinor, product.Currency),
                            new Money(terms.AllowanceMinorMax, product.Currency)
                        );
                    }),
                ]);
            }
        );

    public Task<QueryAnswer<CustomerFile>> GetCustomerAsync(
        Actor actor,
        CustomerId customer,
        CancellationToken cancellationToken
    ) =>
        Reads.AnswerAsync<CustomerFile>(
            bank,
            async () =>
                actor is not Actor.Staff ? OutcomeReason.NotAuthorised
                : await bank.Customers.FindAsync(customer, cancellationToken) is { } found
                    ? FileOf(found)
                : OutcomeReason.OriginalUnknown
        );

    public Task<QueryAnswer<CustomerFile>> OpenCustomerAsync(
        Actor actor,
        string reference,
        NewCustomer customer,
        CancellationToken cancellationToken
    ) =>
        Reads.AnswerAsync<CustomerFile>(
            bank,
            async () =>
            {
                if (actor is not Actor.Staff staff)
                {
                    return OutcomeReason.NotAuthorised;
                }
                if (!IsSound(customer))
                {
                    return OutcomeReason.Malformed;
                }
                var opened = Read<CustomerView>.Of(
                    await bank.Customers.OpenAsync(
                        actor,
                        $"{staff.User}/{reference}",
                        customer.IsCompany ? CustomerKind.Company : CustomerKind.Person,
                        new CustomerProfile
                        {
                            Name = customer.Name,
                            Language = customer.Language,
                            Address = customer.Address,
                            Phone = customer.Phone,
                            Email = customer.Email,
                        },
                        cancellationToken
                    )
                );
                return opened.Value is { } view ? FileOf(view) : opened.Reason;
            }
        );

    public Task<QueryAnswer<AccountView>> OpenAccountAsync(
        Actor actor,
        string reference,
        NewAccount account,
        CancellationToken cancellationToken
    ) =>
        Reads.AnswerAsync<AccountView>(
            bank,
            async () =>
            {
                if (actor is not Actor.Staff staff)
                {
                    return OutcomeReason.NotAuthorised;
                }
                if (account.OverdraftMinor is < 0 or > PaymentLimits.AmountMinorMax)
                {
                    return OutcomeReason.AmountInvalid;
                }
                if (account.OverdraftMinor > 0 && !IsChecked(staff))
                {
                    return OutcomeReason.ApprovalRequired;
                }
                if (await bank.Customers.FindAsync(account.Customer, cancellationToken) is null)
                {
                    return OutcomeReason.OriginalUnknown;
                }
                var opened = Read<OpenedAccount>.Of(
                    await bank.Accounts.OpenAsync(
                        actor,
                        $"{staff.User}/{reference}",
                        new AccountOpening(
                            account.Customer,
                            account.Product,
                            account.Currency,
                            account.OverdraftMinor
                        ),
                        cancellationToken
                    )
                );
                return opened.Value is not { } done ? opened.Reason
                    : await bank.Queries.GetAccountAsync(actor, done.Number, cancellationToken)
                        is QueryAnswer<AccountView>.Found found
                        ? found.Value
                    : OutcomeReason.ServiceUnavailable;
            }
        );

    public Task<QueryAnswer<MadeLogin>> MakeLoginAsync(
        Actor actor,
        CustomerLogin login,
        CancellationToken cancellationToken
    ) =>
        Reads.AnswerAsync<MadeLogin>(
            bank,
            async () =>
            {
                if (actor is not Actor.Staff staff)
                {
                    return OutcomeReason.NotAuthorised;
                }
                if (!IsLogin(login.Login))
                {
                    return OutcomeReason.Malformed;
                }
                if (
                    await bank.Customers.FindAsync(login.Customer, cancellationToken)
                    is not { State: var state, Kind: var kind }
                )
                {
                    return OutcomeReason.OriginalUnknown;
                }
                if (!IsChecked(staff))
                {
                    return OutcomeReason.ApprovalRequired;
                }
                if (state != CustomerState.Active)
                {
                    return OutcomeReason.CustomerFrozen;
                }
                return login.IsProgram && kind != CustomerKind.Company
                    ? OutcomeReason.NotSupported
                    : Read<MadeLogin>.Of(await logins(login, cancellationToken));
            }
        );

    public async Task<QueryAnswer<IReadOnlyList<AuditLine>>> ListAuditAsync(
        Actor actor,
        DateOnly day,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await bank.Audit.ListAsync(actor, day, cancellationToken);
        }
        catch (BankUnavailableException)
        {
            return new QueryAnswer<IReadOnlyList<AuditLine>>.Refused(
                OutcomeReason.ServiceUnavailable
            );
        }
    }

    private static bool IsChecked(Actor.Staff staff) =>
        staff.CheckedBy is { } checker
        && !string.Equals(checker, staff.User, StringComparison.Ordinal);

    private static bool IsSound(NewCustomer customer) =>
        IsText(customer.Name)
        && LanguagesKnown.Contains(customer.Language, StringComparer.Ordinal)
        && (customer.Address is null || IsText(customer.Address))
        && (customer.Phone is null || IsText(customer.Phone))
        && (customer.Email is null || IsText(customer.Email));

    private static bool IsText(string text) =>
        !string.IsNullOrWhiteSpace(text)
        && text.Length <= PaymentLimits.NameCharsMax
        && !text.Any(char.IsControl);

    private static bool IsLogin(string login) =>
        login.Length is > 0 and <= PaymentLimits.LoginCharsMax
        && login.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '@');

    private static CustomerFile FileOf(CustomerView view) =>
        new(
            view.Id,
            view.State != CustomerState.Active,
            view.Profile is { } profile
                ? new NewCustomer(view.Kind == CustomerKind.Company, profile.Name, profile.Language)
                {
                    Address = profile.Address,
                    Phone = profile.Phone,
                    Email = profile.Email,
                }
                : null,
            view.Accounts
        );
}
