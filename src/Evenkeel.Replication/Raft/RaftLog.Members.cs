using System.Net;
using DotNext.Net.Cluster.Consensus.Raft;
using Evenkeel.Model;
using Evenkeel.Model.Clusters;

namespace Evenkeel.Replication;

/// <summary>Members come and go by entries of the log (ADR 24).</summary>
public sealed partial class RaftLog
{
    /// <summary>
    /// Commits the next version of the membership. Only the leader can, and only while its engine
    /// goes by the version before. Whether a majority already has that one is the caller's to know.
    /// </summary>
    /// <returns>Null when it counts now; else why it certainly or perhaps does not.</returns>
    public async Task<string?> ChangeMembersAsync(
        ClusterFile next,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(next);
        Check.That(started && options.Book is not null);
        var book = options.Book!;
        var term = engineLog!.OwnTerm;
        if (!IsLeader)
        {
            return "this node does not lead";
        }
        // Everything of earlier terms is applied here, also a change that an earlier leader began.
        await ReadBarrierAsync(cancellationToken);
        if (book.WhyNotNext(next) is { } problem)
        {
            return problem;
        }
        if (!EngineGoesBy(book.Current))
        {
            return "the change before is not in force here yet";
        }
        try
        {
            await cluster!.ReplicateAsync(
                new MembershipEntry(term, System.Text.Encoding.UTF8.GetBytes(next.Format())),
                cancellationToken
            );
        }
        catch (Exception unknown)
            when (unknown is NotLeaderException or OtherTermException or OperationCanceledException)
        {
            return "leadership was lost meanwhile; look which version counts before trying again";
        }
        return string.Equals(book.Current.Hash, next.Hash, StringComparison.Ordinal)
            ? null
            : "another change came first";
    }

    /// <summary>Takes what another member says, when that is newer.</summary>
    public async Task<bool> CatchUpMembersAsync(
        ClusterFile next,
        CancellationToken cancellationToken
    )
    {
        if (!started || options.Book?.TryCatchUp(next) != true)
        {
            return false;
        }
        await memberList!.RefreshAsync(cancellationToken);
        return true;
    }

    private bool EngineGoesBy(ClusterFile file) =>
        cluster!
            .Members.Select(static m => m.EndPoint)
            .ToHashSet()
            .SetEquals(file.Members.Select(static m => (EndPoint)m.RaftEndpoint));

    /// <summary>
    /// A membership two versions ahead, anywhere in the log, means that the one between is in force:
    /// elected by the old one, this member could lead beside a leader of the newest.
    /// </summary>
    private async ValueTask MayStandAsync(CancellationToken cancellationToken)
    {
        var log = engineLog!;
        var (from, to) = (log.LastAppliedIndex + 1, log.LastEntryIndex);
        if (from > to)
        {
            return;
        }
        var named = await log.ReadAsync(new MembershipFinder(), from, to, cancellationToken);
        var own = options.Book!.Current.VersionNow;
        if (named > own + 1)
        {
            MembershipBehindException behind = new(own, named);
            Fail(behind);
            throw behind;
        }
    }
}
