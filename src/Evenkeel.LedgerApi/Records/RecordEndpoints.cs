using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.LedgerApi.Json;
using Evenkeel.LedgerApi.OpenApi;
using Evenkeel.LedgerApi.Paging;
using Evenkeel.LedgerApi.Problems;
using Evenkeel.LedgerApi.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Evenkeel.LedgerApi.Records;

internal static class RecordEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapGet("/v1/records/{collection}/{key}", GetAsync)
            .RequireScope(KeyScopes.RecordsRead)
            .Describe("Read a record", "The version guards the next write of it.")
            .Gives<RecordResponse>();
        routes
            .MapGet("/v1/records/{collection}", ListAsync)
            .RequireScope(KeyScopes.RecordsRead)
            .Describe(
                "List records",
                "In the order of their keys. A key that holds a slash is found by prefix."
            )
            .Asks([QueryParameters.Prefix, QueryParameters.Limit, QueryParameters.Cursor])
            .Gives<RecordPageResponse>();
    }

    private static async Task<IResult> GetAsync(HttpContext http, string collection, string key)
    {
        ApiCall call = new(http);
        var query = new RecordQuery
        {
            Collection = Visible(collection),
            Key = key,
            Limit = 1,
        };
        var page = ApiCall.Done(await call.Journal.ReadRecordsAsync(query, call.Ended));
        return page.Records.Count == 0
            ? throw new RefusedException(Reasons.NotFound)
            : ApiCall.Json(RecordResponse.From(page.Records[0]), ApiJson.Default.RecordResponse);
    }

    private static async Task<IResult> ListAsync(HttpContext http, string collection)
    {
        ApiCall call = new(http);
        QueryReader query = new(http);
        var asked = new RecordQuery
        {
            Collection = Visible(collection),
            Prefix = query.Text("prefix"),
            After = Cursor.Key(query, http),
            Limit = query.Limit(),
        };
        var page = ApiCall.Done(await call.Journal.ReadRecordsAsync(asked, call.Ended));
        return ApiCall.Json(
            new RecordPageResponse
            {
                Records = [.. page.Records.Select(RecordResponse.From)],
                NextCursor = page.Next is { } next
                    ? Cursor.OfKey(query.FilterText(http), next)
                    : null,
            },
            ApiJson.Default.RecordPageResponse
        );
    }

    private static string Visible(string collection) =>
        AccessRules.IsHidden(collection)
            ? throw new RefusedException(Reasons.ReservedCollection)
            : collection;
}
