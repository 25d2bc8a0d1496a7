namespace Evenkeel.Replication;

/// <summary>A segment as its header and footer describe it; records are not read.</summary>
/// <param name="LastIndex">Null while the segment is open.</param>
/// <param name="LastChain">Chain hash after the last entry; null while the segment is open.</param>
public sealed record ArchiveSegment(
    string Path,
    LineageId Lineage,
    ulong FirstIndex,
    ChainHash PreviousChain,
    ulong? LastIndex,
    ChainHash? LastChain
)
{
    public bool IsSealed => LastIndex is not null;
}

/// <summary>Lists an archive's segments without reading their records.</summary>
public static class ArchiveSegments
{
    /// <summary>In order of their entries.</summary>
    /// <exception cref="ArchiveDamageException">A header or footer is damaged.</exception>
    public static IReadOnlyList<ArchiveSegment> List(string directory) =>
        [.. SegmentFile.List(directory).Select(Describe)];

    private static ArchiveSegment Describe(SegmentFile segment)
    {
        using var cursor = SegmentCursor.Open(segment, lineage: null);
        return new ArchiveSegment(
            segment.Path,
            cursor.Lineage,
            segment.FirstIndex,
            cursor.Chain,
            cursor.Seal?.LastIndex,
            cursor.Seal?.LastChain
        );
    }
}
