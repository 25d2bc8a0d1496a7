using System.IO.Hashing;
using System.Runtime.InteropServices;
using Evenkeel.Ledger;
using Evenkeel.Model;
using Microsoft.Win32.SafeHandles;

namespace Evenkeel.Node.History;

/// <summary>
/// Collects the keys of one segment's transfers, sorts them and writes the index file. One thread;
/// the arrays (up to 48 MiB) are kept from segment to segment.
/// </summary>
internal sealed class IndexBuilder(SegmentSet segments)
{
    private const int PagesPerWrite = 256;
    private const int DigitBits = 11;
    private const int Digits = 1 << DigitBits;

    private readonly ulong[]?[] _entries = new ulong[]?[IndexFormat.Columns];
    private readonly int[] _counts = new int[IndexFormat.Columns];
    private readonly List<ulong> _fences = [];
    private ulong[] _spare = [];
    private int _transfers;

    /// <summary>Forgets what was collected.</summary>
    public void Begin()
    {
        _counts.AsSpan().Clear();
        _fences.Clear();
        _transfers = 0;
    }

    /// <summary>Collects rows of one segment, in order.</summary>
    public void Add(ulong firstPosition, ReadOnlySpan<HistoryRow> rows)
    {
        var ordinal = firstPosition % segments.Layout.RowsPerSegment;
        for (var i = 0; i < rows.Length; i++)
        {
            ref readonly var row = ref rows[i];
            if (row.Kind != HistoryRowKind.Transfer)
            {
                continue;
            }

            _transfers++;
            for (var column = 0; column < IndexFormat.Columns; column++)
            {
                if (IndexFormat.TryKey((IndexColumnId)column, row, out var key))
                {
                    var entries = _entries[column] ??= new ulong[segments.Layout.RowsPerSegment];
                    entries[_counts[column]++] =
                        (key << IndexFormat.RowBits) | (ordinal + (ulong)i);
                }
            }
        }
    }

    /// <summary>Writes the index of a segment that was found whole.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public void Write(in SegmentSeal seal)
    {
        var path = segments.PathOf(seal.Segment, HistoryFormat.IndexExtension);
        var temporary = path + DerivedFile.TemporarySuffix;
        File.Delete(temporary);
        var header = new IndexHeader
        {
            Magic = IndexHeader.MagicValue,
            Version = IndexHeader.CurrentVersion,
            ColumnCount = IndexFormat.Columns,
            Segment = seal.Segment,
            FirstPosition = seal.FirstPosition,
            ContentHash = seal.ContentHash,
        };
        var end = (ulong)HistoryLimits.PageBytes;
        for (var column = 0; column < IndexFormat.Columns; column++)
        {
            header.Columns[column] = Describe(column, ref end);
        }

        header.FenceOffset = end;
        header.FenceCount = (uint)_fences.Count;
        var fences = CollectionsMarshal.AsSpan(_fences);
        header.FenceChecksum = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(fences));
        header.Checksum = HistoryFormat.HeaderChecksum(header);
        var fencePages = PagesFor(fences.Length * sizeof(ulong), HistoryLimits.PageBytes);
        using (
            var file = segments.Options.Files.Create(
                temporary,
                (long)end + (fencePages * HistoryLimits.PageBytes)
            )
        )
        {
            using var buffer = new PageBuffer(PagesPerWrite * HistoryLimits.PageBytes);
            for (var column = 0; column < IndexFormat.Columns; column++)
            {
                if (header.Columns[column].Kind == IndexColumnKind.Sorted)
                {
                    WriteEntries(file, buffer, column, (long)header.Columns[column].Offset);
                }
            }

            WritePadded(file, buffer, MemoryMarshal.AsBytes(fences), (long)end);
            WritePadded(
                file,
                buffer,
                MemoryMarshal.AsBytes(new ReadOnlySpan<IndexHeader>(in header)),
                0
            );
            segments.Options.Files.Sync(file);
        }

