using Evenkeel.Journal;
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

namespace Evenkeel.LedgerApi.Accounts;

internal static class AccountEndpoints
{
    private static readonly BatchKind<Account, CreateAccountResult> Kind = new(
        DerivedKind.Account,
        IdOf: e => e.Id,
        IsCreated: r => r.Status == CreateAccountStatus.Created,
        MayHideCreated: r =>
            r.Status is CreateAccountStatus.Exists or CreateAccountStatus.LinkedEventFailed,
        Created: t => new() { Status = CreateAccountStatus.Created, Timestamp = t },
        DecideAsync: (events, call) =>
            call.Journal.CreateAccountsAsync(events, call.Key.Number, call.Proposing()),
        LookupAsync: (ids, call) => call.Journal.LookupAccountsAsync(ids, call.Ended),
        IsSameRequest: (asked, existing) =>
            asked.Ledger == existing.Ledger
            && asked.Code == existing.Code
            && asked.UserData128 == existing.UserData128
            && asked.UserData64 == existing.UserData64
            && asked.UserData32 == existing.UserData32,
        TimestampOf: e => e.Timestamp
    );

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapPost("/v1/accounts", CreateAsync)
            .RequireScope(KeyScopes.LedgerWrite)
            .Describe(
                "Create accounts",
                "Decides a batch of 1 to 8190 events in their order. 200 with a result for each means "
                    + "that the batch was decided, refused events included."
            )
            .Takes<CreateAccountsRequest>(Examples.Accounts)
            .Gives<CreateAccountsResponse>()
            .TakesIdempotencyKey();
        routes
            .MapPut("/v1/accounts/{id}", PutAsync)
            .RequireScope(KeyScopes.LedgerWrite)
            .Describe(
                "Create one account",
                "201 when it was created, 200 when it existed already with the same content. Repeating it "
                    + "is always safe."
            )
            .Takes<AccountRequest>(Examples.Account)
            .Gives<AccountResult>(StatusCodes.Status201Created)
            .Gives<AccountResult>();
        routes
            .MapGet("/v1/accounts/{id}", GetAsync)
            .RequireScope(KeyScopes.LedgerRead)
            .Describe("Read an account", "The account with its balances now.")
            .Gives<AccountResponse>();
        routes
            .MapGet("/v1/accounts", (Delegate)QueryAsync)
            .RequireScope(KeyScopes.LedgerRead)
            .Describe("Find accounts", "All filters must hold; in order of creation.")
            .Asks([
                .. QueryParameters.UserData,
                QueryParameters.Ledger,
                .. QueryParameters.Times,
                .. QueryParameters.Paging,
            ])
            .Gives<AccountPage>();
        routes
            .MapGet("/v1/accounts/{id}/balances", BalancesAsync)
            .RequireScope(KeyScopes.LedgerRead)
            .Describe(
                "List an account's balances",
                "After each movement, for accounts with the flag history; else empty."
            )
            .Asks([
                QueryParameters.Side,
                .. QueryParameters.UserData,
                .. QueryParameters.Times,
                .. QueryParameters.Paging,
            ])
            .Gives<BalancePage>();
        routes
            .MapGet("/v1/accounts/{id}/limits", LimitsAsync)
            .RequireScope(KeyScopes.LedgerRead)
            .Describe("Read an account's limits", "The allowance and its version.")
            .Gives<AccountLimitsResponse>();
        routes
            .MapPost("/v1/accounts/updates", (Delegate)AccountUpdates.UpdateAsync)
            .RequireScope(KeyScopes.LedgerWrite)
            .Describe(
                "Change accounts' limits",
                "Each event on its own, as a batch. With an Idempotency-Key: all or none, and a "
                    + "repetition gets the first answer for ever."
            )
            .Takes<UpdateAccountsRequest>(Examples.Updates)
            .Gives<UpdateAccountsResponse>()
            .TakesIdempotencyKey();
    }

    /// <summary>The account, or 404.</summary>
    public static async Task<Account> FindAsync(ApiCall call, UInt128 id)
    {
        var found = ApiCall.Done(await call.Journal.LookupAccountsAsync(new[] { id }, call.Ended));
        return found.Length == 0 ? throw new RefusedException(Reasons.NotFound) : found[0];
    }

    private static async Task<IResult> CreateAsync(HttpContext http, IdempotencyStore store)
    {
        ApiCall call = new(http);
        var key = IdempotencyKey.Of(call);
        var body = await call.ReadBodyAsync(ApiJson.Default.CreateAccountsRequest);
        var requests = Batches.Checked(body.Accounts);
        var derived = Array.ConvertAll(requests, r => r.Id is null);
        var events = new Account[requests.Length];
        for (var i = 0; i < events.Length; i++)
        {
            var id = requests[i].Id ?? Batches.Derive(key, DerivedKind.Account, i);
            events[i] = requests[i].ToModel(id);
        }
        call.Require(AccessRules.NeededFor(events));
        var results = await IdempotentBatch.DecideAsync(call, store, key, events, derived, Kind);
        var refused = results.Count(r => Reasons.Of(r.Status) is not null);
        ApiMeter.Decided("account", results.Length, refused);
        return ApiCall.Json(
            new CreateAccountsResponse
            {
                Results = [.. results.Select((r, i) => ResultOf(events[i].Id, r))],
                Refused = refused,
            },
            ApiJson.Default.CreateAccountsResponse
        );
    }

    private static async Task<IResult> PutAsync(HttpContext http, string id)
    {
        ApiCall call = new(http);
        var parsed = Refusals.ParseId(id);
        var body = await call.ReadBodyAsync(ApiJson.Default.AccountRequest);
        Batches.CheckSameId(parsed, body.Id);
        Account[] events = [body.ToModel(parsed)];
        call.Require(AccessRules.NeededFor(events));
        var decided = await Kind.DecideAsync(events, call);
        var result = call.Written(decided)[0];
        var reason = Reasons.Of(result.Status);
        ApiMeter.Decided("account", 1, reason is null ? 0 : 1);
        if (reason is not null)
        {
            return new ProblemResult(reason);
        }
        var created = result.Status == CreateAccountStatus.Created;
        http.Response.Headers.Location = $"/v1/accounts/{parsed}";
        return ApiCall.Json(
            ResultOf(parsed, result),
            ApiJson.Default.AccountResult,
            created ? StatusCodes.Status201Created : StatusCodes.Status200OK
        );
    }

    private static async Task<IResult> GetAsync(HttpContext http, string id)
    {
        var account = await FindAsync(new ApiCall(http), Refusals.ParseId(id));
        return ApiCall.Json(AccountResponse.From(account), ApiJson.Default.AccountResponse);
    }

    private static async Task<IResult> QueryAsync(HttpContext http)
    {
        ApiCall call = new(http);
        QueryReader query = new(http);
        TimePage page = new(query, http);
        var filter = Filters.Query(query, page);
        var found = page.AtEnd
            ? []
            : ApiCall.Done(await call.Journal.QueryAccountsAsync(filter, call.Ended));
        var (rows, next) = page.Cut(found, a => a.Timestamp);
        return ApiCall.Json(
            new AccountPage
            {
                Accounts = Array.ConvertAll(rows, AccountResponse.From),
                NextCursor = next,
            },
            ApiJson.Default.AccountPage
        );
    }

    private static async Task<IResult> BalancesAsync(HttpContext http, string id)
    {
        ApiCall call = new(http);
        QueryReader query = new(http);
        TimePage page = new(query, http);
        var filter = Filters.Account(query, page, Refusals.ParseId(id));
        var found = page.AtEnd
            ? []
            : ApiCall.Done(await call.Journal.GetAccountBalancesAsync(filter, call.Ended));
        if (found.Length == 0)
        {
            await FindAsync(call, filter.AccountId);
        }
        var (rows, next) = page.Cut(found, b => b.Timestamp);
        return ApiCall.Json(
            new BalancePage
            {
                Balances = Array.ConvertAll(rows, BalanceResponse.From),
                NextCursor = next,
            },
            ApiJson.Default.BalancePage
        );
    }

    private static async Task<IResult> LimitsAsync(HttpContext http, string id)
    {
        ApiCall call = new(http);
        var ids = new[] { Refusals.ParseId(id) };
        var found = ApiCall.Done(await call.Journal.LookupAccountLimitsAsync(ids, call.Ended));
        return found.Length == 0
            ? throw new RefusedException(Reasons.NotFound)
            : ApiCall.Json(
                AccountLimitsResponse.From(found[0]),
                ApiJson.Default.AccountLimitsResponse
            );
    }

    private static AccountResult ResultOf(UInt128 id, CreateAccountResult r) =>
        new()
        {
            Id = id,
            Status = r.Status,
            Timestamp = r.Timestamp,
        };
}
