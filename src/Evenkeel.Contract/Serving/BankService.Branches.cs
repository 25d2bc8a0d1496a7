using Evenkeel.Contract.Mapping;
using Evenkeel.Payments;
using Grpc.Core;

namespace Evenkeel.Contract.Serving;

/// <content>Credit, and what a branch does.</content>
internal sealed partial class BankService
{
    public override async Task<Wire.LoansAnswer> ListLoans(
        Wire.ListRequest request,
        ServerCallContext context
    ) =>
        CreditMap.ToWire(
            Still(
                await bank.Credits.ListLoansAsync(AskerOf(request.Actor), context.CancellationToken)
            )
        );

    public override async Task<Wire.LoanAnswer> GetLoan(
        Wire.GetAccountRequest request,
        ServerCallContext context
    ) =>
        CreditMap.ToWire(
            Still(
                await bank.Credits.GetLoanAsync(
                    AskerOf(request.Actor),
                    Scalars.ToAccount(request.Account),
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.CreditLinesAnswer> ListCreditLines(
        Wire.ListRequest request,
        ServerCallContext context
    ) =>
        CreditMap.ToWire(
            Still(
                await bank.Credits.ListCreditLinesAsync(
                    AskerOf(request.Actor),
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.ProductsAnswer> ListProducts(
        Wire.ListRequest request,
        ServerCallContext context
    ) =>
        BranchMap.ToWire(
            Still(
                await bank.Branches.ListProductsAsync(
                    AskerOf(request.Actor),
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.CustomerAnswer> GetCustomer(
        Wire.GetCustomerRequest request,
        ServerCallContext context
    ) =>
        BranchMap.ToWire(
            Still(
                await bank.Branches.GetCustomerAsync(
                    AskerOf(request.Actor),
                    new CustomerId(request.Customer),
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.CustomerAnswer> OpenCustomer(
        Wire.OpenCustomerRequest request,
        ServerCallContext context
    ) =>
        BranchMap.ToWire(
            Still(
                await bank.Branches.OpenCustomerAsync(
                    AskerOf(request.Actor),
                    request.Reference,
                    BranchMap.ToDomain(request.Customer),
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.AccountAnswer> OpenAccount(
        Wire.OpenAccountRequest request,
        ServerCallContext context
    ) =>
        ViewMap.ToWire(
            Still(
                await bank.Branches.OpenAccountAsync(
                    AskerOf(request.Actor),
                    request.Reference,
                    new NewAccount(
                        new CustomerId(request.Customer),
                        request.Product,
                        request.Currency,
                        request.OverdraftMinor
                    ),
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.LoginAnswer> MakeLogin(
        Wire.MakeLoginRequest request,
        ServerCallContext context
    ) =>
        BranchMap.ToWire(
            Still(
                await bank.Branches.MakeLoginAsync(
                    AskerOf(request.Actor),
                    new CustomerLogin(
                        new CustomerId(request.Customer),
                        request.IsProgram,
                        request.Login
                    ),
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.AuditAnswer> ListAudit(
        Wire.ListAuditRequest request,
        ServerCallContext context
    ) =>
        BranchMap.ToWire(
            Still(
                await bank.Branches.ListAuditAsync(
                    AskerOf(request.Actor),
                    Scalars.ToDate(request.Day),
                    context.CancellationToken
                )
            )
        );
}
