namespace Evenkeel.Watch.Upgrades.Rolling;

/// <summary>How a rolling upgrade goes, and when it stops by itself.</summary>
public sealed record RollOptions
{
    /// <summary>The program that is to serve.</summary>
    public required string CandidatePath { get; init; }

    /// <summary>How long each upgraded node is compared with one that was not touched.</summary>
    public TimeSpan Soak { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Not measured: a process that has just started compiles, fills caches and catches up.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan SampleEvery { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a node may take until it is ready, has caught up and agrees.</summary>
    public TimeSpan ReadyMax { get; init; } = TimeSpan.FromMinutes(3);

    public CanaryLimits Limits { get; init; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>How much worse than the control node the upgraded one may be.</summary>
public sealed record CanaryLimits
{
    /// <summary>Failed probes more than the control has, per mille of all.</summary>
    public int ErrorsPerMilleMax { get; init; } = 10;

    /// <summary>Median latency as a multiple of the control's, per cent.</summary>
    public int LatencyPercentMax { get; init; } = 300;

    /// <summary>Differences of latency below this don't count, milliseconds.</summary>
    public int LatencyMsIgnored { get; init; } = 20;

    /// <summary>Memory grown since the warm-up, more than the control has, bytes.</summary>
    public long MemoryBytesMax { get; init; } = 64L << 20;

    /// <summary>Probes before errors and latency are judged.</summary>
    public int ProbesMin { get; init; } = 20;
}
