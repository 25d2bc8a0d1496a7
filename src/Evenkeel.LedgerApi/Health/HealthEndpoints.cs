using System.Globalization;
using Evenkeel.LedgerApi.Json;
using Evenkeel.LedgerApi.OpenApi;
using Evenkeel.LedgerApi.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Evenkeel.LedgerApi.Health;

/// <summary>Open without a key: they carry no data.</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapGet("/healthz", Live)
            .AllowAnonymous()
            .Describe(
                "Alive?",
                "200 as long as the process can go on; 503 when it should be restarted."
            )
            .Gives<HealthResponse>()
            .Gives<HealthResponse>(StatusCodes.Status503ServiceUnavailable);
        routes
            .MapGet("/readyz", Ready)
            .AllowAnonymous()
            .Describe("Ready?", "200 when this node serves; 503 with the reasons when it does not.")
            .Gives<HealthResponse>()
            .Gives<HealthResponse>(StatusCodes.Status503ServiceUnavailable);
        routes
            .MapGet("/leaderz", Leads)
            .AllowAnonymous()
            .Describe(
                "Leads?",
                "200 when this node leads and serves; 503 when another one does, or nobody."
            )
            .Gives<HealthResponse>()
            .Gives<HealthResponse>(StatusCodes.Status503ServiceUnavailable);
        routes
            .MapGet("/problems/{reason}", Meaning)
            .AllowAnonymous()
            .Describe("What a problem means", "The page that a problem's type points to.")
            .Gives<ReasonResponse>();
    }

    private static IResult Live(IReadiness readiness)
    {
        var live = readiness.Now().Live;
        return ApiCall.Json(
            new HealthResponse { Status = live ? "alive" : "failed" },
            ApiJson.Default.HealthResponse,
            live ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable
        );
    }

    private static IResult Leads(IReadiness readiness)
    {
        var now = readiness.Now();
        var leads = now is { Leads: true, Ready: true };
        return ApiCall.Json(
            new HealthResponse
            {
                Status = leads ? "leads" : "follows",
                Term = leads ? now.Term : null,
                BankPort = leads ? now.BankPort : null,
            },
            ApiJson.Default.HealthResponse,
            leads ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable
        );
    }

    private static IResult Ready(HttpContext http, IReadiness readiness)
    {
        var now = readiness.Now();
        if (!now.Ready)
        {
            http.Response.Headers.RetryAfter = ApiLimits.RetryAfterSeconds.ToString(
                CultureInfo.InvariantCulture
            );
        }
        return ApiCall.Json(
            new HealthResponse
            {
                Status = now.Ready ? "ready" : "not_ready",
                Reasons = now.Reasons,
            },
            ApiJson.Default.HealthResponse,
            now.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable
        );
    }

    private static IResult Meaning(string reason) =>
        Reasons.Find(reason) is { } r
            ? ApiCall.Json(
                new ReasonResponse(r.Code, r.Status, r.Title, r.Retry),
                ApiJson.Default.ReasonResponse
            )
            : throw new RefusedException(Reasons.NotFound);
}
