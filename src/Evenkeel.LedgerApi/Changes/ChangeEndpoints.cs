using Evenkeel.Journal.Access;
using Evenkeel.LedgerApi.Json;
using Evenkeel.LedgerApi.OpenApi;
using Evenkeel.LedgerApi.Paging;
using Evenkeel.LedgerApi.Security;
using Evenkeel.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Evenkeel.LedgerApi.Changes;

internal static class ChangeEndpoints
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes
            .MapGet("/v1/change-events", (Delegate)ListAsync)
            .RequireScope(KeyScopes.LedgerRead)
            .Describe(
                "Follow the changes",
                "Every movement, oldest first, with both accounts right after it. Keep next_cursor: it is "
                    + "given at the end too, and asking with it again later goes on from there. After a restore a "
                    + "position that the bank went back behind is refused (position_not_in_history)."
            )
            .Asks([.. QueryParameters.Times, QueryParameters.Limit, QueryParameters.Cursor])
            .Gives<ChangePage>();

    private static async Task<IResult> ListAsync(HttpContext http)
    {
        ApiCall call = new(http);
        QueryReader query = new(http);
        var limit = query.Limit();
        var max = (ulong)query.Whole("timestamp_max");
        var history = http.RequestServices.GetRequiredService<LedgerApiOptions>().History;
        var last = Cursor.Change(query, http, history);
        var filter = new ChangeEventsFilter
        {
            TimestampMin = last is { } l
                ? Math.Min(l, Limits.TimestampMax - 1) + 1
                : (ulong)query.Whole("timestamp_min"),
            TimestampMax = max,
            Limit = (uint)limit + 1,
        };
        var found =
            max != 0 && filter.TimestampMin > max
                ? []
                : ApiCall.Done(await call.Journal.GetChangeEventsAsync(filter, call.Ended));
        var rows = found.Length > limit ? found[..limit] : found;
        var position = rows.Length > 0 ? rows[^1].Timestamp : last;
        return ApiCall.Json(
            new ChangePage
            {
                ChangeEvents = Array.ConvertAll(rows, ChangeResponse.From),
                NextCursor = position is { } p
                    ? Cursor.OfChange(query.FilterText(http), p, history)
                    : null,
                HasMore = found.Length > limit,
            },
            ApiJson.Default.ChangePage
        );
    }
}
