using Evenkeel.Contract.Mapping;
using Evenkeel.Payments;
using Google.Protobuf;
using Grpc.Core;

namespace Evenkeel.Contract.Calling;

/// <content>Files, standing orders, credit, branches.</content>
public sealed partial class RemoteBank
{
    /// <summary>Bytes of a file in one message.</summary>
    private const int PartBytes = 256 << 10;

    public async Task<BulkUpload> UploadAsync(
        Actor actor,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    )
    {
        if (content.Length > PaymentLimits.BulkFileBytesMax)
        {
            return new BulkUpload.Faulty(BulkFault.TooLarge, 0);
        }
        var whose = ActorMap.ToWire(actor);
        var reply = await _caller.CallAsync(
            nameof(Wire.Bank.BankClient.UploadFile),
            (client, options) => SendAsync(client, options, whose, content),
            static answer =>
                answer.KindCase == Wire.UploadAnswer.KindOneofCase.NotDone
                    ? Judge(answer.NotDone)
                    : Finality.Final,
            cancellationToken
        );
        // The same bytes are the same run: to bring them again is always right.
        return reply.Value is { } value
            ? BulkMap.ToDomain(value)
            : new BulkUpload.NotDone(
                reply.Reason == OutcomeReason.None ? OutcomeReason.ServiceUnavailable : reply.Reason
            );
    }

    public Task<QueryAnswer<IReadOnlyList<BulkRun>>> ListRunsAsync(
        Actor actor,
        BulkRunsQuery query,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(query);
        return AskAsync(
            nameof(Wire.Bank.BankClient.ListFiles),
            new Wire.ListFilesRequest
            {
                Actor = ActorMap.ToWire(actor),
                Payer = query.Payer.Value,
                From = query.From.DayNumber,
                To = query.To.DayNumber,
            },
            static (client, request, options) => client.ListFilesAsync(request, options),
            BulkMap.ToDomain,
            cancellationToken
        );
    }

    public Task<QueryAnswer<BulkRun>> GetRunAsync(
        Actor actor,
        string run,
        CancellationToken cancellationToken
    ) =>
        AskAsync(
            nameof(Wire.Bank.BankClient.GetFile),
            new Wire.FileRequest { Actor = ActorMap.ToWire(actor), Run = run },
            static (client, request, options) => client.GetFileAsync(request, options),
            BulkMap.ToDomain,
            cancellationToken
        );

    public Task<QueryAnswer<BulkRunPage>> GetLinesAsync(
        Actor actor,
        string run,
        int page,
        CancellationToken cancellationToken
    ) =>
        AskAsync(
            nameof(Wire.Bank.BankClient.GetFileLines),
            new Wire.FileLinesRequest
            {
                Actor = ActorMap.ToWire(actor),
                Run = run,
                Page = page,
            },
            static (client, request, options) => client.GetFileLinesAsync(request, options),
            BulkMap.ToDomain,
            cancellationToken
        );

    public Task<QueryAnswer<BulkRun>> ReleaseAsync(
        Actor actor,
        string run,
        bool acceptOverlap,
        CancellationToken cancellationToken
    ) =>
        AskAsync(
            nameof(Wire.Bank.BankClient.ReleaseFile),
            new Wire.ReleaseFileRequest
            {
                Actor = ActorMap.ToWire(actor),
                Run = run,
                AcceptOverlap = acceptOverlap,
            },
            static (client, request, options) => client.ReleaseFileAsync(request, options),
            BulkMap.ToDomain,
            cancellationToken
        );

    public Task<QueryAnswer<BulkRun>> CancelAsync(
        Actor actor,
        string run,
        CancellationToken cancellationToken
    ) =>
        AskAsync(
            nameof(Wire.Bank.BankClient.CancelFile),
            new Wire.FileRequest { Actor = ActorMap.ToWire(actor), Run = run },
            static (client, request, options) => client.CancelFileAsync(request, options),
            BulkMap.ToDomain,
            cancellationToken
        );

