namespace Evenkeel.Banking.Queries;

/// <summary>Log time (nanoseconds since the Unix epoch) and instants, which have 100 nanoseconds.</summary>
internal static class LogTime
{
    private const ulong NanosecondsPerTick = 100;

    public static DateTimeOffset ToInstant(ulong nanoseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks((long)(nanoseconds / NanosecondsPerTick));
}
