using Evenkeel.Contract.Mapping;
using Evenkeel.Payments;
using Grpc.Core;

namespace Evenkeel.Contract.Serving;

/// <content>Files, standing orders, credit, branches.</content>
internal sealed partial class BankService
{
    /// <summary>Files that are held in memory at once.</summary>
    private const int UploadsAtOnceMax = 4;

    private int _uploads;

    public override async Task<Wire.UploadAnswer> UploadFile(
        IAsyncStreamReader<Wire.FilePart> requestStream,
        ServerCallContext context
    )
    {
        try
        {
            if (Interlocked.Increment(ref _uploads) > UploadsAtOnceMax)
            {
                throw Door.Certainly(StatusCode.ResourceExhausted, Door.Busy);
            }
            if (
                !await requestStream.MoveNext(context.CancellationToken)
                || requestStream.Current.PartCase != Wire.FilePart.PartOneofCase.Actor
            )
            {
                throw new ContractException("Whose file it is comes first.");
            }
            var actor = AskerOf(requestStream.Current.Actor);
            using MemoryStream content = new();
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                var part = requestStream.Current.Content;
                if (content.Length + part.Length > PaymentLimits.BulkFileBytesMax)
                {
                    return BulkMap.ToWire(new BulkUpload.Faulty(BulkFault.TooLarge, 0));
                }
                content.Write(part.Span);
            }
            var upload = await bank.Bulk.UploadAsync(
                actor,
                content.GetBuffer().AsMemory(0, (int)content.Length),
                context.CancellationToken
            );
            return
                upload is BulkUpload.NotDone { Reason: OutcomeReason.ServiceUnavailable }
                && !options.Leads()
                ? throw Door.Certainly(StatusCode.FailedPrecondition, Door.NotLeader)
                : BulkMap.ToWire(upload);
        }
        finally
        {
            Interlocked.Decrement(ref _uploads);
        }
    }

    public override async Task<Wire.BulkRunsAnswer> ListFiles(
        Wire.ListFilesRequest request,
        ServerCallContext context
    ) =>
        BulkMap.ToWire(
            Still(
                await bank.Bulk.ListRunsAsync(
                    AskerOf(request.Actor),
                    new BulkRunsQuery(
                        Scalars.ToAccount(request.Payer),
                        Scalars.ToDate(request.From),
                        Scalars.ToDate(request.To)
                    ),
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.BulkRunAnswer> GetFile(
        Wire.FileRequest request,
        ServerCallContext context
    ) =>
        BulkMap.ToWire(
            Still(
                await bank.Bulk.GetRunAsync(
                    AskerOf(request.Actor),
                    request.Run,
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.BulkLinesAnswer> GetFileLines(
        Wire.FileLinesRequest request,
        ServerCallContext context
    ) =>
        BulkMap.ToWire(
            Still(
                await bank.Bulk.GetLinesAsync(
                    AskerOf(request.Actor),
                    request.Run,
                    request.Page,
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.BulkRunAnswer> ReleaseFile(
        Wire.ReleaseFileRequest request,
        ServerCallContext context
    ) =>
        BulkMap.ToWire(
            Still(
                await bank.Bulk.ReleaseAsync(
                    AskerOf(request.Actor),
                    request.Run,
                    request.AcceptOverlap,
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.BulkRunAnswer> CancelFile(
        Wire.FileRequest request,
        ServerCallContext context
    ) =>
        BulkMap.ToWire(
            Still(
                await bank.Bulk.CancelAsync(
                    AskerOf(request.Actor),
                    request.Run,
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.StandingOrdersAnswer> ListStandingOrders(
        Wire.GetAccountRequest request,
        ServerCallContext context
    ) =>
        StandingOrderMap.ToWire(
            Still(
                await bank.StandingOrders.ListAsync(
                    AskerOf(request.Actor),
                    Scalars.ToAccount(request.Account),
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.StandingOrderAnswer> GetStandingOrder(
        Wire.StandingOrderRequest request,
        ServerCallContext context
    ) =>
        StandingOrderMap.ToWire(
            Still(
                await bank.StandingOrders.GetAsync(
                    AskerOf(request.Actor),
                    request.Id,
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.StandingOrderAnswer> SetUpStandingOrder(
        Wire.SetUpStandingOrderRequest request,
        ServerCallContext context
    ) =>
        StandingOrderMap.ToWire(
            Still(
                await bank.StandingOrders.SetUpAsync(
                    AskerOf(request.Actor),
                    request.Reference,
                    StandingOrderMap.ToDomain(request),
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.StandingOrderAnswer> ChangeStandingOrder(
        Wire.ChangeStandingOrderRequest request,
        ServerCallContext context
    ) =>
        StandingOrderMap.ToWire(
            Still(
                await bank.StandingOrders.ChangeAsync(
                    AskerOf(request.Actor),
                    request.Reference,
                    request.Id,
                    StandingOrderMap.ToDomain(request),
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.StandingOrderAnswer> StopStandingOrder(
        Wire.StandingOrderRequest request,
        ServerCallContext context
    ) =>
        StandingOrderMap.ToWire(
            Still(
                await bank.StandingOrders.StopAsync(
                    AskerOf(request.Actor),
                    request.Id,
                    context.CancellationToken
                )
            )
        );

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
