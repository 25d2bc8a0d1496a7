using Evenkeel.Journal.Access;
using Evenkeel.LedgerApi.Idempotency;
using Evenkeel.LedgerApi.Json;
using Evenkeel.LedgerApi.OpenApi;
using Evenkeel.LedgerApi.Paging;
using Evenkeel.LedgerApi.Problems;
using Evenkeel.LedgerApi.Security;
using Evenkeel.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Evenkeel.LedgerApi.Transfers;

internal static class TransferEndpoints
{
    private static readonly BatchKind<Transfer, CreateTransferResult> Kind = new(
        DerivedKind.Transfer,
        IdOf: e => e.Id,
        IsCreated: r => r.Status == CreateTransferStatus.Created,
        MayHideCreated: r =>
            r.Status is CreateTransferStatus.Exists or CreateTransferStatus.LinkedEventFailed,
        Created: t => new() { Status = CreateTransferStatus.Created, Timestamp = t },
        DecideAsync: (events, call) =>
            call.Journal.CreateTransfersAsync(events, call.Key.Number, call.Proposing()),
        LookupAsync: (ids, call) => call.Journal.LookupTransfersAsync(ids, call.Ended),
        IsSameRequest: IsSame,
        TimestampOf: e => e.Timestamp
    );

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapPost("/v1/transfers", CreateAsync)
            .RequireScope(KeyScopes.LedgerWrite)
            .Describe(
                "Create transfers",
                "Decides a batch of 1 to 8190 events in their order. 200 with a result for each means "
                    + "that the batch was decided, refused events included."
            )
            .Takes<CreateTransfersRequest>(Examples.Transfers)
            .Gives<CreateTransfersResponse>()
            .TakesIdempotencyKey();
        routes
            .MapPut("/v1/transfers/{id}", PutAsync)
            .RequireScope(KeyScopes.LedgerWrite)
            .Describe(
                "Create one transfer",
                "201 when it was created, 200 when it existed already with the same content; a refusal is "
                    + "problem details with the ledger's status as its reason. Repeating it is always safe."
            )
            .Takes<TransferRequest>(Examples.Transfer)
            .Gives<TransferResult>(StatusCodes.Status201Created)
            .Gives<TransferResult>();
        routes
            .MapGet("/v1/transfers/{id}", GetAsync)
            .RequireScope(KeyScopes.LedgerRead)
            .Describe("Read a transfer", "The transfer as it was created.")
            .Gives<TransferResponse>();
        routes
            .MapGet("/v1/transfers", (Delegate)QueryAsync)
            .RequireScope(KeyScopes.LedgerRead)
            .Describe("Find transfers", "All filters must hold.")
            .Asks([
                .. QueryParameters.UserData,
                QueryParameters.Ledger,
                .. QueryParameters.Times,
                .. QueryParameters.Paging,
            ])
            .Gives<TransferPage>();
        routes
            .MapGet("/v1/accounts/{id}/transfers", OfAccountAsync)
            .RequireScope(KeyScopes.LedgerRead)
            .Describe("List an account's transfers", "Debits and credits, in order of log time.")
            .Asks([
                QueryParameters.Side,
                .. QueryParameters.UserData,
                .. QueryParameters.Times,
                .. QueryParameters.Paging,
            ])
            .Gives<TransferPage>();
    }

    private static async Task<IResult> CreateAsync(HttpContext http, IdempotencyStore store)
    {
        ApiCall call = new(http);
        var key = IdempotencyKey.Of(call);
        var body = await call.ReadBodyAsync(ApiJson.Default.CreateTransfersRequest);
        var requests = Batches.Checked(body.Transfers);
        var derived = Array.ConvertAll(requests, r => r.Id is null);
        var events = new Transfer[requests.Length];
        for (var i = 0; i < events.Length; i++)
        {
            var id = requests[i].Id ?? Batches.Derive(key, DerivedKind.Transfer, i);
            events[i] = requests[i].ToModel(id);
        }
        call.Require(AccessRules.NeededFor(events));
        var results = await IdempotentBatch.DecideAsync(call, store, key, events, derived, Kind);
        var refused = results.Count(r => Reasons.Of(r.Status) is not null);
        ApiMeter.Decided("transfer", results.Length, refused);
        return ApiCall.Json(
            new CreateTransfersResponse
            {
                Results = [.. results.Select((r, i) => ResultOf(events[i].Id, r))],
                Refused = refused,
            },
            ApiJson.Default.CreateTransfersResponse
        );
    }

    private static async Task<IResult> PutAsync(HttpContext http, string id)
    {
        ApiCall call = new(http);
        var parsed = Refusals.ParseId(id);
        var body = await call.ReadBodyAsync(ApiJson.Default.TransferRequest);
        Batches.CheckSameId(parsed, body.Id);
        Transfer[] events = [body.ToModel(parsed)];
        call.Require(AccessRules.NeededFor(events));
        var decided = await Kind.DecideAsync(events, call);
        var result = call.Written(decided)[0];
        var reason = Reasons.Of(result.Status);
        ApiMeter.Decided("transfer", 1, reason is null ? 0 : 1);
        if (reason is not null)
        {
            return new ProblemResult(reason);
        }
        var created = result.Status == CreateTransferStatus.Created;
        http.Response.Headers.Location = $"/v1/transfers/{parsed}";
        return ApiCall.Json(
            ResultOf(parsed, result),
            ApiJson.Default.TransferResult,
            created ? StatusCodes.Status201Created : StatusCodes.Status200OK
        );
    }

    private static async Task<IResult> GetAsync(HttpContext http, string id)
    {
        ApiCall call = new(http);
        var ids = new[] { Refusals.ParseId(id) };
        var found = ApiCall.Done(await call.Journal.LookupTransfersAsync(ids, call.Ended));
        return found.Length == 0
            ? throw new RefusedException(Reasons.NotFound)
            : ApiCall.Json(TransferResponse.From(found[0]), ApiJson.Default.TransferResponse);
    }

    private static async Task<IResult> QueryAsync(HttpContext http)
    {
        ApiCall call = new(http);
        QueryReader query = new(http);
        TimePage page = new(query, http);
        var filter = Filters.Query(query, page);
        return PageOf(
            page,
            page.AtEnd
                ? []
                : ApiCall.Done(await call.Journal.QueryTransfersAsync(filter, call.Ended))
        );
    }

    private static async Task<IResult> OfAccountAsync(HttpContext http, string id)
    {
        ApiCall call = new(http);
        QueryReader query = new(http);
        TimePage page = new(query, http);
        var filter = Filters.Account(query, page, Refusals.ParseId(id));
        var rows = page.AtEnd
            ? []
            : ApiCall.Done(await call.Journal.GetAccountTransfersAsync(filter, call.Ended));
        if (rows.Length == 0)
        {
            await Accounts.AccountEndpoints.FindAsync(call, filter.AccountId);
        }
        return PageOf(page, rows);
    }

    private static IResult PageOf(TimePage page, Transfer[] found)
    {
        var (rows, next) = page.Cut(found, t => t.Timestamp);
        return ApiCall.Json(
            new TransferPage
            {
                Transfers = Array.ConvertAll(rows, TransferResponse.From),
                NextCursor = next,
            },
            ApiJson.Default.TransferPage
        );
    }

    private static TransferResult ResultOf(UInt128 id, CreateTransferResult r) =>
        new()
        {
            Id = id,
            Status = r.Status,
            Timestamp = r.Timestamp,
        };

    /// <summary>
    /// Equal as far as a request decides it: amounts of balancing and posting transfers, and what
    /// posting takes over from its hold, are filled in by the ledger.
    /// </summary>
    private static bool IsSame(Transfer asked, Transfer existing) =>
        asked.Flags == existing.Flags
        && asked.PendingId == existing.PendingId
        && asked.Timeout == existing.Timeout
        && FilledOrSame(asked.DebitAccountId, existing.DebitAccountId)
        && FilledOrSame(asked.CreditAccountId, existing.CreditAccountId)
        && FilledOrSame(asked.UserData128, existing.UserData128)
        && FilledOrSame(asked.Ledger, existing.Ledger)
        && FilledOrSame(asked.Code, existing.Code)
        && (
            asked.Flags.HasFlag(TransferFlags.PostPendingTransfer)
            || asked.Amount >= existing.Amount
        );

    private static bool FilledOrSame(UInt128 asked, UInt128 existing) =>
        asked == 0 || asked == existing;
}
