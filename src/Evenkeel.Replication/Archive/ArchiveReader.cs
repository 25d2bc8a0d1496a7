using System.IO.Hashing;
using Evenkeel.Model;

namespace Evenkeel.Replication;

/// <summary>Where the archive is not what was written.</summary>
/// <param name="Entry">Index of the first entry that can't be read.</param>
public sealed record ArchiveDamage(string File, long Offset, ulong Entry, string Reason);

/// <summary>Thrown instead of handing out anything that fails a check.</summary>
public sealed class ArchiveDamageException(ArchiveDamage damage)
    : Exception($"{damage.File} at byte {damage.Offset}, entry {damage.Entry}: {damage.Reason}")
{
    public ArchiveDamage Damage { get; } = damage;
}

/// <summary>
/// Reads committed entries in order and checks each one: header and payload checksums, indexes
/// without gaps, chain hash. Several readers may run beside the writer.
/// </summary>
public sealed class ArchiveReader : IDisposable
{
    private readonly ulong lastIndex;
    private readonly SegmentFile[] segments;
    private readonly Func<ulong, LineageId?> owner;
    private int position;
    private SegmentCursor? cursor;
    private ulong next;

    /// <param name="directory">The archive directory.</param>
    /// <param name="fromIndex">First entry to read, from 1.</param>
    /// <param name="toIndex">
    /// Last entry to read: beside a running writer <see cref="ReplicationStatus.ArchiveIndex"/>.
    /// Null reads to the end of what is whole.
    /// </param>
    /// <param name="lineage">When given, segments of another lineage are refused.</param>
    public ArchiveReader(
        string directory,
        ulong fromIndex,
        ulong? toIndex = null,
        LineageId? lineage = null
    )
        : this(directory, fromIndex, toIndex, _ => lineage) { }

    /// <summary>As above, over a history whose segments may be of several lineages.</summary>
    /// <param name="history">Says of which lineage a segment must be.</param>
    public ArchiveReader(string directory, ulong fromIndex, ulong? toIndex, Lineage history)
        : this(directory, fromIndex, toIndex, index => history.Of(index)) { }

    private ArchiveReader(
        string directory,
        ulong fromIndex,
        ulong? toIndex,
        Func<ulong, LineageId?> owner
    )
    {
        Check.That(fromIndex >= 1);
        lastIndex = toIndex ?? ulong.MaxValue;
        this.owner = owner;
        segments = SegmentFile.List(directory);
        next = fromIndex;
        position = Math.Max(0, Array.FindLastIndex(segments, s => s.FirstIndex <= fromIndex));
        if (segments.Length > 0 && segments[0].FirstIndex > fromIndex)
        {
            throw new ArchiveDamageException(
                new(segments[0].Path, 0, fromIndex, "the segment before this one is missing")
            );
        }
    }

    public ulong Index { get; private set; }

    public ulong Term { get; private set; }

    /// <summary>Chain hash after the current entry.</summary>
    public ChainHash Chain { get; private set; }

    /// <summary>Valid until the next <see cref="Read"/>.</summary>
    public ReadOnlyMemory<byte> Payload { get; private set; }

    internal string File => cursor?.Path ?? "";

    internal long Offset => cursor?.RecordOffset ?? 0;

    /// <summary>Moves to the next entry.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="ArchiveDamageException">Something between here and there is damaged.</exception>
    public bool Read()
    {
        while (next <= lastIndex && position < segments.Length)
        {
            if (cursor is null)
            {
                cursor = SegmentCursor.Open(
                    segments[position],
                    owner(segments[position].FirstIndex)
                );
                if (position > 0 && Index > 0 && cursor.Chain != Chain)
                {
                    throw new ArchiveDamageException(
                        new(
                            cursor.Path,
                            32,
                            next,
                            "does not continue the chain of the segment before"
                        )
                    );
                }
            }
            while (cursor.Read(skipPayload: cursor.NextIndex < next))
            {
                if (cursor.Index < next)
                {
                    continue;
                }
                Index = cursor.Index;
                Term = cursor.Term;
                Chain = cursor.Chain;
                Payload = cursor.Payload;
                next = Index + 1;
                return true;
            }
            if (!MoveToNextSegment())
            {
                return false;
            }
        }
        return false;
    }

    public void Dispose() => cursor?.Dispose();

