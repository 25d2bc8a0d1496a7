using System.Globalization;
using Evenkeel.Gateway.Forwarding;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.Gateway.Attempts;

/// <summary>What an attempt's end is made of.</summary>
internal readonly record struct AttemptResult(
    AttemptOutcome Outcome,
    int Tries,
    string ServedBy,
    string Reason,
    string? Position
);

/// <summary>A request that is being served.</summary>
internal sealed record AttemptTicket(
    Guid Id,
    string RequestId,
    Route Route,
    RequestScan Scan,
    AttemptRequest? Request,
    long StartedAt,
    bool HasBegun
);

/// <summary>
/// Turns requests into records: where money moves the beginning is on disk before anything is
/// forwarded, everything else follows the answer.
/// </summary>
internal sealed class AttemptLog(
    AttemptRecorder recorder,
    GatewayMetrics metrics,
    TimeProvider time
)
{
    private const string KeyPrefix = "ek_";
    private const string Bearer = "Bearer ";

    public async ValueTask<AttemptTicket> BeginAsync(
        HttpContext http,
        Route route,
        ReadOnlyMemory<byte> body
    )
    {
        long started = time.GetTimestamp();
        var id = Guid.CreateVersion7(time.GetUtcNow());
        RequestScan scan = RequestScan.Of(route.Service, http.Request.Path.Value ?? "", body.Span);
        AttemptRequest? request = route.IsRecorded
            ? Describe(http, route, scan, body.Length, id)
            : null;
        if (route.MovesMoney && request is not null)
        {
            await recorder.BeginAsync(request);
            metrics.Recorded(time.GetElapsedTime(started));
        }
        return new AttemptTicket(
            id,
            id.ToString("N", CultureInfo.InvariantCulture),
            route,
            scan,
            request,
            started,
            HasBegun: route.MovesMoney
        );
    }

    public void End(HttpContext http, AttemptTicket ticket, in AttemptResult result)
    {
        metrics.Ended(ticket.Route.Service, result.Outcome);
        if (ticket.Request is not { } request)
        {
            return;
        }
        (UInt128 lineage, ulong index) = PositionOf(result.Position);
        var end = new AttemptEnd
        {
            RequestId = ticket.Id,
            Outcome = result.Outcome,
            Tries = (byte)Math.Min(result.Tries, byte.MaxValue),
            Status =
                result.Outcome == AttemptOutcome.ClientLeft
                    ? (ushort)0
                    : (ushort)http.Response.StatusCode,
            LatencyUs = (uint)
                Math.Min(time.GetElapsedTime(ticket.StartedAt).TotalMicroseconds, uint.MaxValue),
            Lineage = lineage,
            Index = index,
            ServedBy = result.ServedBy,
            Reason = result.Reason,
        };
        if (ticket.HasBegun)
        {
            recorder.End(end);
        }
        else
        {
            recorder.Whole(request, end);
        }
    }

    /// <summary>LINEAGE/INDEX, as the API writes it; zeros when it is anything else.</summary>
    internal static (UInt128 Lineage, ulong Index) PositionOf(string? position)
    {
        int slash = position?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        return
            slash > 0
            && UInt128.TryParse(
                position.AsSpan(0, slash),
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                out UInt128 lineage
            )
            && ulong.TryParse(
                position.AsSpan(slash + 1),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out ulong index
            )
            ? (lineage, index)
            : (0, 0);
    }

    /// <summary>The number in ek_NUMBER_SECRET; 0 when there is no such key. The secret is not looked at.</summary>
    internal static ulong PrincipalOf(IHeaderDictionary headers)
    {
        string? token =
            headers["X-Api-Key"].Count == 1 ? headers["X-Api-Key"].ToString()
            : headers.Authorization.Count == 1
            && headers
                .Authorization.ToString()
                .StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
                ? headers.Authorization.ToString()[Bearer.Length..].Trim()
            : null;
        if (token is null || !token.StartsWith(KeyPrefix, StringComparison.Ordinal))
        {
            return 0;
        }
        ReadOnlySpan<char> rest = token.AsSpan(KeyPrefix.Length);
        int end = rest.IndexOf('_');
        return
            end > 0
            && ulong.TryParse(
                rest[..end],
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out ulong number
            )
            ? number
            : 0;
    }

    private AttemptRequest Describe(
        HttpContext http,
        Route route,
        RequestScan scan,
        int bodyBytes,
        Guid id
    )
    {
        string? key = http.Request.Headers["Idempotency-Key"] is { Count: 1 } values
            ? values[0]?.Trim('"')
            : null;
        bool isCut = scan.TransferIds.Count > AttemptLimits.TransferIdsMax;
        AttemptFlags flags =
            (key is null ? 0 : AttemptFlags.HasIdempotencyKey)
            | (route.MovesMoney ? AttemptFlags.MovesMoney : 0)
            | (isCut ? AttemptFlags.TransferIdsCut : 0)
            | (route.MovesMoney && !scan.IsWhole ? AttemptFlags.BodyNotUnderstood : 0);
        return new AttemptRequest
        {
            RequestId = id,
            Principal = PrincipalOf(http.Request.Headers),
            Service = route.Service,
            Method = http.Request.Method,
            Flags = flags,
            Events = (uint)scan.Events,
            BodyBytes = (uint)bodyBytes,
            IdempotencyHash = key is null ? 0 : recorder.Hasher.Request(key),
            TransferIds = isCut
                ? scan.TransferIds.GetRange(0, AttemptLimits.TransferIdsMax)
                : scan.TransferIds,
            AccountHashes =
            [
                .. scan
                    .AccountIds.Distinct()
                    .Take(AttemptLimits.AccountHashesMax)
                    .Select(recorder.Hasher.Account),
            ],
            AccountsSeen = (uint)scan.AccountIds.Count,
        };
    }
}
