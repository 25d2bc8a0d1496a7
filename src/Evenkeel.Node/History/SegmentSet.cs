using System.IO.Enumeration;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Evenkeel.Ledger;
using Evenkeel.Model;
using Microsoft.Win32.SafeHandles;

namespace Evenkeel.Node.History;

/// <summary>The segment files of one directory: names, headers, and reading of single rows.</summary>
/// <remarks>Safe for any number of readers; files are made and cut by one thread.</remarks>
internal sealed class SegmentSet(HistoryOptions options) : IDisposable
{
    public ReadHandles Handles { get; } = new();

    public HistoryOptions Options { get; } = options;

    public HistoryLayout Layout { get; } = new(options.RowsPerSegment);

    public string PathOf(ulong segment, string extension = HistoryFormat.SegmentExtension) =>
        Path.Combine(Options.Directory, HistoryFormat.Name(segment, extension));

    /// <summary>Numbers of the segment files that exist, ascending.</summary>
    public List<ulong> List()
    {
        var found = new List<ulong>();
        foreach (
            var path in Directory.EnumerateFiles(
                Options.Directory,
                "*" + HistoryFormat.SegmentExtension
            )
        )
        {
            if (ulong.TryParse(Path.GetFileNameWithoutExtension(path), out var segment))
            {
                found.Add(segment);
            }
        }

        found.Sort();
        return found;
    }

