using Evenkeel.LedgerApi.Problems;
using Evenkeel.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Evenkeel.LedgerApi.Security;

/// <summary>Every way for a request to go wrong ends here, as problem details.</summary>
internal sealed class Refusing(
    RequestDelegate next,
    IHostApplicationLifetime lifetime,
    ILogger<Refusing> log
)
{
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
            await ExplainBareStatusAsync(http);
        }
        catch (RefusedException e) when (!http.Response.HasStarted)
        {
            await ProblemWriter.WriteAsync(http, e);
        }
        catch (BadHttpRequestException e) when (!http.Response.HasStarted)
        {
            await ProblemWriter.WriteAsync(http, ReasonOf(e.StatusCode));
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client left; there is nobody to tell.
            http.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        }
        catch (InvariantException e)
        {
            // A wrong bank is worse than a stopped one.
            log.InvariantBroken(e);
            lifetime.StopApplication();
            await FailAsync(http);
        }
        catch (Exception e)
        {
            log.RequestFailed(e, http.Request.Method, RouteOf(http));
            await FailAsync(http);
        }
    }

    private static async Task FailAsync(HttpContext http)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }
        await ProblemWriter.WriteAsync(http, Reasons.InternalError);
    }

    /// <summary>The framework's own refusals have a status and no words.</summary>
    private static Task ExplainBareStatusAsync(HttpContext http)
    {
        var response = http.Response;
        return response.HasStarted || response.StatusCode < 400 || response.ContentType is not null
            ? Task.CompletedTask
            : ProblemWriter.WriteAsync(http, ReasonOf(response.StatusCode));
    }

    private static Reason ReasonOf(int status) =>
        status switch
        {
            StatusCodes.Status401Unauthorized => Reasons.Unauthenticated,
            StatusCodes.Status403Forbidden => Reasons.MissingScope,
            StatusCodes.Status404NotFound => Reasons.NotFound,
            StatusCodes.Status405MethodNotAllowed => Reasons.MethodNotAllowed,
            StatusCodes.Status408RequestTimeout => Reasons.TooSlow,
            StatusCodes.Status413PayloadTooLarge => Reasons.TooLarge,
            StatusCodes.Status415UnsupportedMediaType => Reasons.UnsupportedMediaType,
            StatusCodes.Status429TooManyRequests => Reasons.RateLimited,
            >= 500 => Reasons.InternalError,
            _ => Reasons.InvalidRequest,
        };

    /// <summary>The pattern, not the path: paths hold account numbers.</summary>
    private static string RouteOf(HttpContext http) =>
        (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "none";
}
