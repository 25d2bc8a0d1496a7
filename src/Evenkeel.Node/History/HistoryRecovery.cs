using System.Runtime.InteropServices;
using Evenkeel.Ledger;
using Evenkeel.Model;
using Microsoft.Win32.SafeHandles;

namespace Evenkeel.Node.History;

/// <summary>What is whole on disk when a history is opened.</summary>
/// <remarks>
/// The files are a cache of the log: rows after the last snapshot are made again by replay, so a
/// tail that a crash left half-written is cut where the first row fails its checksum. Whether that
/// is too early is for the snapshot to say (<see cref="FileHistory.RequireRows"/>).
/// </remarks>
internal sealed class HistoryRecovery
{
    /// <summary>Rows from position 0 that are whole and without a gap.</summary>
    public required ulong Count { get; init; }

    /// <summary>Where and why the files end before their bytes do; null after a clean end.</summary>
    public required HistoryDamage? Cut { get; init; }

    /// <summary>Looks for the end of the rows. Sealed segments are trusted here and verified by a scan.</summary>
    /// <exception cref="HistoryDamagedException">A segment is missing or has a wrong header.</exception>
    public static HistoryRecovery Run(SegmentSet segments)
    {
        var found = segments.List();
        var layout = segments.Layout;
        for (var i = 0; i < found.Count; i++)
        {
            var segment = (ulong)i;
            var first = layout.FirstPosition(segment);
            if (found[i] != segment)
            {
                throw new HistoryDamagedException(segments.DamageAt(first, "file is missing"));
            }

            if (segments.VerifyHeader(segment, out _) is { } fault)
            {
                var damage = segments.DamageOfHeader(segment, fault);

                // A crash while the newest segment was being made leaves zeros; anything else is damage.
                return i == found.Count - 1 && IsUnborn(segments, segment)
                    ? new HistoryRecovery { Count = first, Cut = damage }
                    : throw new HistoryDamagedException(damage);
            }

            if (segments.TryReadSeal(segment, out _))
            {
                continue;
            }

            var rows = WholeRows(segments, segment, out var isZeroAfter);
            if (rows < layout.RowsPerSegment)
            {
                var end = first + rows;
                var isClean = isZeroAfter && i == found.Count - 1;
                return new HistoryRecovery
                {
                    Count = end,
                    Cut = isClean
                        ? null
                        : segments.DamageAt(
                            end,
                            isZeroAfter ? "rows are missing" : "row checksum does not match"
                        ),
                };
            }
        }

        return new HistoryRecovery { Count = layout.FirstPosition((ulong)found.Count), Cut = null };
    }

    /// <summary>
    /// Makes the files end at <paramref name="count"/>, durably, and returns the segment that holds
    /// the last row for writing; null when that one is full.
    /// </summary>
    public static SafeFileHandle? CutAt(SegmentSet segments, ulong count)
    {
        var layout = segments.Layout;
        var found = segments.List();
        var isTailFull = count % layout.RowsPerSegment == 0;
        var tail = layout.SegmentOf(count);

        // From the end: a crash in the middle leaves no gap.
        for (var i = found.Count - 1; i >= 0 && layout.FirstPosition(found[i]) >= count; i--)
        {
            segments.Delete(found[i]);
        }

        SafeFileHandle? tailFile = null;
        if (!isTailFull)
        {
            segments.Handles.Forget(segments.PathOf(tail));
            segments.DeleteDerived(tail);
            CutFile(segments.PathOf(tail), layout.OffsetOf(count));
            tailFile = segments.Options.Files.OpenToWrite(
                segments.PathOf(tail),
                layout.SegmentBytes
            );
            segments.Options.Files.Sync(tailFile);
        }

        foreach (var segment in found)
        {
            if (segment < tail && !segments.TryReadSeal(segment, out _))
            {
                using var file = segments.Options.Files.OpenToWrite(
                    segments.PathOf(segment),
                    layout.SegmentBytes
                );
                segments.Options.Files.Sync(file);
            }
        }

        Posix.SyncDirectory(segments.Options.Directory);
        return tailFile;
    }

    private static void CutFile(string path, long bytes)
    {
        using var file = File.OpenHandle(
            path,
            FileMode.Open,
            FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete
        );
        RandomAccess.SetLength(file, bytes);
        RandomAccess.FlushToDisk(file);
    }

    private static bool IsUnborn(SegmentSet segments, ulong segment)
    {
        using var file = ReadHandles.Open(segments.PathOf(segment));
        Span<byte> page = stackalloc byte[HistoryLimits.HeaderBytes];
        var read = RandomAccess.Read(file, page, 0);
        return !page[..read].ContainsAnyExcept((byte)0);
    }

    private static ulong WholeRows(SegmentSet segments, ulong segment, out bool isZeroAfter)
    {
        using var reader = new SegmentReader(segments, segment);
        var first = segments.Layout.FirstPosition(segment);
        var whole = 0UL;
        while (whole < segments.Layout.RowsPerSegment)
        {
            var rows = reader.Read(whole);
            for (var i = 0; i < rows.Length; i++)
            {
                if (!HistoryFormat.IsWhole(first + whole + (ulong)i, rows[i]))
                {
                    isZeroAfter = IsZero(rows[i..]);
                    return whole + (ulong)i;
                }
            }

            if (rows.IsEmpty)
            {
                break;
            }

            whole += (ulong)rows.Length;
        }

        isZeroAfter = true;
        return whole;
    }

    private static bool IsZero(ReadOnlySpan<HistoryRow> rows) =>
        !MemoryMarshal.AsBytes(rows).ContainsAnyExcept((byte)0);
}

/// <summary>Reads one segment in big pieces past the page cache.</summary>
internal sealed class SegmentReader : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly PageBuffer _buffer;
    private readonly SegmentSet _segments;

    public SegmentReader(SegmentSet segments, ulong segment)
    {
        _segments = segments;
        _file = ReadHandles.Open(segments.PathOf(segment));
        Posix.TrySetDirect(_file);
        _buffer = new PageBuffer(HistoryLimits.ScanRows * HistoryRow.Size);
    }

    /// <summary>
    /// Rows from <paramref name="row"/> of the segment on (a multiple of a unit), valid until the
    /// next call; fewer at the file's end.
    /// </summary>
    public Span<HistoryRow> Read(ulong row)
    {
        if (row % HistoryLimits.UnitRows != 0)
        {
            // The last read stopped within a unit: the file ends there.
            return [];
        }

        var wanted = (int)Math.Min(HistoryLimits.ScanRows, _segments.Layout.RowsPerSegment - row);
        var bytes = _buffer.Bytes[..(wanted * HistoryRow.Size)];
        var done = 0;
        while (done < bytes.Length)
        {
            var read = RandomAccess.Read(
                _file,
                bytes[done..],
                _segments.Layout.OffsetOf(row) + done
            );
            if (read == 0)
            {
                break;
            }

            done += read;
            if (done % HistoryLimits.PageBytes != 0)
            {
                break;
            }
        }

        return MemoryMarshal.Cast<byte, HistoryRow>(bytes[..done]);
    }

    public void Dispose()
    {
        _file.Dispose();
        _buffer.Dispose();
    }
}
