using System.Diagnostics;
using System.Globalization;
using Evenkeel.LedgerApi.Json;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.LedgerApi.Problems;

/// <summary>The meaning of one reason, for whoever follows a problem's type.</summary>
internal sealed record ReasonResponse(string Reason, int Status, string Title, string Retry);

/// <summary>
/// A decision of the ledger that is a refusal: an ordinary answer, so no exception is thrown for it.
/// </summary>
internal sealed record ProblemResult(Reason Reason) : IResult
{
    public int? FailedIndex { get; init; }
    public string? FailedStatus { get; init; }

    public Task ExecuteAsync(HttpContext httpContext) =>
        ProblemWriter.WriteAsync(
            httpContext,
            new RefusedException(Reason) { FailedIndex = FailedIndex, FailedStatus = FailedStatus }
        );
}

/// <summary>Writes problem details; the only place that does.</summary>
internal static class ProblemWriter
{
    private const string MediaType = "application/problem+json";

    public static Task WriteAsync(HttpContext http, Reason reason, string? detail = null) =>
        WriteAsync(http, new RefusedException(reason, detail));

    public static Task WriteAsync(HttpContext http, RefusedException refusal)
    {
        var reason = refusal.Reason;
        ApiMeter.Refused(reason);
        http.Response.StatusCode = reason.Status;
        // Elsewhere, too: after an election this node may be the right one.
        if (reason.Retry is Retry.Later or Retry.Elsewhere)
        {
            http.Response.Headers.RetryAfter = ApiLimits.RetryAfterSeconds.ToString(
                CultureInfo.InvariantCulture
            );
        }
        var problem = new Problem
        {
            Type = reason.Type,
            Title = reason.Title,
            Status = reason.Status,
            Detail = refusal.Detail,
            Reason = reason.Code,
            Outcome = IsUnknown(http, reason) ? "unknown" : "not_done",
            Retry = reason.Retry,
            TraceId = Activity.Current?.TraceId.ToHexString(),
            MissingScopes = refusal.MissingScopes,
            FailedIndex = refusal.FailedIndex,
            FailedStatus = refusal.FailedStatus,
            ForkTimestamp = refusal.ForkTimestamp,
            ForkIndex = refusal.ForkIndex,
        };
        return http.Response.WriteAsJsonAsync(
            problem,
            ApiJson.Default.Problem,
            MediaType,
            CancellationToken.None
        );
    }

    /// <summary>A failure of ours after the proposal says nothing about the proposal.</summary>
    private static bool IsUnknown(HttpContext http, Reason reason) =>
        reason == Reasons.UnknownOutcome
        || (reason == Reasons.InternalError && ApiCall.HasProposed(http));
}
