namespace Evenkeel.LedgerApi.Health;

/// <summary>Tells whether this node can serve now. The node's own health answers it.</summary>
public interface IReadiness
{
    /// <summary>Cheap; asked by every probe.</summary>
    Readiness Now();
}

/// <summary>Ready, or the reasons why not. Reasons also say what still works while ready.</summary>
public sealed record Readiness(bool Ready, IReadOnlyList<ReadinessReason> Reasons);

/// <param name="Code">Stable, snake_case.</param>
/// <param name="Detail">For people; no data of customers.</param>
public sealed record ReadinessReason(string Code, string Detail);

internal sealed record HealthResponse
{
    public required string Status { get; init; }
    public IReadOnlyList<ReadinessReason> Reasons { get; init; } = [];
}
