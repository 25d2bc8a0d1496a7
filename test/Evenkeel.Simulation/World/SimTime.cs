namespace Evenkeel.Simulation.World;

/// <summary>Virtual time; nothing waits.</summary>
internal sealed class SimTime
{
    /// <summary>Milliseconds since the run began.</summary>
    public long NowMs { get; set; }
}

/// <summary>A node's own clocks: the wall clock may be wrong and may jump, the monotonic one may not.</summary>
internal sealed class NodeClock(SimTime time) : TimeProvider
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public long SkewMs { get; set; }

    public override long TimestampFrequency => 1_000;

    public override long GetTimestamp() => time.NowMs;

    public override DateTimeOffset GetUtcNow() => s_start.AddMilliseconds(time.NowMs + SkewMs);
}