        segments.Handles.Forget(path);
        DerivedFile.Publish(temporary, path);
    }

    // Sorts a column, decides how it is stored, and appends its fences.
    private IndexColumn Describe(int column, ref ulong end)
    {
        var count = _counts[column];
        if (count == 0)
        {
            return default;
        }

        var entries = _entries[column].AsSpan(0, count);
        Sort(column, entries);
        entries = _entries[column].AsSpan(0, count);
        var description = new IndexColumn
        {
            Entries = (uint)count,
            KeyMin = entries[0] >> IndexFormat.RowBits,
            KeyMax = entries[^1] >> IndexFormat.RowBits,
        };
        if (description.KeyMin == description.KeyMax && count == _transfers)
        {
            return description with { Entries = 0, Kind = IndexColumnKind.Constant };
        }

        description.Kind = IndexColumnKind.Sorted;
        description.Offset = end;
        description.FirstFence = (uint)_fences.Count;
        description.Pages = (uint)PagesFor(count, IndexFormat.PageEntries);
        for (var first = 0; first < count; first += IndexFormat.PageEntries)
        {
            _fences.Add(entries[first]);
        }

        end += description.Pages * (ulong)HistoryLimits.PageBytes;
        return description;
    }

    // Rows come in order, so a stable sort by the 44 key bits leaves each key's rows in order.
    private void Sort(int column, Span<ulong> entries)
    {
        if (_spare.Length == 0)
        {
            _spare = new ulong[segments.Layout.RowsPerSegment];
        }

        Span<int> starts = stackalloc int[Digits];
        for (var shift = IndexFormat.RowBits; shift < 64; shift += DigitBits)
        {
            starts.Clear();
            foreach (var entry in entries)
            {
                starts[Digit(entry, shift)]++;
            }

            if (starts[Digit(entries[0], shift)] == entries.Length)
            {
                continue;
            }

            var sum = 0;
            foreach (ref var start in starts)
            {
                (start, sum) = (sum, sum + start);
            }

            foreach (var entry in entries)
            {
                _spare[starts[Digit(entry, shift)]++] = entry;
            }

            (_entries[column], _spare) = (_spare, _entries[column]!);
            entries = _entries[column].AsSpan(0, entries.Length);
        }
    }

    private static int Digit(ulong entry, int shift) => (int)((entry >> shift) & (Digits - 1));

    private void WriteEntries(SafeFileHandle file, PageBuffer buffer, int column, long offset)
    {
        var rest = _entries[column].AsSpan(0, _counts[column]);
        var words = MemoryMarshal.Cast<byte, ulong>(buffer.Bytes);
        while (!rest.IsEmpty)
        {
            words.Clear();
            var pages = 0;
            for (; pages < PagesPerWrite && !rest.IsEmpty; pages++)
            {
                var page = words.Slice(pages * IndexFormat.PageWords, IndexFormat.PageWords);
                var count = Math.Min(rest.Length, IndexFormat.PageEntries);
                rest[..count].CopyTo(page);

                // Behind the last entry: larger than any, so that a search never stops there.
                page[count..IndexFormat.PageEntries].Fill(ulong.MaxValue);
                page[IndexFormat.PageEntries] = IndexFormat.PageChecksum(
                    page,
                    offset + (pages * HistoryLimits.PageBytes)
                );
                rest = rest[count..];
            }

            var bytes = buffer.Bytes[..(pages * HistoryLimits.PageBytes)];
            segments.Options.Files.Write(file, bytes, offset);
            offset += bytes.Length;
        }
    }

    private void WritePadded(
        SafeFileHandle file,
        PageBuffer buffer,
        ReadOnlySpan<byte> bytes,
        long offset
    )
    {
        while (!bytes.IsEmpty)
        {
            var part = bytes[..Math.Min(bytes.Length, buffer.Bytes.Length)];
            var padded = buffer.Bytes[
                ..(PagesFor(part.Length, HistoryLimits.PageBytes) * HistoryLimits.PageBytes)
            ];
            padded.Clear();
            part.CopyTo(padded);
            segments.Options.Files.Write(file, padded, offset);
            offset += padded.Length;
            bytes = bytes[part.Length..];
        }
    }

    private static int PagesFor(int count, int perPage)
    {
        Check.That(count >= 0);
        return (count + perPage - 1) / perPage;
    }
}
