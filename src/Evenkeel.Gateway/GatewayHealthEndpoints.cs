using System.Globalization;
using Evenkeel.Gateway.Attempts;
using Evenkeel.Gateway.Forwarding;
using Evenkeel.Gateway.Leaders;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.Gateway;

/// <summary>The gateway's own health; that of nodes is asked at the nodes.</summary>
internal static class GatewayHealthEndpoints
{
    public static Task LiveAsync(
        HttpContext http,
        LeaderFinder leaders,
        AttemptRecorder recorder
    ) => WriteAsync(http, "alive", StatusCodes.Status200OK, leaders, recorder);

    /// <summary>Ready is who knows a leader. A recorder that fails is told, and stops nothing.</summary>
    public static Task ReadyAsync(HttpContext http, LeaderFinder leaders, AttemptRecorder recorder)
    {
        bool isReady = leaders.Current is not null;
        if (!isReady)
        {
            http.Response.Headers.RetryAfter = GatewayLimits.RetryAfterSeconds.ToString(
                CultureInfo.InvariantCulture
            );
        }
        return WriteAsync(
            http,
            isReady ? "ready" : "not_ready",
            isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
            leaders,
            recorder
        );
    }

    private static Task WriteAsync(
        HttpContext http,
        string status,
        int code,
        LeaderFinder leaders,
        AttemptRecorder recorder
    )
    {
        http.Response.StatusCode = code;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return http.Response.WriteAsJsonAsync(
            new GatewayHealth(
                status,
                leaders.Current?.Node.Name,
                recorder.IsFailing ? "failed" : "working"
            ),
            GatewayJson.Default.GatewayHealth,
            cancellationToken: http.RequestAborted
        );
    }
}
