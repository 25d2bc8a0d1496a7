using System.IO.Hashing;
using System.Runtime.InteropServices;
using Evenkeel.Ledger;

namespace Evenkeel.Node.History;

/// <summary>One pass over a full segment: verifies each row past the page cache, computes the seal.</summary>
internal sealed class SegmentPass
{
    private SegmentSeal _seal;

    private SegmentPass() { }

    /// <summary>What a whole segment's seal is; meaningless for a damaged one.</summary>
    public ref readonly SegmentSeal Seal => ref _seal;

    /// <summary>Damaged rows in order, at most <see cref="HistoryLimits.DamagesKeptMax"/>.</summary>
    public List<HistoryDamage> Damages { get; } = [];

    public bool IsWhole => Damages.Count == 0;

    /// <param name="handler">Receives the rows as they are on disk, damaged ones included.</param>
    public static SegmentPass Run(
        SegmentSet segments,
        ulong segment,
        CancellationToken cancellationToken,
        HistoryRowsHandler? handler = null
    )
    {
        var pass = new SegmentPass();
        var first = segments.Layout.FirstPosition(segment);
        if (!File.Exists(segments.PathOf(segment)))
        {
            pass.Damages.Add(segments.DamageAt(first, "file is missing"));
            return pass;
        }

        if (segments.VerifyHeader(segment, out var header) is { } fault)
        {
            pass.Damages.Add(segments.DamageOfHeader(segment, fault));
        }

        pass._seal = new SegmentSeal
        {
            Magic = SegmentSeal.MagicValue,
            Version = SegmentSeal.CurrentVersion,
            RowCount = (uint)segments.Layout.RowsPerSegment,
            Segment = segment,
            FirstPosition = first,
            Lineage = header.Lineage,
        };
        pass.ReadRows(segments, segment, handler, cancellationToken);
        return pass;
    }

    private void ReadRows(
        SegmentSet segments,
        ulong segment,
        HistoryRowsHandler? handler,
        CancellationToken cancellationToken
    )
    {
        var first = segments.Layout.FirstPosition(segment);
        var hash = new XxHash128();
        using var reader = new SegmentReader(segments, segment);
        for (var row = 0UL; row < segments.Layout.RowsPerSegment; )
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rows = reader.Read(row);
            if (rows.IsEmpty)
            {
                Damages.Add(segments.DamageAt(first + row, "file is cut"));
                return;
            }

            VerifyRows(segments, first + row, rows);
            if (row == 0)
            {
                _seal.FirstTimestamp = rows[0].Timestamp;
                _seal.FirstEntry = rows[0].EntryIndex;
            }

            _seal.LastTimestamp = rows[^1].Timestamp;
            _seal.LastEntry = rows[^1].EntryIndex;
            hash.Append(MemoryMarshal.AsBytes(rows));
            handler?.Invoke(first + row, rows);
            row += (ulong)rows.Length;
        }

        _seal.ContentHash = hash.GetCurrentHashAsUInt128();
        _seal.Checksum = HistoryFormat.HeaderChecksum(_seal);
    }

    private void VerifyRows(SegmentSet segments, ulong first, ReadOnlySpan<HistoryRow> rows)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            var position = first + (ulong)i;
            if (
                !HistoryFormat.IsWhole(position, rows[i])
                && Damages.Count < HistoryLimits.DamagesKeptMax
            )
            {
                Damages.Add(segments.DamageAt(position, "row checksum does not match"));
            }
        }
    }
}
