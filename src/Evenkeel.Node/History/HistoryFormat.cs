using System.IO.Hashing;
using System.Runtime.InteropServices;
using Evenkeel.Ledger;
using Evenkeel.Model;

namespace Evenkeel.Node.History;

/// <summary>Sizes and limits of the history's files and buffers, each with its unit.</summary>
internal static class HistoryLimits
{
    /// <summary>Bytes that direct I/O is aligned to, in memory and in the file.</summary>
    public const int PageBytes = 4096;

    /// <summary>Bytes before the first row of a segment file.</summary>
    public const int HeaderBytes = PageBytes;

    /// <summary>Rows of one write unit: the least common multiple of a row and a page is 12 KiB.</summary>
    public const int UnitRows = 64;

    public const int UnitBytes = UnitRows * HistoryRow.Size;

    /// <summary>Rows of a segment file: 192 MiB.</summary>
    public const int RowsPerSegment = 1 << 20;

    /// <summary>Rows kept in RAM, unwritten ones included: 192 MiB.</summary>
    public const int RingRows = 1 << 20;

    /// <summary>Sealed rows that wake the writer: 1.5 MiB.</summary>
    public const int WriteRowsMin = 8_192;

    /// <summary>Rows of one write: 3 MiB.</summary>
    public const int WriteRowsMax = 16_384;

    /// <summary>Rows of one read of a scan: 3 MiB.</summary>
    public const int ScanRows = 16_384;

    /// <summary>Milliseconds between two tries of a write that failed.</summary>
    public const int WriteRetryMs = 250;

    /// <summary>Segment files open for reading at a time.</summary>
    public const int ReadHandlesMax = 256;

    /// <summary>Whole rows looked at to name the entry of a damaged one.</summary>
    public const int EntrySearchRows = 64;

    /// <summary>Findings kept in memory; further ones are only counted.</summary>
    public const int DamagesKeptMax = 1_000;

    static HistoryLimits()
    {
        Check.That(UnitBytes % PageBytes == 0);
        Check.That(RowsPerSegment % UnitRows == 0 && RingRows % UnitRows == 0);
        Check.That(WriteRowsMax % UnitRows == 0 && ScanRows % UnitRows == 0);
        Check.That(RingRows >= 4 * (Limits.BatchEventsMax + Limits.ExpiriesPerEntryMax));
    }
}

/// <summary>The start of a segment file: 128 bytes, then zeros to the first page's end.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct SegmentHeader
{
    public const int Size = 128;

    /// <summary>"EKHIST01" read as a little-endian number.</summary>
    public const ulong MagicValue = 0x3130545349484B45;
    public const uint CurrentVersion = 1;

    [FieldOffset(0)]
    public ulong Magic;

    [FieldOffset(8)]
    public uint Version;

    [FieldOffset(12)]
    public uint RowBytes;

    [FieldOffset(16)]
    public ulong Segment;

    [FieldOffset(24)]
    public ulong FirstPosition;

    /// <summary>The lineage that the node was on when it began the segment.</summary>
    [FieldOffset(32)]
    public UInt128 Lineage;

    [FieldOffset(48)]
    public uint RowsPerSegment;

    /// <summary>XxHash3 (64 bits, seed 0) of the 120 bytes before it.</summary>
    [FieldOffset(120)]
    public ulong Checksum;
}

/// <summary>What a sealed segment holds: the 128 bytes of its <c>.seal</c> file.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct SegmentSeal
{
    public const int Size = 128;

    /// <summary>"EKHSEAL1" read as a little-endian number.</summary>
    public const ulong MagicValue = 0x314C414553484B45;
    public const uint CurrentVersion = 1;

    [FieldOffset(0)]
    public ulong Magic;

    [FieldOffset(8)]
    public uint Version;

    [FieldOffset(12)]
    public uint RowCount;

    [FieldOffset(16)]
    public ulong Segment;

    [FieldOffset(24)]
    public ulong FirstPosition;

    [FieldOffset(32)]
    public UInt128 Lineage;

    /// <summary>XxHash128 (seed 0) of all rows, checksums included.</summary>
    [FieldOffset(48)]
    public UInt128 ContentHash;

    [FieldOffset(64)]
    public ulong FirstTimestamp;

    [FieldOffset(72)]
    public ulong LastTimestamp;

    [FieldOffset(80)]
    public ulong FirstEntry;

    [FieldOffset(88)]
    public ulong LastEntry;

    /// <summary>XxHash3 (64 bits, seed 0) of the 120 bytes before it.</summary>
    [FieldOffset(120)]
    public ulong Checksum;
}

/// <summary>Checksums and names of the format (docs/formats/history.md).</summary>
internal static class HistoryFormat
{
    private const int CoveredRowBytes = HistoryRow.Size - sizeof(ulong);

    public const string SegmentExtension = ".seg";
    public const string SealExtension = ".seal";
    public const string IndexExtension = ".idx";

    public static string Name(ulong segment, string extension) =>
        segment.ToString("D8", System.Globalization.CultureInfo.InvariantCulture) + extension;

    public static ulong Checksum(ulong position, in HistoryRow row)
    {
        var bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<HistoryRow>(in row));
        return XxHash3.HashToUInt64(bytes[..CoveredRowBytes], unchecked((long)position));
    }

    /// <summary>A row of zeros is never valid, whatever its checksum says.</summary>
    public static bool IsWhole(ulong position, in HistoryRow row) =>
        row.Kind != HistoryRowKind.None && row.Checksum == Checksum(position, in row);

    /// <summary>The checksum of a header or seal, each of which keeps it in its last 8 bytes.</summary>
    public static ulong HeaderChecksum<T>(in T header)
        where T : unmanaged =>
        XxHash3.HashToUInt64(
            MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in header))[..^sizeof(ulong)]
        );
}

/// <summary>Where a position lies in the files.</summary>
internal readonly struct HistoryLayout(int rowsPerSegment)
{
    public ulong RowsPerSegment { get; } = (ulong)rowsPerSegment;

    public long SegmentBytes => OffsetOfRow(RowsPerSegment);

    public ulong SegmentOf(ulong position) => position / RowsPerSegment;

    public ulong FirstPosition(ulong segment) => segment * RowsPerSegment;

    public long OffsetOf(ulong position) => OffsetOfRow(position % RowsPerSegment);

    private static long OffsetOfRow(ulong row) =>
        HistoryLimits.HeaderBytes + ((long)row * HistoryRow.Size);
}
