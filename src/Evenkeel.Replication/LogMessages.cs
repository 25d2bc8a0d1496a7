using Microsoft.Extensions.Logging;

namespace Evenkeel.Replication;

/// <summary>Every log line of this project; event ids are stable.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(
        3001,
        LogLevel.Information,
        "Log started: lineage {Lineage}, snapshot {SnapshotIndex}, {FromArchive} entries from the archive, {FromLog} from the consensus log, {Milliseconds} ms"
    )]
    public static partial void LogStarted(
        this ILogger logger,
        string lineage,
        ulong snapshotIndex,
        ulong fromArchive,
        ulong fromLog,
        long milliseconds
    );

    [LoggerMessage(3002, LogLevel.Warning, "Recovery: {Note}")]
    public static partial void RecoveryNoted(this ILogger logger, string note);

    [LoggerMessage(
        3003,
        LogLevel.Information,
        "Snapshot {Index} is durable after {Milliseconds} ms"
    )]
    public static partial void SnapshotFinished(
        this ILogger logger,
        ulong index,
        long milliseconds
    );

    [LoggerMessage(3004, LogLevel.Error, "Snapshot at entry {Index} failed; the last one stands")]
    public static partial void SnapshotFailed(this ILogger logger, Exception reason, ulong index);

    [LoggerMessage(3005, LogLevel.Critical, "The log can't go on")]
    public static partial void LogFaulted(this ILogger logger, Exception reason);

    [LoggerMessage(3006, LogLevel.Warning, "Proposals are refused: {Reason}")]
    public static partial void ProposalsRefused(this ILogger logger, string reason);

    [LoggerMessage(3007, LogLevel.Information, "Proposals are accepted again")]
    public static partial void ProposalsResumed(this ILogger logger);

    [LoggerMessage(
        3008,
        LogLevel.Warning,
        "Sealed files can't be hashed now; they are when asked for"
    )]
    public static partial void HashingFailed(this ILogger logger, Exception reason);
}
