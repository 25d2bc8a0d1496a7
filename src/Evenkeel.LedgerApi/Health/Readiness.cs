using System.ComponentModel;

namespace Evenkeel.LedgerApi.Health;

/// <summary>Tells whether this node can serve now. The node's own health answers it.</summary>
public interface IReadiness
{
    /// <summary>Cheap; asked by every probe.</summary>
    Readiness Now();
}

/// <summary>How the node is.</summary>
/// <param name="Live">False = the process should be restarted.</param>
/// <param name="Ready">It serves reads and writes.</param>
/// <param name="Reasons">Why not; while ready, what somebody should know.</param>
public sealed record Readiness(bool Live, bool Ready, IReadOnlyList<ReadinessReason> Reasons)
{
    /// <summary>Writes are taken here: it leads and has applied everything of earlier terms.</summary>
    public bool Leads { get; init; }

    /// <summary>Of the leadership: of two nodes that say they lead, the higher one is right.</summary>
    public ulong Term { get; init; }

    /// <summary>Port of the contract between channels and the bank; null where none is served.</summary>
    public int? BankPort { get; init; }
}

/// <param name="Code">Stable, snake_case.</param>
/// <param name="Detail">For people; no data of customers.</param>
public sealed record ReadinessReason(string Code, string Detail);

internal sealed record HealthResponse
{
    public required string Status { get; init; }

    [Description("Of the leadership, from /leaderz of a node that leads.")]
    public ulong? Term { get; init; }

    [Description("Of a node that leads: port of the contract between channels and the bank.")]
    public int? BankPort { get; init; }
    public IReadOnlyList<ReadinessReason> Reasons { get; init; } = [];
}