    public Task<QueryAnswer<IReadOnlyList<StandingOrderView>>> ListAsync(
        Actor actor,
        AccountNumber account,
        CancellationToken cancellationToken
    ) =>
        AskAsync(
            nameof(Wire.Bank.BankClient.ListStandingOrders),
            new Wire.GetAccountRequest { Actor = ActorMap.ToWire(actor), Account = account.Value },
            static (client, request, options) => client.ListStandingOrdersAsync(request, options),
            StandingOrderMap.ToDomain,
            cancellationToken
        );

    public Task<QueryAnswer<StandingOrderView>> GetAsync(
        Actor actor,
        string id,
        CancellationToken cancellationToken
    ) =>
        AskAsync(
            nameof(Wire.Bank.BankClient.GetStandingOrder),
            new Wire.StandingOrderRequest { Actor = ActorMap.ToWire(actor), Id = id },
            static (client, request, options) => client.GetStandingOrderAsync(request, options),
            StandingOrderMap.ToDomain,
            cancellationToken
        );

    public Task<QueryAnswer<StandingOrderView>> SetUpAsync(
        Actor actor,
        string reference,
        StandingOrderRequest request,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        return AskAsync(
            nameof(Wire.Bank.BankClient.SetUpStandingOrder),
            StandingOrderMap.ToWire(actor, reference, request),
            static (client, wire, options) => client.SetUpStandingOrderAsync(wire, options),
            StandingOrderMap.ToDomain,
            cancellationToken
        );
    }

    public Task<QueryAnswer<StandingOrderView>> ChangeAsync(
        Actor actor,
        string reference,
        string id,
        StandingOrderChange change,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(change);
        return AskAsync(
            nameof(Wire.Bank.BankClient.ChangeStandingOrder),
            StandingOrderMap.ToWire(actor, reference, id, change),
            static (client, wire, options) => client.ChangeStandingOrderAsync(wire, options),
            StandingOrderMap.ToDomain,
            cancellationToken
        );
    }

    public Task<QueryAnswer<StandingOrderView>> StopAsync(
        Actor actor,
        string id,
        CancellationToken cancellationToken
    ) =>
        AskAsync(
            nameof(Wire.Bank.BankClient.StopStandingOrder),
            new Wire.StandingOrderRequest { Actor = ActorMap.ToWire(actor), Id = id },
            static (client, request, options) => client.StopStandingOrderAsync(request, options),
            StandingOrderMap.ToDomain,
            cancellationToken
        );

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

    private async Task<QueryAnswer<T>> AskAsync<TRequest, TWire, T>(
        string method,
        TRequest request,
        Func<Wire.Bank.BankClient, TRequest, CallOptions, AsyncUnaryCall<TWire>> call,
        Func<TWire, QueryAnswer<T>> map,
        CancellationToken cancellationToken
    )
        where TWire : class, Wire.IAnswer =>
        Answer(
            await _caller.CallAsync(
                method,
                (client, options) => call(client, request, options),
                static answer => Judge(answer.Refused),
                cancellationToken
            ),
            map
        );

    private static async Task<Wire.UploadAnswer> SendAsync(
        Wire.Bank.BankClient client,
        CallOptions options,
        Wire.Actor whose,
        ReadOnlyMemory<byte> content
    )
    {
        using var call = client.UploadFile(options);
        try
        {
            await call.RequestStream.WriteAsync(new Wire.FilePart { Actor = whose });
            for (var at = 0; at < content.Length; at += PartBytes)
            {
                var part = content.Slice(at, Math.Min(PartBytes, content.Length - at));
                await call.RequestStream.WriteAsync(
                    new Wire.FilePart { Content = UnsafeByteOperations.UnsafeWrap(part) }
                );
            }
            await call.RequestStream.CompleteAsync();
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
            // The bank has answered before it heard everything: what it said counts.
        }
        return await call.ResponseAsync;
    }
}
