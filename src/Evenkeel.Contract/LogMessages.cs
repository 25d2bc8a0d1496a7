using Microsoft.Extensions.Logging;

namespace Evenkeel.Contract;

/// <summary>Every line that this project logs.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(3001, LogLevel.Warning, "A call of {Method} from {From} was not admitted.")]
    public static partial void NotAdmitted(this ILogger logger, string method, string from);

    [LoggerMessage(3002, LogLevel.Error, "{Method} failed.")]
    public static partial void CallFailed(this ILogger logger, Exception failure, string method);

    [LoggerMessage(3003, LogLevel.Error, "{Bank} does not admit this program: {Detail}")]
    public static partial void Refused(this ILogger logger, string bank, string detail);

    [LoggerMessage(3004, LogLevel.Warning, "{Bank} answered {Method} with {Status}: {Detail}")]
    public static partial void TryFailed(
        this ILogger logger,
        string bank,
        string method,
        Grpc.Core.StatusCode status,
        string detail
    );
}
