namespace Evenkeel.Replication;

/// <summary>What became of a proposal.</summary>
public enum ProposalOutcome
{
    /// <summary>Flushed on a quorum and applied on this node.</summary>
    Committed,

    /// <summary>Certainly not in the log: this node does not lead, is stopping, or refused it.</summary>
    Refused,

    /// <summary>It may or may not be in the log: deposed or timed out while it was on its way.</summary>
    Unknown,
}

/// <summary>
/// The narrow seam to consensus: append, apply, snapshot, barrier. Implemented on
/// DotNext.Net.Cluster and, for simulations and unit tests, in memory.
/// </summary>
public interface IReplicatedLog : IAsyncDisposable
{
    /// <summary>
    /// Verifies and restores what is on disk, replays it into the state machine, joins the cluster.
    /// Returns when this node takes part (not necessarily leads).
    /// </summary>
    Task StartAsync(CancellationToken cancellationToken);

    bool IsLeader { get; }

    /// <summary>The latest term that this node knows of; rises with each leadership.</summary>
    ulong Term { get; }

    /// <summary>
    /// Completes when this node leads and has applied all earlier entries. Work begun under an
    /// older leadership must have stopped by then.
    /// </summary>
    ValueTask<Leadership> WaitForLeadershipAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Proposes one entry. The payload must stay unchanged until completion. The result is known
    /// only for <see cref="ProposalOutcome.Committed"/> and <see cref="ProposalOutcome.Refused"/>.
    /// Proposals of one caller are ordered as called.
    /// </summary>
    /// <param name="term">
    /// The leadership that the entry was made for: what depends on the state (its timestamp) was
    /// right for that one alone. Refused when this node leads in another term or not at all.
    /// </param>
    ValueTask<ProposalOutcome> ProposeAsync(
        ReadOnlyMemory<byte> payload,
        object? context,
        ulong term,
        CancellationToken cancellationToken
    );

    /// <summary>After it completes, local state reflects everything acknowledged before the call.</summary>
    ValueTask ReadBarrierAsync(CancellationToken cancellationToken);

    /// <summary>Asks for a snapshot now; completes when it is durable.</summary>
    Task<ulong> SnapshotAsync(CancellationToken cancellationToken);

    ReplicationStatus Status { get; }

    /// <summary>Completes with the reason when the log can't go on; the node must then stop.</summary>
    Task<Exception> Faulted { get; }
}

/// <summary>One time of leading.</summary>
/// <param name="Term">Of the log; no two leaderships of a cluster have the same.</param>
/// <param name="Ended">Cancelled when this node no longer leads in this term.</param>
public readonly record struct Leadership(ulong Term, CancellationToken Ended);

/// <summary>Where this node stands.</summary>
public sealed record ReplicationStatus
{
    public required ulong CommitIndex { get; init; }
    public required ulong AppliedIndex { get; init; }
    public required ulong SnapshotIndex { get; init; }

    /// <summary>Last index in synced, sealed or open archive segments.</summary>
    public required ulong ArchiveIndex { get; init; }

    /// <summary>SHA-256 chain hash at <see cref="ArchiveIndex"/>, hex.</summary>
    public required string ChainHash { get; init; }
    public required string Lineage { get; init; }
    public required long LogBytes { get; init; }
    public required long ArchiveBytes { get; init; }

    /// <summary>Why proposals are refused for now (disk, snapshot backlog); null when they are not.</summary>
    public string? RefusingWrites { get; init; }
}
