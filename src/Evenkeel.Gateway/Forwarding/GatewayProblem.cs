using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.Gateway.Forwarding;

/// <summary>Problem details as the API gives them (docs/api.md), made by the gateway itself.</summary>
internal sealed record GatewayProblem(
    string Reason,
    int Status,
    string Title,
    string Outcome,
    string Retry
)
{
    private const string NotDone = "not_done";
    private const string MediaType = "application/problem+json";

    public static readonly GatewayProblem NotFound = new(
        "not_found",
        404,
        "There is no such thing.",
        NotDone,
        "never"
    );
    public static readonly GatewayProblem MethodNotAllowed = new(
        "method_not_allowed",
        405,
        "This resource does not know the method.",
        NotDone,
        "never"
    );
    public static readonly GatewayProblem InvalidRequest = new(
        "invalid_request",
        400,
        "The request does not have the right shape.",
        NotDone,
        "never"
    );
    public static readonly GatewayProblem TooSlow = new(
        "request_too_slow",
        408,
        "The request arrived too slowly.",
        NotDone,
        "later"
    );
    public static readonly GatewayProblem TooLarge = new(
        "too_large",
        413,
        "The request is larger than the limit.",
        NotDone,
        "never"
    );
    public static readonly GatewayProblem AnswerTooLarge = new(
        "too_large",
        502,
        "The answer is larger than the gateway's limit: ask for smaller pages.",
        "unknown",
        "never"
    );
    public static readonly GatewayProblem Busy = new(
        "busy",
        503,
        "Too many requests at once.",
        NotDone,
        "later"
    );
    public static readonly GatewayProblem Unavailable = new(
        "unavailable",
        503,
        "No node could take the request within the time that the gateway holds it.",
        NotDone,
        "later"
    );
    public static readonly GatewayProblem UnknownOutcome = new(
        "unknown_outcome",
        504,
        "It may or may not have happened: ask again with the same ids.",
        "unknown",
        "same_request"
    );
    public static readonly GatewayProblem InternalError = new(
        "internal_error",
        500,
        "The gateway failed.",
        "unknown",
        "same_request"
    );

    public Task WriteAsync(HttpContext http, string? detail = null)
    {
        HttpResponse response = http.Response;
        response.StatusCode = Status;
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.XFrameOptions = "DENY";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (string.Equals(Retry, "later", StringComparison.Ordinal))
        {
            response.Headers.RetryAfter = GatewayLimits.RetryAfterSeconds.ToString(
                CultureInfo.InvariantCulture
            );
        }
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(
            new ProblemBody
            {
                Type = $"/problems/{Reason}",
                Title = Title,
                Status = Status,
                Detail = detail,
                Reason = Reason,
                Outcome = Outcome,
                Retry = Retry,
            },
            GatewayJson.Default.ProblemBody
        );
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(http.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(body).AsTask();
    }
}

/// <summary>RFC 9457, with the members that the API adds.</summary>
internal sealed record ProblemBody
{
    public string Type { get; init; } = "";
    public string Title { get; init; } = "";
    public int Status { get; init; }
    public string? Detail { get; init; }
    public string Reason { get; init; } = "";
    public string Outcome { get; init; } = "";
    public string Retry { get; init; } = "";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(ProblemBody))]
[JsonSerializable(typeof(GatewayHealth))]
internal sealed partial class GatewayJson : JsonSerializerContext;

/// <param name="Leader">The node that leads; null while none is known.</param>
/// <param name="Recorder">"working" or "failed": payments go on without it.</param>
internal sealed record GatewayHealth(string Status, string? Leader, string Recorder);