    private bool MoveToNextSegment()
    {
        if (position + 1 == segments.Length)
        {
            return false;
        }
        var following = segments[position + 1];
        if (!cursor!.IsSealed || following.FirstIndex != cursor.NextIndex)
        {
            throw new ArchiveDamageException(
                new(
                    cursor.Path,
                    cursor.RecordOffset,
                    cursor.NextIndex,
                    $"ends before {Path.GetFileName(following.Path)} begins"
                )
            );
        }
        Chain = cursor.Chain;
        Index = cursor.Index;
        cursor.Dispose();
        cursor = null;
        position++;
        return true;
    }
}

/// <summary>A segment as listed: its name says its first index.</summary>
internal sealed record SegmentFile(string Path, ulong FirstIndex)
{
    public static SegmentFile[] List(string directory) =>
        !Directory.Exists(directory)
            ? []
            :
            [
                .. Directory
                    .EnumerateFiles(directory, "*" + ArchiveFormat.Extension)
                    .Select(static path => new SegmentFile(path, FirstIndexOf(path)))
                    .OrderBy(static segment => segment.FirstIndex),
            ];

    /// <summary>What a segment's name says.</summary>
    public static ulong FirstIndexOf(string path) =>
        ulong.Parse(
            System.IO.Path.GetFileNameWithoutExtension(path),
            System.Globalization.CultureInfo.InvariantCulture
        );
}

/// <summary>Walks the records of one segment.</summary>
internal sealed class SegmentCursor : IDisposable
{
    private const int ReadBufferSize = 1 << 20;

    private readonly FileStream stream;
    private readonly SegmentFooter? footer;
    private readonly byte[] headerBytes = new byte[RecordHeader.Size];
    private byte[] payload = new byte[64 << 10];
    private long offset = ArchiveFormat.BlockSize;

    private SegmentCursor(FileStream stream, SegmentHeader header, SegmentFooter? footer)
    {
        this.stream = stream;
        this.footer = footer;
        Lineage = new LineageId(header.Lineage);
        Chain = header.PreviousChain;
        NextIndex = header.FirstIndex;
    }

    public string Path => stream.Name;

    public LineageId Lineage { get; }

    public bool IsSealed => footer is not null;

    public SegmentFooter? Seal => footer;

    public ulong NextIndex { get; private set; }

    public ulong Index { get; private set; }

    public ulong Term { get; private set; }

    public ChainHash Chain { get; private set; }

    public ReadOnlyMemory<byte> Payload { get; private set; }

    public long RecordOffset { get; private set; } = ArchiveFormat.BlockSize;

    /// <summary>Offset after the last whole record.</summary>
    public long EndOffset => offset;

