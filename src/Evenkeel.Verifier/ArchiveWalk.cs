using System.IO.Hashing;
using System.Security.Cryptography;

namespace Evenkeel.Verifier;

/// <summary>One entry as the archive holds it; valid until the next step.</summary>
internal readonly record struct ArchivedEntry(
    string File,
    long Offset,
    ulong Index,
    ReadOnlyMemory<byte> Payload
);

/// <summary>
/// Walks archive segments by docs/formats/archive.md alone and judges headers, checksums, indexes and
/// the SHA-256 chain. Stops at the first damage in a segment and goes on with the next segment.
/// </summary>
internal sealed class ArchiveWalk(string directory, Findings findings)
{
    private const int Block = 4096;
    private const int RecordHeaderBytes = 80;
    private const uint EntryBytesMax = 4 << 20;
    private const ulong SegmentMagic = 0x3156484352414B45; // EKARCHV1
    private const ulong FooterMagic = 0x314C414553414B45; // EKASEAL1
    private const uint RecordMagic = 0x43524B45; // EKRC

    private readonly byte[] _chain = new byte[32];
    private UInt128? _lineage;
    private ulong _next;

    public long Files { get; private set; }
    public long ReadBytes { get; private set; }
    public long TornBytes { get; private set; }
    public ulong First { get; private set; }
    public ulong Last { get; private set; }
    public UInt128 Lineage => _lineage ?? 0;
    public ReadOnlySpan<byte> Chain => _chain;
    public string ChainHash => Last == 0 ? "" : Convert.ToHexStringLower(_chain);

    public IEnumerable<ArchivedEntry> Entries()
    {
        var files = Directory.Exists(directory)
            ? Directory.GetFiles(directory, "*.eka").Order(StringComparer.Ordinal).ToArray()
            : [];
        for (var i = 0; i < files.Length; i++)
        {
            Files++;
            foreach (var entry in Segment(files[i], isLast: i == files.Length - 1))
            {
                yield return entry;
            }
        }
    }

    /// <summary>Where lineage.json says that a lineage was left: its id and its last entry.</summary>
    private Lazy<HashSet<(UInt128 Lineage, ulong LastEntry)>> Forks { get; } =
        new(() => LineageFile.Forks(Path.Combine(directory, "..", "lineage.json")));

    private IEnumerable<ArchivedEntry> Segment(string path, bool isLast)
    {
        var name = $"archive/{Path.GetFileName(path)}";
        using var stream = new FileStream(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete,
            1 << 20
        );
        var head = new byte[Block];
        if (stream.ReadAtLeast(head, Block, throwOnEndOfStream: false) < Block)
        {
            findings.Add(FindingKind.ArchiveDamaged, name, 0, 0, "shorter than its header");
            yield break;
        }
        if (!OpenSegment(head, name))
        {
            yield break;
        }
        var (end, sealedSegment) = FindEnd(stream, name);
        if (!sealedSegment && !isLast)
        {
            findings.Add(
                FindingKind.ArchiveDamaged,
                name,
                end,
                0,
                "not sealed, yet another segment follows"
            );
        }
        var header = new byte[RecordHeaderBytes];
        var payload = new byte[64 << 10];
        long offset = Block;
        stream.Position = Block;
        while (offset + RecordHeaderBytes <= end)
        {
            stream.Position = offset;
            stream.ReadExactly(header);
            if (Bytes.AllZero(header.AsSpan(0, 4)))
            {
                // Zeros fill up to the next block after each write.
                var nextBlock = (offset / Block * Block) + Block;
                if (!sealedSegment && RestIsZero(stream, offset, end))
                {
                    break;
                }
                offset = nextBlock;
                continue;
            }
            if (!HeaderHolds(header))
            {
                Damage(
                    name,
                    offset,
                    isLast && !sealedSegment,
                    end,
                    "record header does not match its checksum"
                );
                yield break;
            }
            var length = Bytes.U32(header, 4);
            var index = Bytes.U64(header, 8);
            if (length > EntryBytesMax || offset + RecordHeaderBytes + length > end)
            {
                Damage(
                    name,
                    offset,
                    isLast && !sealedSegment,
                    end,
                    $"record of {length} bytes does not fit"
                );
                yield break;
            }
            if (payload.Length < length)
            {
                payload = new byte[length];
            }
            stream.ReadExactly(payload, 0, (int)length);
            if (!Follow(header, payload.AsSpan(0, (int)length), name, offset))
            {
                yield break;
            }
            yield return new ArchivedEntry(name, offset, index, payload.AsMemory(0, (int)length));
            offset += RecordHeaderBytes + ((length + 15L) & ~15L);
        }
        ReadBytes += offset;
        if (sealedSegment)
        {
            CompareFooter(stream, end, name);
        }
    }

    private void CompareFooter(FileStream stream, long at, string name)
    {
        var footer = new byte[88];
        stream.Position = at;
        stream.ReadExactly(footer);
        if (Bytes.U64(footer, 16) != Last || !footer.AsSpan(32, 32).SequenceEqual(_chain))
        {
            findings.Add(
                FindingKind.ArchiveDamaged,
                name,
                at,
                Last,
                "segment footer does not name the last entry and its chain hash"
            );
        }
    }