    /// <summary>Makes a segment file with its header; durable when it returns.</summary>
    public SafeFileHandle Create(ulong segment)
    {
        var path = PathOf(segment);
        var file = Options.Files.Create(path, Layout.SegmentBytes);
        try
        {
            using var page = new PageBuffer(HistoryLimits.HeaderBytes);
            page.Bytes.Clear();
            var header = new SegmentHeader
            {
                Magic = SegmentHeader.MagicValue,
                Version = SegmentHeader.CurrentVersion,
                RowBytes = HistoryRow.Size,
                Segment = segment,
                FirstPosition = Layout.FirstPosition(segment),
                Lineage = Options.Lineage,
                RowsPerSegment = (uint)Layout.RowsPerSegment,
            };
            header.Checksum = HistoryFormat.HeaderChecksum(header);
            MemoryMarshal.Write(page.Bytes, header);
            Options.Files.Write(file, page.Bytes, 0);
            Options.Files.Sync(file);
            Posix.SyncDirectory(Options.Directory);
            return file;
        }
        catch
        {
            // A half-made segment would be in the way of the next try.
            file.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <summary>What is wrong with a segment's header; null when nothing is.</summary>
    public string? VerifyHeader(ulong segment, out SegmentHeader header)
    {
        header = default;
        var bytes = MemoryMarshal.AsBytes(new Span<SegmentHeader>(ref header));
        using var file = ReadHandles.Open(PathOf(segment));
        if (RandomAccess.Read(file, bytes, 0) < bytes.Length)
        {
            return "shorter than its header";
        }

        if (header.Magic != SegmentHeader.MagicValue)
        {
            return "not a history segment";
        }

        if (header.Checksum != HistoryFormat.HeaderChecksum(header))
        {
            return "header checksum does not match";
        }

        if (header.Version != SegmentHeader.CurrentVersion || header.RowBytes != HistoryRow.Size)
        {
            return $"format version {header.Version} with rows of {header.RowBytes} bytes is not known";
        }

        if (header.RowsPerSegment != (uint)Layout.RowsPerSegment)
        {
            return $"made for {header.RowsPerSegment} rows a segment";
        }

        if (header.Segment != segment || header.FirstPosition != Layout.FirstPosition(segment))
        {
            return $"is segment {header.Segment} under another name";
        }

        return header.Lineage == Options.Lineage || Options.Ancestors.Contains(header.Lineage)
            ? null
            : $"belongs to lineage {header.Lineage:x32}, not to this node's";
    }

    /// <summary>Reads the seal of a segment; false when there is none, or none that is whole.</summary>
    public bool TryReadSeal(ulong segment, out SegmentSeal seal)
    {
        seal = default;
        var path = PathOf(segment, HistoryFormat.SealExtension);
        if (!File.Exists(path))
        {
            return false;
        }

        var bytes = MemoryMarshal.AsBytes(new Span<SegmentSeal>(ref seal));
        using var file = ReadHandles.Open(path);
        return RandomAccess.Read(file, bytes, 0) == bytes.Length
            && seal.Magic == SegmentSeal.MagicValue
            && seal.Checksum == HistoryFormat.HeaderChecksum(seal)
            && seal.Version == SegmentSeal.CurrentVersion
            && seal.Segment == segment
            && seal.RowCount == (uint)Layout.RowsPerSegment;
    }

    /// <summary>Bytes of all files of the history.</summary>
    public long BytesOnDisk()
    {
        // A file that is renamed meanwhile counts as 0 here, where FileInfo would throw.
        return new FileSystemEnumerable<long>(
            Options.Directory,
            static (ref FileSystemEntry entry) => entry.Length
        ).Sum();
    }

    /// <summary>Removes a segment with what was derived from it, derived files first.</summary>
    public void Delete(ulong segment)
    {
        DeleteDerived(segment);
        Handles.Forget(PathOf(segment));
        File.Delete(PathOf(segment));
    }

    public void DeleteDerived(ulong segment)
    {
        Handles.Forget(PathOf(segment, HistoryFormat.IndexExtension));
        File.Delete(PathOf(segment, HistoryFormat.SealExtension));
        File.Delete(PathOf(segment, HistoryFormat.IndexExtension));
    }

    /// <summary>Reads one row that was written; its checksum is verified.</summary>
    /// <exception cref="HistoryDamagedException">The row on disk is not the one that was written.</exception>
    public void Read(ulong position, out HistoryRow row)
    {
        Unsafe.SkipInit(out row);
        Read(position, new Span<HistoryRow>(ref row));
    }

    /// <summary>Reads rows side by side, of one segment.</summary>
    /// <inheritdoc cref="Read(ulong, out HistoryRow)"/>
    public void Read(ulong position, Span<HistoryRow> rows)
    {
        if (rows.IsEmpty)
        {
            return;
        }

        var bytes = MemoryMarshal.AsBytes(rows);
        var read = Handles.Read(
            PathOf(Layout.SegmentOf(position)),
            bytes,
            Layout.OffsetOf(position)
        );
        for (var i = 0; i < rows.Length; i++)
        {
            var at = position + (ulong)i;
            var isWhole = (i + 1) * HistoryRow.Size <= read && HistoryFormat.IsWhole(at, rows[i]);
            if (!isWhole)
            {
                rows[i] = ReadPastCache(at);
            }
        }
    }

    // The page cache may hold a page from before a direct write; only the disk itself decides.
    private HistoryRow ReadPastCache(ulong position)
    {
        var segment = Layout.SegmentOf(position);
        var offset = Layout.OffsetOf(position);
        var aligned = offset / HistoryLimits.PageBytes * HistoryLimits.PageBytes;
        using var pages = new PageBuffer(2 * HistoryLimits.PageBytes);
        using var file = ReadHandles.Open(PathOf(segment));
        Posix.TrySetDirect(file);
        var read = RandomAccess.Read(file, pages.Bytes, aligned);
        var start = (int)(offset - aligned);
        var row =
            read >= start + HistoryRow.Size
                ? MemoryMarshal.Read<HistoryRow>(pages.Bytes[start..])
                : default;
        return HistoryFormat.IsWhole(position, row)
            ? row
            : throw new HistoryDamagedException(DamageAt(position, "row checksum does not match"));
    }

    /// <summary>Names the damage of a row, its entry by the nearest whole row before it.</summary>
    public HistoryDamage DamageAt(ulong position, string reason)
    {
        var segment = Layout.SegmentOf(position);
        var entry = 0UL;
        var path = PathOf(segment);
        if (File.Exists(path))
        {
            using var file = ReadHandles.Open(path);
            var lowest = Math.Max(
                Layout.FirstPosition(segment),
                position - Math.Min(position, HistoryLimits.EntrySearchRows)
            );
            HistoryRow row = default;
            var bytes = MemoryMarshal.AsBytes(new Span<HistoryRow>(ref row));
            for (var above = position; above > lowest && entry == 0; above--)
            {
                var at = above - 1;
                var read = RandomAccess.Read(file, bytes, Layout.OffsetOf(at));
                if (read == HistoryRow.Size && HistoryFormat.IsWhole(at, row))
                {
                    entry = row.EntryIndex;
                }
            }
        }

        return new HistoryDamage(
            Path.GetFileName(path),
            Layout.OffsetOf(position),
            position,
            entry,
            reason
        );
    }

    /// <summary>Names the damage of a segment as a whole.</summary>
    public HistoryDamage DamageOfHeader(ulong segment, string reason) =>
        new(
            HistoryFormat.Name(segment, HistoryFormat.SegmentExtension),
            0,
            Layout.FirstPosition(segment),
            0,
            reason
        );

    public void Dispose() => Handles.Dispose();
}
