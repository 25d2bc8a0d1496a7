using System.IO.Hashing;
using System.Runtime.InteropServices;
using Evenkeel.Model;

namespace Evenkeel.Node.History;

/// <summary>A page of an index is not what was written; the index is made again from its segment.</summary>
internal sealed class IndexDamagedException(string message) : Exception(message);

/// <summary>
/// The index of one segment: header and fences (the first entry of each page) in RAM, at most 82 KiB;
/// a lookup reads one page, or as many as it has results. Any thread.
/// </summary>
internal sealed class SegmentIndex
{
    private readonly SegmentSet _segments;
    private readonly string _path;
    private readonly IndexHeader _header;
    private readonly ulong[] _fences;

    private SegmentIndex(SegmentSet segments, string path, IndexHeader header, ulong[] fences)
    {
        _segments = segments;
        _path = path;
        _header = header;
        _fences = fences;
    }

    /// <summary>Loads an index; null when there is none, or it is damaged or of other content.</summary>
    public static SegmentIndex? TryLoad(SegmentSet segments, in SegmentSeal seal)
    {
        var path = segments.PathOf(seal.Segment, HistoryFormat.IndexExtension);
        if (!File.Exists(path))
        {
            return null;
        }

        using var file = ReadHandles.Open(path);
        IndexHeader header = default;
        var headerBytes = MemoryMarshal.AsBytes(new Span<IndexHeader>(ref header));
        if (
            RandomAccess.Read(file, headerBytes, 0) < headerBytes.Length
            || header.Magic != IndexHeader.MagicValue
            || header.Checksum != HistoryFormat.HeaderChecksum(header)
            || header.Version != IndexHeader.CurrentVersion
            || header.ColumnCount != IndexFormat.Columns
            || header.Segment != seal.Segment
            || header.ContentHash != seal.ContentHash
        )
        {
            return null;
        }

        var fences = new ulong[header.FenceCount];
        var fenceBytes = MemoryMarshal.AsBytes(fences.AsSpan());
        return
            RandomAccess.Read(file, fenceBytes, (long)header.FenceOffset) == fenceBytes.Length
            && XxHash3.HashToUInt64(fenceBytes) == header.FenceChecksum
            ? new SegmentIndex(segments, path, header, fences)
            : null;
    }

    /// <summary>
    /// Finds rows that may match, by the column with the fewest candidates.
    /// </summary>
    /// <param name="from">Ordinal of the first row in question.</param>
    /// <param name="to">Ordinal after the last row in question.</param>
    /// <param name="found">Receives ordinals, in the direction of the walk.</param>
    /// <returns>How many; fewer than there is room for only when there are no more.</returns>
    /// <exception cref="IndexDamagedException">A page does not match its checksum.</exception>
    public int Find(
        in QueryFilter filter,
        ulong from,
        ulong to,
        bool isReversed,
        Span<ulong> found,
        Span<ulong> page
    )
    {
        var best = -1;
        var bestPages = uint.MaxValue;
        ulong bestKey = 0;
        for (var column = 0; column < IndexFormat.Columns; column++)
        {
            if (!IndexFormat.TryKey((IndexColumnId)column, filter, out var key))
            {
                continue;
            }

            ref readonly var description = ref _header.Columns[column];
            if (
                description.Kind == IndexColumnKind.Empty
                || key < description.KeyMin
                || key > description.KeyMax
            )
            {
                return 0;
            }

            if (description.Kind == IndexColumnKind.Sorted)
            {
                var pages = CandidatePages(description, key);
                if (pages < bestPages)
                {
                    (best, bestPages, bestKey) = (column, pages, key);
                }
            }
        }

        return best < 0
            ? All(from, to, isReversed, found)
            : Walk(best, bestKey, from, to, isReversed, found, page);
    }

    /// <summary>Verifies every page; null when all are whole.</summary>
    public string? Verify(CancellationToken cancellationToken)
    {
        Span<ulong> page = stackalloc ulong[IndexFormat.PageWords];
        for (var column = 0; column < IndexFormat.Columns; column++)
        {
            for (var number = 0U; number < _header.Columns[column].Pages; number++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                try
                {
                    ReadPage(_header.Columns[column], number, page);
                }
                catch (IndexDamagedException damaged)
                {
                    return damaged.Message;
                }
            }
        }

        return null;
    }

    // Every transfer of the segment has the value: each row is a candidate.
    private static int All(ulong from, ulong to, bool isReversed, Span<ulong> found)
    {
        var count = (int)Math.Min((ulong)found.Length, to - from);
        for (var i = 0; i < count; i++)
        {
            found[i] = isReversed ? to - 1 - (ulong)i : from + (ulong)i;
        }

        return count;
    }

    private int Walk(
        int column,
        ulong key,
        ulong from,
        ulong to,
        bool isReversed,
        Span<ulong> found,
        Span<ulong> page
    )
    {
        ref readonly var description = ref _header.Columns[column];
        var low = (key << IndexFormat.RowBits) | from;

        // The row after the last may be the next key's first: the bound is exclusive, so that fits.
        var high = (key << IndexFormat.RowBits) + to;
        var number = PageOf(description, isReversed ? high - 1 : low);
        var count = 0;
        while (number < description.Pages && count < found.Length)
        {
            var entries = ReadPage(description, number, page);
            var first = LowerBound(entries, low);
            var end = LowerBound(entries, high);
            var isLast = isReversed ? first > 0 : end < entries.Length;
            for (; first < end && count < found.Length; count++)
            {
                var entry = isReversed ? entries[--end] : entries[first++];
                found[count] = entry & IndexFormat.RowMask;
            }

            if (isLast)
            {
                break;
            }

            // Below page 0 this wraps to more than there are.
            number = isReversed ? unchecked(number - 1) : number + 1;
        }

        return count;
    }

    private ReadOnlySpan<ulong> ReadPage(in IndexColumn column, uint number, Span<ulong> page)
    {
        var offset = (long)column.Offset + (number * (long)HistoryLimits.PageBytes);
        var bytes = MemoryMarshal.AsBytes(page[..IndexFormat.PageWords]);
        if (
            ReadBytes(bytes, offset) < bytes.Length
            || page[IndexFormat.PageEntries] != IndexFormat.PageChecksum(page, offset)
        )
        {
            throw new IndexDamagedException(
                $"{Path.GetFileName(_path)} at offset {offset}: page checksum does not match"
            );
        }

        return page[..IndexFormat.PageEntries];
    }

    private int ReadBytes(Span<byte> bytes, long offset)
    {
        try
        {
            return _segments.Handles.Read(_path, bytes, offset);
        }
        catch (FileNotFoundException)
        {
            // Another reader found damage first and dropped the file.
            return 0;
        }
    }

    private uint CandidatePages(in IndexColumn column, ulong key)
    {
        var low = PageOf(column, key << IndexFormat.RowBits);
        var high = PageOf(column, (key << IndexFormat.RowBits) | IndexFormat.RowMask);
        return high - low + 1;
    }

    // The page that may hold an entry: the last one that begins at or before it.
    private uint PageOf(in IndexColumn column, ulong entry)
    {
        var fences = _fences.AsSpan((int)column.FirstFence, (int)column.Pages);
        var above = entry == ulong.MaxValue ? fences.Length : LowerBound(fences, entry + 1);
        return (uint)Math.Max(above - 1, 0);
    }

    private static int LowerBound(ReadOnlySpan<ulong> sorted, ulong value)
    {
        var low = 0;
        var high = sorted.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (sorted[middle] < value)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
