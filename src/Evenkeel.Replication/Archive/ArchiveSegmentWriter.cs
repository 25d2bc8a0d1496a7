using System.IO.Hashing;
using Evenkeel.Model;

namespace Evenkeel.Replication;

/// <summary>
/// Writes one sealed segment from entries that are committed already: for copies and forks. A
/// running node's own archive is written by <see cref="ArchiveWriter"/>.
/// </summary>
public sealed class ArchiveSegmentWriter : IDisposable
{
    private readonly FileStream file;
    private readonly byte[] block = new byte[ArchiveFormat.BlockSize];
    private readonly ulong firstIndex;
    private byte[] record = new byte[64 << 10];
    private ulong nextIndex;
    private ulong term;

    /// <param name="path">A new file.</param>
    /// <param name="firstIndex">Index of its first entry, from 1.</param>
    /// <param name="lineage">The lineage under which its entries were written.</param>
    /// <param name="previous">Chain hash before its first entry.</param>
    public ArchiveSegmentWriter(
        string path,
        ulong firstIndex,
        LineageId lineage,
        ChainHash previous
    )
    {
        Check.That(firstIndex >= 1);
        this.firstIndex = nextIndex = firstIndex;
        Chain = previous;
        file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20);
        new SegmentHeader
        {
            Magic = SegmentHeader.MagicValue,
            FirstIndex = firstIndex,
            Lineage = lineage.Value,
            PreviousChain = previous,
        }.Write(block);
        file.Write(block);
    }

    /// <summary>Chain hash after the last entry.</summary>
    public ChainHash Chain { get; private set; }

    public ulong LastIndex => nextIndex - 1;

    public long Bytes => file.Position;

    public void Append(ulong index, ulong entryTerm, ReadOnlySpan<byte> payload)
    {
        Check.That(index == nextIndex && payload.Length <= Limits.EntryBytesMax);
        Chain = Chain.Next(index, entryTerm, payload);
        var size = ArchiveFormat.RecordSize(payload.Length);
        if (record.Length < size)
        {
            record = new byte[Math.Max(size, record.Length * 2)];
        }
        new RecordHeader
        {
            Magic = RecordHeader.MagicValue,
            Length = (uint)payload.Length,
            Index = index,
            Term = entryTerm,
            PayloadChecksum = XxHash3.HashToUInt64(payload),
            Chain = Chain,
        }.Write(record);
        payload.CopyTo(record.AsSpan(RecordHeader.Size));
        record
            .AsSpan(RecordHeader.Size + payload.Length, size - RecordHeader.Size - payload.Length)
            .Clear();
        file.Write(record.AsSpan(0, size));
        nextIndex++;
        term = entryTerm;
    }

    /// <summary>Ends the segment with its footer; durable when it returns.</summary>
    public void Seal()
    {
        Check.That(nextIndex > firstIndex, "a sealed segment holds at least one entry");
        Array.Clear(block);
        var end = ArchiveFormat.RoundUpToBlock(file.Position);
        file.Write(block.AsSpan(0, (int)(end - file.Position)));
        new SegmentFooter
        {
            Magic = SegmentFooter.MagicValue,
            FirstIndex = firstIndex,
            LastIndex = LastIndex,
            Offset = (ulong)end,
            LastChain = Chain,
            LastTerm = term,
        }.Write(block);
        file.Write(block);
        file.Flush(flushToDisk: true);
    }

    public void Dispose() => file.Dispose();
}
