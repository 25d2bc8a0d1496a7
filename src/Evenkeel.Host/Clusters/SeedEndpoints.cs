using System.Net.Http.Headers;
using Evenkeel.Replication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Evenkeel.Host.Clusters;

/// <summary>
/// What a member that lost its files asks the leader for: <c>/peer/v1/seed</c>, then
/// <c>/peer/v1/files/...</c> (docs/formats/seeding.md). The group that they are mapped into admits
/// members only.
/// </summary>
internal static class SeedEndpoints
{
    public static void Map(RouteGroupBuilder peers, SeedServer seeds)
    {
        // Both take as long as their rate allows; whoever waits has a patience of its own.
        peers
            .MapGet("/seed", (HttpContext _, CancellationToken token) => PlanAsync(seeds, token))
            .DisableRequestTimeout()
            .DisableRateLimiting();
        peers
            .MapGet(
                "/files/{**name}",
                (HttpContext http, string name) => SendAsync(seeds, http, name)
            )
            .DisableRequestTimeout()
            .DisableRateLimiting();
    }

    private static async Task<IResult> PlanAsync(SeedServer seeds, CancellationToken token)
    {
        try
        {
            return await seeds.PlanAsync(token).ConfigureAwait(false) is { } plan
                ? Results.Bytes(plan.ToJson(), "application/json")
                : Results.Text(
                    "this member does not lead with a majority behind it",
                    statusCode: StatusCodes.Status409Conflict
                );
        }
        catch (Exception e) when (e is IOException or ArchiveDamageException or RecoveryException)
        {
            return Results.Text(e.Message, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static async Task<IResult> SendAsync(SeedServer seeds, HttpContext http, string name)
    {
        if (!seeds.TryFind(name, out var length))
        {
            return Results.NotFound();
        }
        if (!TryRange(http.Request, length, out var from, out var to))
        {
            http.Response.Headers.ContentRange = new ContentRangeHeaderValue(length).ToString();
            return Results.StatusCode(StatusCodes.Status416RangeNotSatisfiable);
        }
        http.Response.ContentType = "application/octet-stream";
        http.Response.ContentLength = to + 1 - from;
        if (http.Request.Headers.Range.Count > 0)
        {
            http.Response.StatusCode = StatusCodes.Status206PartialContent;
            http.Response.Headers.ContentRange = new ContentRangeHeaderValue(
                from,
                to,
                length
            ).ToString();
        }
        try
        {
            if (
                !await seeds
                    .CopyAsync(name, from, to + 1 - from, http.Response.Body, http.RequestAborted)
                    .ConfigureAwait(false)
            )
            {
                http.Abort();
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The length was promised: only a broken line says that it was not kept.
            http.Abort();
        }
        return Results.Empty;
    }

    /// <summary>The whole file without a range, else the one range asked for.</summary>
    private static bool TryRange(HttpRequest request, long length, out long from, out long to)
    {
        (from, to) = (0, length - 1);
        if (request.Headers.Range.Count == 0)
        {
            return true;
        }
        if (
            !RangeHeaderValue.TryParse(request.Headers.Range, out var ranges)
            || ranges is not { Unit: "bytes", Ranges.Count: 1 }
            || ranges.Ranges.Single() is not { From: { } first } range
        )
        {
            return false;
        }
        (from, to) = (first, Math.Min(range.To ?? to, to));
        return from <= to;
    }
}