    public static SegmentCursor Open(SegmentFile segment, LineageId? lineage)
    {
        var opened = new FileStream(
            segment.Path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete,
            ReadBufferSize,
            FileOptions.SequentialScan
        );
        try
        {
            var block = new byte[ArchiveFormat.BlockSize];
            if (opened.ReadAtLeast(block, block.Length, throwOnEndOfStream: false) < block.Length)
            {
                throw Damaged(segment, 0, "shorter than its header");
            }
            var header = SegmentHeader.Read(block);
            if (!header.IsValid || !ArchiveFormat.IsZero(block.AsSpan(SegmentHeader.Size)))
            {
                throw Damaged(segment, 0, "segment header does not match its checksum");
            }
            if (header.FirstIndex != segment.FirstIndex)
            {
                throw Damaged(segment, 8, $"holds entries from {header.FirstIndex}");
            }
            if (lineage is { } expected && header.Lineage != expected.Value)
            {
                throw Damaged(
                    segment,
                    16,
                    $"belongs to lineage {new LineageId(header.Lineage)}, not {expected}"
                );
            }
            var seal = ReadFooter(opened, block, segment);
            opened.Position = ArchiveFormat.BlockSize;
            return new SegmentCursor(opened, header, seal);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Moves to the next record; false at the end of the segment.</summary>
    /// <param name="skipPayload">Checks the header only; the payload is not read.</param>
    public bool Read(bool skipPayload)
    {
        while (true)
        {
            RecordOffset = offset;
            if (footer is { } seal && (ulong)offset >= seal.Offset)
            {
                CheckFooter(seal);
                return false;
            }
            var got = Fill(headerBytes);
            if (got < RecordHeader.Size || ArchiveFormat.IsZero(headerBytes.AsSpan(0, 4)))
            {
                if (!SkipPadding())
                {
                    return false;
                }
                continue;
            }
            ReadRecord(RecordHeader.Read(headerBytes), skipPayload);
            return true;
        }
    }

    public void Dispose() => stream.Dispose();

    private static SegmentFooter? ReadFooter(FileStream opened, byte[] block, SegmentFile segment)
    {
        var length = opened.Length;
        if (length < 2 * ArchiveFormat.BlockSize || length % ArchiveFormat.BlockSize != 0)
        {
            return null;
        }
        opened.Position = length - ArchiveFormat.BlockSize;
        opened.ReadExactly(block);
        var seal = SegmentFooter.Read(block);
        if (seal.Magic != SegmentFooter.MagicValue)
        {
            return null;
        }
        var whole =
            seal.IsValid
            && ArchiveFormat.IsZero(block.AsSpan(SegmentFooter.Size))
            && seal.FirstIndex == segment.FirstIndex
            && seal.Offset == (ulong)(length - ArchiveFormat.BlockSize);
        return whole
            ? seal
            : throw Damaged(
                segment,
                length - ArchiveFormat.BlockSize,
                "segment footer does not match its checksum"
            );
    }

    private void ReadRecord(in RecordHeader header, bool skipPayload)
    {
        if (!header.IsValid)
        {
            throw Damaged("record header does not match its checksum");
        }
        if (header.Index != NextIndex)
        {
            throw Damaged($"holds entry {header.Index}");
        }
        if (header.Length > Limits.EntryBytesMax)
        {
            throw Damaged($"claims {header.Length} bytes");
        }
        var length = (int)header.Length;
        var padded = ArchiveFormat.RecordSize(length) - RecordHeader.Size;
        if (skipPayload)
        {
            stream.Seek(padded, SeekOrigin.Current);
            Payload = default;
        }
        else
        {
            ReadPayload(header, length, padded);
        }
        Chain = header.Chain;
        Index = header.Index;
        Term = header.Term;
        NextIndex = Index + 1;
        offset += RecordHeader.Size + padded;
    }

    private void ReadPayload(in RecordHeader header, int length, int padded)
    {
        if (payload.Length < padded)
        {
            payload = new byte[Math.Max(padded, payload.Length * 2)];
        }
        if (Fill(payload.AsSpan(0, padded)) < padded)
        {
            throw Damaged("the payload is cut short");
        }
        if (XxHash3.HashToUInt64(payload.AsSpan(0, length)) != header.PayloadChecksum)
        {
            throw Damaged("the payload does not match its checksum");
        }
        if (!ArchiveFormat.IsZero(payload.AsSpan(length, padded - length)))
        {
            throw Damaged("the padding after the payload is not zero");
        }
        if (Chain.Next(header.Index, header.Term, payload.AsSpan(0, length)) != header.Chain)
        {
            throw Damaged("the chain hash does not continue the one before");
        }
        Payload = payload.AsMemory(0, length);
    }

    private bool SkipPadding()
    {
        var boundary = ArchiveFormat.RoundUpToBlock(offset);
        if (boundary == offset)
        {
            if (footer is not null)
            {
                throw Damaged("a sealed segment ends before its footer");
            }
            return false;
        }
        stream.Position = offset;
        var padding = new byte[boundary - offset];
        var filled = Fill(padding);
        if (!ArchiveFormat.IsZero(padding.AsSpan(0, filled)))
        {
            throw Damaged("the padding between records is not zero");
        }
        offset = boundary;
        return filled == padding.Length;
    }

    private void CheckFooter(in SegmentFooter seal)
    {
        if (seal.LastIndex != NextIndex - 1 || (Index > 0 && seal.LastChain != Chain))
        {
            throw Damaged("the footer does not match the last entry");
        }
    }

    private int Fill(Span<byte> destination) =>
        stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);

    private ArchiveDamageException Damaged(string reason) =>
        new(new ArchiveDamage(Path, RecordOffset, NextIndex, reason));

    private static ArchiveDamageException Damaged(SegmentFile segment, long at, string reason) =>
        new(new ArchiveDamage(segment.Path, at, segment.FirstIndex, reason));
}
