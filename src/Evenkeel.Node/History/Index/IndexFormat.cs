using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Evenkeel.Ledger;
using Evenkeel.Model;

namespace Evenkeel.Node.History;

/// <summary>What an index can be asked by. The numbers are persisted; they only grow.</summary>
internal enum IndexColumnId
{
    UserData128 = 0,
    UserData64 = 1,
    UserData32 = 2,
    Ledger = 3,
    Code = 4,
}

/// <summary>What a column of one segment holds. The numbers are persisted; they only grow.</summary>
internal enum IndexColumnKind : uint
{
    /// <summary>No transfer of the segment has a value.</summary>
    Empty = 0,

    /// <summary>Every transfer of the segment has the same value: there are no entries.</summary>
    Constant = 1,

    /// <summary>Entries sorted by key, then row.</summary>
    Sorted = 2,
}

/// <summary>One column of an index file: 40 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct IndexColumn
{
    public const int Size = 40;

    /// <summary>Byte offset of the first page of entries.</summary>
    [FieldOffset(0)]
    public ulong Offset;

    [FieldOffset(8)]
    public uint Entries;

    [FieldOffset(12)]
    public IndexColumnKind Kind;

    [FieldOffset(16)]
    public ulong KeyMin;

    [FieldOffset(24)]
    public ulong KeyMax;

    /// <summary>Ordinal of the column's first fence.</summary>
    [FieldOffset(32)]
    public uint FirstFence;

    /// <summary>Pages of entries, and fences.</summary>
    [FieldOffset(36)]
    public uint Pages;
}

[InlineArray(IndexFormat.Columns)]
internal struct IndexColumns
{
    private IndexColumn _first;
}

/// <summary>The start of an index file: 320 bytes (docs/formats/history-index.md).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct IndexHeader
{
    public const int Size = 320;

    /// <summary>"EKHIDX01" read as a little-endian number.</summary>
    public const ulong MagicValue = 0x3130584449484B45;
    public const uint CurrentVersion = 1;

    [FieldOffset(0)]
    public ulong Magic;

    [FieldOffset(8)]
    public uint Version;

    [FieldOffset(12)]
    public uint ColumnCount;

    [FieldOffset(16)]
    public ulong Segment;

    [FieldOffset(24)]
    public ulong FirstPosition;

    /// <summary>The content hash of the segment that was indexed, as in its seal.</summary>
    [FieldOffset(32)]
    public UInt128 ContentHash;

    [FieldOffset(48)]
    public ulong FenceOffset;

    [FieldOffset(56)]
    public uint FenceCount;

    /// <summary>XxHash3 (64 bits, seed 0) of all fences.</summary>
    [FieldOffset(64)]
    public ulong FenceChecksum;

    [FieldOffset(72)]
    public IndexColumns Columns;

    /// <summary>XxHash3 (64 bits, seed 0) of the 312 bytes before it.</summary>
    [FieldOffset(312)]
    public ulong Checksum;
}

/// <summary>Keys, entries and pages of the index.</summary>
internal static class IndexFormat
{
    public const int Columns = 5;

    /// <summary>Low bits of an entry: the row's ordinal in its segment.</summary>
    public const int RowBits = 20;

    public const ulong RowMask = (1UL << RowBits) - 1;

    public const ulong HashedKeyMax = (1UL << (64 - RowBits)) - 2;

    /// <summary>Words of a page; the last is its checksum, XxHash3 with the page's byte offset as seed.</summary>
    public const int PageWords = HistoryLimits.PageBytes / sizeof(ulong);

    public const int PageEntries = PageWords - 1;

    /// <summary>A row's key in a column: 44 bits; 0 together with false = the row has no value.</summary>
    public static bool TryKey(IndexColumnId column, in HistoryRow row, out ulong key) =>
        TryKey(
            column,
            row.UserData128,
            row.UserData64,
            row.UserData32,
            row.Ledger,
            row.Code,
            out key
        );

    public static bool TryKey(IndexColumnId column, in QueryFilter filter, out ulong key) =>
        TryKey(
            column,
            filter.UserData128,
            filter.UserData64,
            filter.UserData32,
            filter.Ledger,
            filter.Code,
            out key
        );

    public static ulong PageChecksum(ReadOnlySpan<ulong> page, long offset) =>
        XxHash3.HashToUInt64(MemoryMarshal.AsBytes(page[..PageEntries]), offset);

    private static bool TryKey(
        IndexColumnId column,
        UInt128 userData128,
        ulong userData64,
        uint userData32,
        uint ledger,
        ushort code,
        out ulong key
    )
    {
        switch (column)
        {
            case IndexColumnId.UserData128:
                key = userData128 == UInt128.Zero ? 0 : Hash(in userData128);
                return userData128 != UInt128.Zero;
            case IndexColumnId.UserData64:
                key = userData64 == 0 ? 0 : Hash(in userData64);
                return userData64 != 0;
            case IndexColumnId.UserData32:
                key = userData32;
                return userData32 != 0;
            case IndexColumnId.Ledger:
                key = ledger;
                return ledger != 0;
            default:
                key = code;
                return code != 0;
        }
    }

    // The upper 44 bits of the hash of the value's little-endian bytes; the highest key is kept
    // free, so that an entry is never all ones, which is what fills a page.
    private static ulong Hash<T>(in T value)
        where T : unmanaged =>
        Math.Min(
            XxHash3.HashToUInt64(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value))) >> RowBits,
            HashedKeyMax
        );
}
