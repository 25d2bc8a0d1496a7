using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Evenkeel.Gateway.Forwarding;

/// <summary>How one try at one node ended.</summary>
internal enum TryOutcome
{
    /// <summary>The node's answer is here, whole.</summary>
    Answered,

    /// <summary>Certainly nothing happened there, and another node or moment may do it.</summary>
    NotThere,

    /// <summary>It may have happened: the line broke, or the node itself does not know.</summary>
    Uncertain,

    /// <summary>The node failed at it; it may be the request's own doing.</summary>
    Failed,

    /// <summary>The answer is larger than the gateway holds.</summary>
    TooLarge,

    /// <summary>There is no room to hold the answer.</summary>
    NoRoom,
}

/// <summary>
/// One request sent to one node. The answer is read whole before the client sees a byte of it, so
/// that an answer that breaks in the middle is a reason to ask again, not half an answer.
/// </summary>
/// <param name="answer">Where the answer goes.</param>
/// <param name="afterUncertain">
/// An earlier try of this write may have done it. A refusal that was made before the ledger looked at
/// the ids then says nothing about the request.
/// </param>
/// <param name="passFailure">"The server failed" is an answer: it was tried often enough.</param>
internal sealed class Try(
    string requestId,
    string servedBy,
    BodyBuffer answer,
    long answerBytesMax,
    bool afterUncertain,
    bool passFailure
) : HttpTransformer
{
    public const string PositionHeader = "Evenkeel-Position";
    public const string ServedByHeader = "Evenkeel-Served-By";
    public const string RequestIdHeader = "Evenkeel-Request-Id";

    private const string OwnHeaders = "Evenkeel-";
    private const string Forwarded = "Forwarded";
    private const string XForwarded = "X-Forwarded-";

    private bool _sent;

    /// <summary>Uncertain until the node's answer says otherwise.</summary>
    public TryOutcome Outcome { get; private set; } = TryOutcome.Uncertain;

    /// <summary>The reason in the node's problem details; empty without.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>The node says that it does not know whether it happened.</summary>
    public bool SaysUnknown { get; private set; }

    /// <summary>The ledger's position that the node acknowledged; null when it told none.</summary>
    public string? Position { get; private set; }

    /// <summary>Makes what the forwarder said of a try without an answer into an outcome.</summary>
    public void Conclude(ForwarderError error, Exception? exception)
    {
        if (error == ForwarderError.None || Outcome != TryOutcome.Uncertain)
        {
            return;
        }
        bool neverConnected =
            error == ForwarderError.Request
            && exception
                is HttpRequestException
                {
                    HttpRequestError: HttpRequestError.ConnectionError
                        or HttpRequestError.NameResolutionError
                        or HttpRequestError.SecureConnectionError
                };
        if (neverConnected || !_sent)
        {
            Outcome = TryOutcome.NotThere;
        }
    }

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext,
        HttpRequestMessage proxyRequest,
        string destinationPrefix,
        CancellationToken cancellationToken
    )
    {
        await base.TransformRequestAsync(
            httpContext,
            proxyRequest,
            destinationPrefix,
            cancellationToken
        );
        var headers = proxyRequest.Headers;
        headers.Host = null;
        // Whatever the client claims about where it comes from or who it is to us is not passed on.
        foreach (string name in headers.Select(h => h.Key).Where(IsOurs).ToArray())
        {
            headers.Remove(name);
        }
        ConnectionInfo connection = httpContext.Connection;
        headers.TryAddWithoutValidation("X-Forwarded-For", connection.RemoteIpAddress?.ToString());
        headers.TryAddWithoutValidation("X-Forwarded-Proto", httpContext.Request.Scheme);
        headers.TryAddWithoutValidation(RequestIdHeader, requestId);
        _sent = true;
    }

    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext,
        HttpResponseMessage? proxyResponse,
        CancellationToken cancellationToken
    )
    {
        if (proxyResponse is null)
        {
            return false;
        }
        try
        {
            Stream body = await proxyResponse.Content.ReadAsStreamAsync(cancellationToken);
            bool isHead = HttpMethods.IsHead(httpContext.Request.Method);
            BufferOutcome read = isHead
                ? BufferOutcome.Read
                : await answer.FillAsync(
                    body,
                    proxyResponse.Content.Headers.ContentLength,
                    answerBytesMax,
                    cancellationToken
                );
            Outcome = read switch
            {
                BufferOutcome.TooLarge => TryOutcome.TooLarge,
                BufferOutcome.NoRoom => TryOutcome.NoRoom,
                _ => Judge(proxyResponse),
            };
        }
        catch (Exception broken)
            when (broken is HttpRequestException or IOException or OperationCanceledException)
        {
            Outcome = TryOutcome.Uncertain;
        }
        if (Outcome != TryOutcome.Answered)
        {
            return false;
        }
        Position = proxyResponse.Headers.TryGetValues(PositionHeader, out var positions)
            ? positions.FirstOrDefault()
            : null;
        await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        IHeaderDictionary headers = httpContext.Response.Headers;
        headers[ServedByHeader] = servedBy;
        // The gateway writes the body itself.
        return false;
    }

    private TryOutcome Judge(HttpResponseMessage response)
    {
        if (
            response.StatusCode >= HttpStatusCode.BadRequest
            && response.Content.Headers.ContentType?.MediaType
                is "application/problem+json"
                    or "application/json"
        )
        {
            (Reason, SaysUnknown) = ReadProblem(answer.Bytes.Span);
        }
        switch (Reason)
        {
            case "not_leader" or "unavailable":
                return TryOutcome.NotThere;
            case "unknown_outcome":
                return TryOutcome.Uncertain;
            case "internal_error" when !passFailure:
                return TryOutcome.Failed;
            case "internal_error" when SaysUnknown:
                return TryOutcome.Answered;
            default:
                return afterUncertain && IsInconclusive(response.StatusCode)
                    ? TryOutcome.NotThere
                    : TryOutcome.Answered;
        }
    }

    /// <summary>Said before the ledger compared ids: true of this try, not of an earlier one.</summary>
    private static bool IsInconclusive(HttpStatusCode status) =>
        status
            is HttpStatusCode.Unauthorized
                or HttpStatusCode.Forbidden
                or HttpStatusCode.RequestTimeout
                or HttpStatusCode.TooManyRequests
                or >= HttpStatusCode.InternalServerError;

    private static (string Reason, bool IsUnknown) ReadProblem(ReadOnlySpan<byte> body)
    {
        if (body.Length > GatewayLimits.ProblemBytesMax)
        {
            return ("", false);
        }
        try
        {
            ProblemBody? problem = JsonSerializer.Deserialize(
                body,
                GatewayJson.Default.ProblemBody
            );
            return (
                problem?.Reason ?? "",
                string.Equals(problem?.Outcome, "unknown", StringComparison.Ordinal)
            );
        }
        catch (JsonException)
        {
            return ("", false);
        }
    }

    private static bool IsOurs(string name) =>
        name.StartsWith(OwnHeaders, StringComparison.OrdinalIgnoreCase)
        || name.StartsWith(XForwarded, StringComparison.OrdinalIgnoreCase)
        || string.Equals(name, Forwarded, StringComparison.OrdinalIgnoreCase);
}
