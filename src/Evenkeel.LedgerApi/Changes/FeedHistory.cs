namespace Evenkeel.LedgerApi;

/// <summary>
/// Which histories a position in the change feed may be of. After a restore the bank goes on under a
/// new lineage: a consumer that is ahead of the restored position has seen what never happened now.
/// </summary>
/// <param name="Lineage">The lineage under which the bank writes now.</param>
/// <param name="Ancestors">The lineages that it forked from, oldest first.</param>
public sealed record FeedHistory(UInt128 Lineage, IReadOnlyList<FeedAncestor> Ancestors)
{
    /// <summary>The lineage under which a change of this log time was written.</summary>
    internal UInt128 Of(ulong timestamp)
    {
        foreach (var ancestor in Ancestors)
        {
            if (timestamp <= ancestor.ForkTime)
            {
                return ancestor.Lineage;
            }
        }
        return Lineage;
    }

    /// <summary>The fork that the position is ahead of; null when it is of this history.</summary>
    internal FeedAncestor? Fork(UInt128 lineage, ulong timestamp)
    {
        if (lineage == Lineage)
        {
            return null;
        }
        foreach (var ancestor in Ancestors)
        {
            if (ancestor.Lineage == lineage)
            {
                return timestamp <= ancestor.ForkTime ? null : ancestor;
            }
        }
        // Of a history that shares nothing with this one that we know of.
        return new FeedAncestor(lineage, 0, 0);
    }
}

/// <param name="ForkIndex">The last log entry that is part of this history.</param>
/// <param name="ForkTime">Log time of that entry, nanoseconds since the Unix epoch.</param>
public sealed record FeedAncestor(UInt128 Lineage, ulong ForkIndex, ulong ForkTime);
