using Microsoft.Extensions.Logging;

namespace Evenkeel.Host;

/// <summary>Every log line of the executable itself; event ids are stable.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(
        8001,
        LogLevel.Warning,
        "Seeding begins: {Directory} can't be opened as it is ({Reason}); until it is whole this member takes part in nothing"
    )]
    public static partial void SeedingBegins(this ILogger logger, string directory, string reason);

    [LoggerMessage(8002, LogLevel.Warning, "Seeding waits: {Reason}")]
    public static partial void SeedingWaits(this ILogger logger, string reason);

    [LoggerMessage(8003, LogLevel.Information, "Seeding: pass {Pass}, {Done} of {Total} MiB")]
    public static partial void SeedingGoesOn(this ILogger logger, int pass, long done, long total);

    [LoggerMessage(
        8004,
        LogLevel.Information,
        "Seeding done: from {Member} in term {Term}, snapshot {Snapshot}, archive to entry {Archive}, {Fetched} MiB fetched, {Reused} MiB kept, {Passes} passes, {Milliseconds} ms"
    )]
    public static partial void SeedingDone(
        this ILogger logger,
        string member,
        ulong term,
        ulong snapshot,
        ulong archive,
        long fetched,
        long reused,
        int passes,
        long milliseconds
    );

    [LoggerMessage(
        8005,
        LogLevel.Critical,
        "This member must be seeded and ends: {Reason}. Start it again"
    )]
    public static partial void MustBeSeeded(this ILogger logger, string reason);

    [LoggerMessage(
        8006,
        LogLevel.Warning,
        "A step of {Work} failed; it will be tried again: {Reason}"
    )]
    public static partial void WorkFailed(this ILogger logger, string work, string reason);
}
