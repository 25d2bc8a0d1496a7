using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.LedgerApi.Security;

internal static class SecurityHeaders
{
    private const string Nothing = "default-src 'none'; frame-ancestors 'none'";

    /// <summary>The reference page may load from this server and from nowhere else.</summary>
    private const string OwnOnly =
        "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        + "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'";

    public static void UseSecurityHeaders(this IApplicationBuilder app, bool tls) =>
        app.Use(
            (http, next) =>
            {
                var headers = http.Response.Headers;
                var page = http.Request.Path.StartsWithSegments(
                    "/reference",
                    StringComparison.Ordinal
                );
                headers.XContentTypeOptions = "nosniff";
                headers.XFrameOptions = "DENY";
                headers["Referrer-Policy"] = "no-referrer";
                headers["Cross-Origin-Resource-Policy"] = "same-origin";
                headers.ContentSecurityPolicy = page ? OwnOnly : Nothing;
                headers.CacheControl = "no-store";
                if (tls)
                {
                    headers.StrictTransportSecurity = "max-age=31536000";
                }
                return next(http);
            }
        );
}
