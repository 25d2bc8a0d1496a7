namespace Evenkeel.Journal.Decisions;

/// <summary>The limits of a <see cref="DecisionQueue"/>.</summary>
public sealed record DecisionLimits
{
    /// <summary>Decisions at work or waiting; one more is refused as busy.</summary>
    public int DecisionsMax { get; init; } = 4_096;

    /// <summary>Decisions at work or waiting on one key.</summary>
    public int DecisionsPerKeyMax { get; init; } = 256;

    /// <summary>How often a decision is made anew because a guard was stale, the first included.</summary>
    public int AttemptsMax { get; init; } = 16;

    /// <summary>Bytes of records that are kept from one decision for the next ones; 0 = none.</summary>
    public long CacheBytesMax { get; init; } = 64L << 20;

    /// <summary>Keys that one decision queues on.</summary>
    public const int KeysMax = 16;
}
