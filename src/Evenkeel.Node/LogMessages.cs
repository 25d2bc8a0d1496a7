using Microsoft.Extensions.Logging;

namespace Evenkeel.Node;

/// <summary>Every log line of the node; ids are stable. No keys, names, numbers of cards or balances.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(
        2001,
        LogLevel.Information,
        "Serving: entry {AppliedIndex}, {Accounts} accounts, {Transfers} transfer ids, {Rows} rows, after {ElapsedMs} ms"
    )]
    public static partial void Serving(
        this ILogger logger,
        ulong appliedIndex,
        long accounts,
        long transfers,
        ulong rows,
        long elapsedMs
    );

    [LoggerMessage(
        2002,
        LogLevel.Information,
        "The binary protocol listens on {Endpoint}, TLS {Tls}"
    )]
    public static partial void Listening(this ILogger logger, string endpoint, bool tls);

    [LoggerMessage(2003, LogLevel.Warning, "Recovery: {Note}")]
    public static partial void RecoveryNoted(this ILogger logger, string note);

    [LoggerMessage(
        2004,
        LogLevel.Error,
        "The wall clock stepped by {StepNs} ns; log time goes on at the monotonic rate until the step is confirmed"
    )]
    public static partial void ClockStepped(this ILogger logger, long stepNs);

    [LoggerMessage(2005, LogLevel.Warning, "A step of the wall clock of {StepNs} ns was confirmed")]
    public static partial void ClockConfirmed(this ILogger logger, long stepNs);

    [LoggerMessage(2006, LogLevel.Information, "The step of the wall clock went away")]
    public static partial void ClockSteadied(this ILogger logger);

    [LoggerMessage(2007, LogLevel.Warning, "The clock's stamp could not be written: {Reason}")]
    public static partial void ClockStampFailed(this ILogger logger, string reason);

    [LoggerMessage(2008, LogLevel.Critical, "The node can't go on")]
    public static partial void Fatal(this ILogger logger, Exception reason);

    [LoggerMessage(2009, LogLevel.Warning, "{Code}: {Detail}")]
    public static partial void HealthChanged(this ILogger logger, string code, string detail);

    [LoggerMessage(2011, LogLevel.Error, "The scrub found: {Finding}; the next start rebuilds it")]
    public static partial void ScrubFound(this ILogger logger, string finding);

    [LoggerMessage(2012, LogLevel.Information, "Leading in term {Term}")]
    public static partial void Leading(this ILogger logger, ulong term);

    [LoggerMessage(2013, LogLevel.Information, "No longer leading in term {Term}")]
    public static partial void LeadingEnded(this ILogger logger, ulong term);

    [LoggerMessage(2014, LogLevel.Error, "No digest behind entry {Index}")]
    public static partial void DigestFailed(this ILogger logger, Exception reason, ulong index);

    [LoggerMessage(2015, LogLevel.Error, "A note for the next start could not be left: {Reason}")]
    public static partial void NoteFailed(this ILogger logger, string reason);

    [LoggerMessage(2010, LogLevel.Information, "Stopped at entry {AppliedIndex}")]
    public static partial void Stopped(this ILogger logger, ulong appliedIndex);

    [LoggerMessage(
        2030,
        LogLevel.Error,
        "A checkpoint of the archive could not be signed: {Reason}"
    )]
    public static partial void CheckpointFailed(this ILogger logger, string reason);

    [LoggerMessage(
        2031,
        LogLevel.Critical,
        "The archive at entry {Index} is not what this node signed before: nothing more is signed; run 'evenkeel verify log'"
    )]
    public static partial void CheckpointContradicted(this ILogger logger, ulong index);
}
