namespace Evenkeel.Replication;

/// <summary>What an archive directory holds at this moment; nothing in it is touched or locked.</summary>
/// <remarks>
/// Beside a running writer the newest segment may end in the middle of an entry: everything up to
/// <see cref="LastIndex"/> is whole, and a reader that stops there never meets the rest.
/// </remarks>
public sealed record ArchiveExtent
{
    /// <summary>Lineage of the newest segment.</summary>
    public required LineageId Lineage { get; init; }

    /// <summary>Every lineage that a segment belongs to, oldest first.</summary>
    public required IReadOnlyList<LineageId> Lineages { get; init; }

    /// <summary>First entry of the oldest segment, from 1.</summary>
    public required ulong FirstIndex { get; init; }

    /// <summary>Last whole entry; <see cref="FirstIndex"/> - 1 when there is none yet.</summary>
    public required ulong LastIndex { get; init; }

    /// <summary>Chain hash after <see cref="LastIndex"/>.</summary>
    public required ChainHash Chain { get; init; }

    /// <summary>What follows the last whole entry of the open segment; null when nothing does.</summary>
    public required ArchiveDamage? Tail { get; init; }

    /// <summary>Looks at every segment's header and reads the newest segment whole.</summary>
    /// <returns>Null when the directory holds no segment.</returns>
    /// <exception cref="ArchiveDamageException">A header or a sealed segment is damaged.</exception>
    public static ArchiveExtent? Find(string directory)
    {
        SegmentFile[] segments = SegmentFile.List(directory);
        if (segments.Length == 0)
        {
            return null;
        }
        var lineages = new List<LineageId>();
        foreach (SegmentFile segment in segments)
        {
            using var opened = SegmentCursor.Open(segment, lineage: null);
            if (!lineages.Contains(opened.Lineage))
            {
                lineages.Add(opened.Lineage);
            }
        }
        using var newest = SegmentCursor.Open(segments[^1], lineage: null);
        ArchiveDamage? tail = null;
        try
        {
            while (newest.Read(skipPayload: false)) { }
        }
        catch (ArchiveDamageException torn) when (!newest.IsSealed)
        {
            tail = torn.Damage;
        }
        return new ArchiveExtent
        {
            Lineage = newest.Lineage,
            Lineages = lineages,
            FirstIndex = segments[0].FirstIndex,
            LastIndex = newest.NextIndex - 1,
            Chain = newest.Chain,
            Tail = tail,
        };
    }
}