    private bool OpenSegment(byte[] head, string name)
    {
        if (
            Bytes.U64(head, 0) != SegmentMagic
            || XxHash3.HashToUInt64(head.AsSpan(0, 88)) != Bytes.U64(head, 88)
        )
        {
            findings.Add(
                FindingKind.ArchiveDamaged,
                name,
                0,
                0,
                "segment header does not match its checksum"
            );
            return false;
        }
        var first = Bytes.U64(head, 8);
        var lineage = Bytes.U128(head, 16);
        if (_lineage is { } known && known != lineage && !Forks.Value.Contains((known, first - 1)))
        {
            findings.Add(
                FindingKind.ArchiveDamaged,
                name,
                16,
                first,
                "belongs to another lineage than the segment before"
            );
        }
        _lineage = lineage;
        if (_next == 0)
        {
            First = _next = first;
            head.AsSpan(32, 32).CopyTo(_chain);
            if (first == 1 && !Bytes.AllZero(_chain))
            {
                findings.Add(
                    FindingKind.ArchiveDamaged,
                    name,
                    32,
                    first,
                    "the first segment's chain does not begin at zero"
                );
            }
        }
        else if (first != _next)
        {
            findings.Add(
                FindingKind.EntryMissing,
                name,
                8,
                _next,
                $"begins at entry {first}: entries are missing before it"
            );
            _next = first;
            head.AsSpan(32, 32).CopyTo(_chain);
        }
        else if (!head.AsSpan(32, 32).SequenceEqual(_chain))
        {
            findings.Add(
                FindingKind.ArchiveDamaged,
                name,
                32,
                first,
                "does not continue the chain of the segment before"
            );
            head.AsSpan(32, 32).CopyTo(_chain);
        }
        return true;
    }

    /// <summary>Where records end: at the footer of a sealed segment, else at the file's end.</summary>
    private (long End, bool Sealed) FindEnd(FileStream stream, string name)
    {
        var length = stream.Length;
        if (length < 2 * Block || length % Block != 0)
        {
            return (length, false);
        }
        var block = new byte[Block];
        stream.Position = length - Block;
        stream.ReadExactly(block);
        if (Bytes.U64(block, 0) != FooterMagic)
        {
            return (length, false);
        }
        if (
            XxHash3.HashToUInt64(block.AsSpan(0, 88)) != Bytes.U64(block, 88)
            || Bytes.U64(block, 24) != (ulong)(length - Block)
        )
        {
            findings.Add(
                FindingKind.ArchiveDamaged,
                name,
                length - Block,
                0,
                "segment footer does not match its checksum"
            );
        }
        return (length - Block, true);
    }

    private bool Follow(byte[] header, ReadOnlySpan<byte> payload, string name, long offset)
    {
        var index = Bytes.U64(header, 8);
        if (index != _next)
        {
            findings.Add(
                FindingKind.EntryMissing,
                name,
                offset,
                _next,
                $"holds entry {index} where entry {_next} must be"
            );
            return false;
        }
        if (XxHash3.HashToUInt64(payload) != Bytes.U64(header, 24))
        {
            findings.Add(
                FindingKind.EntryAltered,
                name,
                offset + RecordHeaderBytes,
                index,
                "payload does not match its checksum"
            );
            return false;
        }
        Span<byte> preimage = stackalloc byte[88];
        _chain.CopyTo(preimage);
        header.AsSpan(8, 16).CopyTo(preimage[32..]);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(
            preimage[48..],
            (ulong)payload.Length
        );
        SHA256.HashData(payload, preimage[56..]);
        SHA256.HashData(preimage, _chain);
        if (!header.AsSpan(32, 32).SequenceEqual(_chain))
        {
            findings.Add(
                FindingKind.EntryAltered,
                name,
                offset + 32,
                index,
                "chain hash does not follow: this entry or one before it was altered"
            );
            return false;
        }
        _next = index + 1;
        Last = index;
        return true;
    }

    /// <summary>In the open file the last write may be torn; anything before whole records is damage.</summary>
    private void Damage(string name, long offset, bool mayBeTorn, long end, string what)
    {
        if (mayBeTorn)
        {
            TornBytes += end - offset;
        }
        findings.Add(
            FindingKind.EntryAltered,
            name,
            offset,
            _next,
            mayBeTorn ? $"{what} (a torn last write, or damage)" : what
        );
    }

    private static bool HeaderHolds(ReadOnlySpan<byte> header) =>
        Bytes.U32(header, 0) == RecordMagic
        && XxHash3.HashToUInt64(header[..72]) == Bytes.U64(header, 72);

    private static bool RestIsZero(FileStream stream, long offset, long end)
    {
        stream.Position = offset;
        var buffer = new byte[1 << 20];
        while (offset < end)
        {
            var read = stream.Read(buffer, 0, (int)Math.Min(buffer.Length, end - offset));
            if (read == 0)
            {
                return true;
            }
            if (!Bytes.AllZero(buffer.AsSpan(0, read)))
            {
                return false;
            }
            offset += read;
        }
        return true;
    }
}
