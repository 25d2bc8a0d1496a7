namespace Evenkeel.Watch.Upgrades.Rolling;

/// <summary>A cluster whose programs can be exchanged node by node.</summary>
public interface IRollTarget
{
    /// <summary>Names, in the order of the configuration.</summary>
    IReadOnlyList<string> Nodes { get; }

    /// <summary>What the members say about each other now; empty when nobody answers.</summary>
    Task<IReadOnlyList<NodeView>> LookAsync(CancellationToken cancellationToken);

    /// <summary>One small request to one node, answered by itself.</summary>
    Task<Probe> ProbeAsync(string node, CancellationToken cancellationToken);

    /// <summary>
    /// Lets another member lead, with no failed request where that is possible; nothing happens when
    /// the node does not lead.
    /// </summary>
    Task HandOverAsync(string node, CancellationToken cancellationToken);

    /// <summary>Stops the node's process and has it started again with this program.</summary>
    Task RestartAsync(string node, string executable, CancellationToken cancellationToken);

    /// <summary>What the node's process runs now.</summary>
    string ExecutableOf(string node);
}

/// <summary>A node as the cluster sees it.</summary>
public sealed record NodeView
{
    public required string Name { get; init; }
    public required bool Answers { get; init; }
    public required bool Leads { get; init; }

    /// <summary>Hash of its program, by its own words.</summary>
    public required string Program { get; init; }
    public required uint StateVersion { get; init; }
    public required ulong AppliedIndex { get; init; }
    public required ulong LagEntries { get; init; }

    /// <summary>The latest entry at which its state equals the leader's; null when none is known.</summary>
    public required ulong? EqualAtEntry { get; init; }

    /// <summary>Why it should not take part, other than that its program is another one.</summary>
    public required IReadOnlyList<string> Problems { get; init; }
}

/// <param name="Ok">Answered, and with success.</param>
/// <param name="Latency">Until the answer, or until it was given up.</param>
/// <param name="ResidentBytes">Memory of the node's process; 0 when it can't be read.</param>
public sealed record Probe(bool Ok, TimeSpan Latency, long ResidentBytes);
