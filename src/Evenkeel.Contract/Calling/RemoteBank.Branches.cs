using Evenkeel.Contract.Mapping;
using Evenkeel.Payments;

namespace Evenkeel.Contract.Calling;

/// <content>Credit, and what a branch does.</content>
public sealed partial class RemoteBank
{
    public Task<QueryAnswer<IReadOnlyList<LoanView>>> ListLoansAsync(
        Actor actor,
        CancellationToken cancellationToken
    ) =>
        AskAsync(
            nameof(Wire.Bank.BankClient.ListLoans),
            new Wire.ListRequest { Actor = ActorMap.ToWire(actor) },
            static (client, request, options) => client.ListLoansAsync(request, options),
            CreditMap.ToDomain,
            cancellationToken
        );

    public Task<QueryAnswer<LoanView>> GetLoanAsync(
        Actor actor,
        AccountNumber account,
        CancellationToken cancellationToken
    ) =>
        AskAsync(
            nameof(Wire.Bank.BankClient.GetLoan),
            new Wire.GetAccountRequest { Actor = ActorMap.ToWire(actor), Account = account.Value },
            static (client, request, options) => client.GetLoanAsync(request, options),
            CreditMap.ToDomain,
            cancellationToken
        );

    public Task<QueryAnswer<IReadOnlyList<CreditLineView>>> ListCreditLinesAsync(
        Actor actor,
        CancellationToken cancellationToken
    ) =>
        AskAsync(
            nameof(Wire.Bank.BankClient.ListCreditLines),
            new Wire.ListRequest { Actor = ActorMap.ToWire(actor) },
            static (client, request, options) => client.ListCreditLinesAsync(request, options),
            CreditMap.ToDomain,
            cancellationToken
        );

    public Task<QueryAnswer<IReadOnlyList<ProductView>>> ListProductsAsync(
        Actor actor,
        CancellationToken cancellationToken
    ) =>
        AskAsync(
            nameof(Wire.Bank.BankClient.ListProducts),
            new Wire.ListRequest { Actor = ActorMap.ToWire(actor) },
            static (client, request, options) => client.ListProductsAsync(request, options),
            BranchMap.ToDomain,
            cancellationToken
        );

    public Task<QueryAnswer<CustomerFile>> GetCustomerAsync(
        Actor actor,
        CustomerId customer,
        CancellationToken cancellationToken
    ) =>
        AskAsync(
            nameof(Wire.Bank.BankClient.GetCustomer),
            new Wire.GetCustomerRequest
            {
                Actor = ActorMap.ToWire(actor),
                Customer = customer.Value,
            },
            static (client, request, options) => client.GetCustomerAsync(request, options),
            BranchMap.ToDomain,
            cancellationToken
        );

    public Task<QueryAnswer<CustomerFile>> OpenCustomerAsync(
        Actor actor,
        string reference,
        NewCustomer customer,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(customer);
        return AskAsync(
            nameof(Wire.Bank.BankClient.OpenCustomer),
            new Wire.OpenCustomerRequest
            {
                Actor = ActorMap.ToWire(actor),
                Reference = reference,
                Customer = BranchMap.ToWire(customer),
            },
            static (client, request, options) => client.OpenCustomerAsync(request, options),
            BranchMap.ToDomain,
            cancellationToken
        );
    }

    public Task<QueryAnswer<AccountView>> OpenAccountAsync(
        Actor actor,
        string reference,
        NewAccount account,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(account);
        return AskAsync(
            nameof(Wire.Bank.BankClient.OpenAccount),
            new Wire.OpenAccountRequest
            {
                Actor = ActorMap.ToWire(actor),
                Reference = reference,
                Customer = account.Customer.Value,
                Product = account.Product,
                Currency = account.Currency,
                OverdraftMinor = account.OverdraftMinor,
            },
            static (client, request, options) => client.OpenAccountAsync(request, options),
            ViewMap.ToDomain,
            cancellationToken
        );
    }

    public Task<QueryAnswer<MadeLogin>> MakeLoginAsync(
        Actor actor,
        CustomerLogin login,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(login);
        return AskAsync(
            nameof(Wire.Bank.BankClient.MakeLogin),
            new Wire.MakeLoginRequest
            {
                Actor = ActorMap.ToWire(actor),
                Customer = login.Customer.Value,
                IsProgram = login.IsProgram,
                Login = login.Login,
            },
            static (client, request, options) => client.MakeLoginAsync(request, options),
            BranchMap.ToDomain,
            cancellationToken
        );
    }

    public Task<QueryAnswer<IReadOnlyList<AuditLine>>> ListAuditAsync(
        Actor actor,
        DateOnly day,
        CancellationToken cancellationToken
    ) =>
        AskAsync(
            nameof(Wire.Bank.BankClient.ListAudit),
            new Wire.ListAuditRequest { Actor = ActorMap.ToWire(actor), Day = day.DayNumber },
            static (client, request, options) => client.ListAuditAsync(request, options),
            BranchMap.ToDomain,
            cancellationToken
        );
}
