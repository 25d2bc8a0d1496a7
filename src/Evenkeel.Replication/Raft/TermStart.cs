using System.Net;
using DotNext.Net.Cluster.Consensus.Raft;

namespace Evenkeel.Replication;

/// <summary>The term that a member begins in, where the engine alone would begin in the wrong one.</summary>
internal static class TermStart
{
    /// <summary>
    /// Who has no others starts as leader without an election; each start is a leadership of its own.
    /// </summary>
    public static async Task BeginAsync(
        DurableLog log,
        ulong archivedTerm,
        IPEndPoint name,
        CancellationToken cancellationToken
    )
    {
        var state = (IPersistentState)log;
        if (state.Term < (long)archivedTerm)
        {
            await state.UpdateTermAsync((long)archivedTerm, resetLastVote: true, cancellationToken);
        }
        await state.IncrementTermAsync(
            DotNext.Net.Cluster.ClusterMemberId.FromEndPoint(name),
            cancellationToken
        );
    }

    /// <summary>
    /// A seeded member does not know how it voted: it takes part in no term before that of the leader
    /// that seeded it, and in that one for nobody else.
    /// </summary>
    public static async Task TakeOverAsync(
        DurableLog log,
        SeededState seeded,
        CancellationToken cancellationToken
    )
    {
        var state = (IPersistentState)log;
        if (state.Term > (long)seeded.Term)
        {
            return;
        }
        if (state.Term < (long)seeded.Term)
        {
            await state.UpdateTermAsync((long)seeded.Term, resetLastVote: true, cancellationToken);
        }
        // Also when a start before this one ended between the two.
        await state.UpdateVotedForAsync(
            DotNext.Net.Cluster.ClusterMemberId.FromEndPoint(IPEndPoint.Parse(seeded.Leader)),
            cancellationToken
        );
    }
}
