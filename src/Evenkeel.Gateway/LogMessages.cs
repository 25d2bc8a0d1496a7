using Microsoft.Extensions.Logging;

namespace Evenkeel.Gateway;

/// <summary>Every log line of the gateway. Never a token, an account or an amount.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(8001, LogLevel.Information, "Leader: {Node}, term {Term}")]
    public static partial void LeaderFound(this ILogger log, string node, ulong term);

    [LoggerMessage(8002, LogLevel.Warning, "No leader known (last: {Node}); requests are held")]
    public static partial void LeaderUnknown(this ILogger log, string node);

    [LoggerMessage(8003, LogLevel.Error, "A request failed in the gateway: {Method} {Service}")]
    public static partial void RequestFailed(
        this ILogger log,
        Exception exception,
        string method,
        string service
    );

    [LoggerMessage(
        8004,
        LogLevel.Critical,
        "Attempts can't be recorded; payments go on and the gap is counted"
    )]
    public static partial void RecorderFailed(this ILogger log, Exception exception);

    [LoggerMessage(
        8005,
        LogLevel.Warning,
        "Attempts are recorded again; at least {Lost} are missing"
    )]
    public static partial void RecorderWorksAgain(this ILogger log, long lost);

    [LoggerMessage(8006, LogLevel.Information, "Attempts beyond their retention removed: {File}")]
    public static partial void AttemptsRemoved(this ILogger log, string file);

    [LoggerMessage(8007, LogLevel.Warning, "Attempts could not be removed: {File}")]
    public static partial void AttemptsNotRemoved(
        this ILogger log,
        Exception exception,
        string file
    );
}
