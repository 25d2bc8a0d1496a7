namespace Evenkeel.Watch.Upgrades.Rolling;

/// <summary>What a rolling upgrade, or the way back, did.</summary>
public sealed record RollReport
{
    /// <summary>True when every node runs what it was to run.</summary>
    public required bool Done { get; init; }

    /// <summary>Nodes in the order in which they were taken.</summary>
    public required IReadOnlyList<RolledNode> Nodes { get; init; }

    /// <summary>Why it stopped; null when it did not.</summary>
    public required string? Stopped { get; init; }

    public required double Seconds { get; init; }
}

/// <param name="Outcome">upgraded, back or failed.</param>
/// <param name="Seconds">From its stop until it was ready, had caught up and agreed.</param>
/// <param name="EqualAtEntry">Where its state was found equal to the leader's after its return.</param>
/// <param name="Control">The node it was compared with; null when it was not compared.</param>
public sealed record RolledNode(
    string Name,
    string Outcome,
    double Seconds,
    ulong? EqualAtEntry,
    string? Control,
    CanaryFigures? Figures
);
