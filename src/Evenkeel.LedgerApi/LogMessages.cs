using Microsoft.Extensions.Logging;

namespace Evenkeel.LedgerApi;

/// <summary>Every log line of this interface. Never a token, a name or a balance.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(7001, LogLevel.Error, "A request failed: {Method} {Route}")]
    public static partial void RequestFailed(
        this ILogger log,
        Exception exception,
        string method,
        string route
    );

    [LoggerMessage(7002, LogLevel.Critical, "An invariant is broken; the process stops")]
    public static partial void InvariantBroken(this ILogger log, Exception exception);

    [LoggerMessage(7003, LogLevel.Debug, "Old idempotency records removed: {Removed}")]
    public static partial void IdempotencySwept(this ILogger log, int removed);

    [LoggerMessage(7004, LogLevel.Warning, "Old idempotency records could not be removed")]
    public static partial void IdempotencySweepFailed(this ILogger log, Exception exception);

    [LoggerMessage(7005, LogLevel.Information, "API key {Number} was issued by key {By}")]
    public static partial void KeyIssued(this ILogger log, ulong number, ulong by);

    [LoggerMessage(7006, LogLevel.Information, "API key {Number} was revoked by key {By}")]
    public static partial void KeyRevoked(this ILogger log, ulong number, ulong by);
}
