using System.IO.Hashing;
using System.Runtime.InteropServices;
using Evenkeel.Model;

namespace Evenkeel.Replication;

/// <summary>Layout of archive segments, docs/formats/archive.md. Little-endian throughout.</summary>
internal static class ArchiveFormat
{
    public const int BlockSize = IFileLayer.BlockSize;
    public const int RecordAlignment = 16;
    public const string Extension = ".eka";

    public static string FileName(ulong firstIndex) =>
        firstIndex.ToString("D20", System.Globalization.CultureInfo.InvariantCulture) + Extension;

    /// <summary>Bytes a record takes, header and padding included.</summary>
    public static int RecordSize(int payloadLength) =>
        RecordHeader.Size + ((payloadLength + RecordAlignment - 1) & ~(RecordAlignment - 1));

    public static long RoundUpToBlock(long offset) => (offset + BlockSize - 1) & ~(BlockSize - 1L);

    public static bool IsZero(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExcept((byte)0);
}

/// <summary>First block of a segment; the rest of the block is zero.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct SegmentHeader
{
    public const int Size = 96;

    /// <summary>"EKARCHV1".</summary>
    public const ulong MagicValue = 0x3156484352414B45;

    [FieldOffset(0)]
    public ulong Magic;

    [FieldOffset(8)]
    public ulong FirstIndex;

    [FieldOffset(16)]
    public UInt128 Lineage;

    /// <summary>Chain hash before the first entry.</summary>
    [FieldOffset(32)]
    public ChainHash PreviousChain;

    [FieldOffset(64)]
    public ulong Reserved0;

    [FieldOffset(72)]
    public ulong Reserved1;

    [FieldOffset(80)]
    public ulong Reserved2;

    /// <summary>XxHash3 of the 88 bytes before.</summary>
    [FieldOffset(88)]
    public ulong Checksum;

    public static SegmentHeader Read(ReadOnlySpan<byte> block) =>
        MemoryMarshal.Read<SegmentHeader>(block);

    public void Write(Span<byte> block)
    {
        block.Clear();
        Checksum = ComputeChecksum();
        MemoryMarshal.Write(block, in this);
    }

    public readonly bool IsValid => Magic == MagicValue && Checksum == ComputeChecksum();

    private readonly ulong ComputeChecksum()
    {
        var copy = this;
        return XxHash3.HashToUInt64(
            MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in copy, 1))[..(Size - 8)]
        );
    }
}

/// <summary>Precedes each entry's payload.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct RecordHeader
{
    public const int Size = 80;

    /// <summary>"EKRC".</summary>
    public const uint MagicValue = 0x43524B45;

    [FieldOffset(0)]
    public uint Magic;

    /// <summary>Bytes of the payload, padding not counted.</summary>
    [FieldOffset(4)]
    public uint Length;

    [FieldOffset(8)]
    public ulong Index;

    [FieldOffset(16)]
    public ulong Term;

    /// <summary>XxHash3 of the payload.</summary>
    [FieldOffset(24)]
    public ulong PayloadChecksum;

    /// <summary>Chain hash after this entry.</summary>
    [FieldOffset(32)]
    public ChainHash Chain;

    [FieldOffset(64)]
    public ulong Reserved;

    /// <summary>XxHash3 of the 72 bytes before.</summary>
    [FieldOffset(72)]
    public ulong Checksum;

    public static RecordHeader Read(ReadOnlySpan<byte> bytes) =>
        MemoryMarshal.Read<RecordHeader>(bytes);

    public void Write(Span<byte> destination)
    {
        Checksum = ComputeChecksum();
        MemoryMarshal.Write(destination, in this);
    }

    public readonly bool IsValid => Magic == MagicValue && Checksum == ComputeChecksum();

    private readonly ulong ComputeChecksum()
    {
        var copy = this;
        return XxHash3.HashToUInt64(
            MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in copy, 1))[..(Size - 8)]
        );
    }
}

/// <summary>Last block of a sealed segment; the rest of the block is zero.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct SegmentFooter
{
    public const int Size = 96;

    /// <summary>"EKASEAL1".</summary>
    public const ulong MagicValue = 0x314C414553414B45;

    [FieldOffset(0)]
    public ulong Magic;

    [FieldOffset(8)]
    public ulong FirstIndex;

    [FieldOffset(16)]
    public ulong LastIndex;

    /// <summary>Offset of this footer: the records end before it.</summary>
    [FieldOffset(24)]
    public ulong Offset;

    /// <summary>Chain hash after the last entry.</summary>
    [FieldOffset(32)]
    public ChainHash LastChain;

    [FieldOffset(64)]
    public ulong LastTerm;

    [FieldOffset(72)]
    public ulong Reserved0;

    [FieldOffset(80)]
    public ulong Reserved1;

    /// <summary>XxHash3 of the 88 bytes before.</summary>
    [FieldOffset(88)]
    public ulong Checksum;

    public static SegmentFooter Read(ReadOnlySpan<byte> block) =>
        MemoryMarshal.Read<SegmentFooter>(block);

    public void Write(Span<byte> block)
    {
        block.Clear();
        Checksum = ComputeChecksum();
        MemoryMarshal.Write(block, in this);
    }

    public readonly bool IsValid => Magic == MagicValue && Checksum == ComputeChecksum();

    private readonly ulong ComputeChecksum()
    {
        var copy = this;
        return XxHash3.HashToUInt64(
            MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in copy, 1))[..(Size - 8)]
        );
    }
}
