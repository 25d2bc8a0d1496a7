using Evenkeel.Ledger;
using Evenkeel.Ledger.Queries;
using Evenkeel.Model;

namespace Evenkeel.Node.History;

/// <summary>Whether a row can be an answer to a query.</summary>
internal static class RowMatch
{
    public static bool Matches(in QueryFilter filter, in HistoryRow row) =>
        row.Kind == HistoryRowKind.Transfer
        && (filter.UserData128 == UInt128.Zero || filter.UserData128 == row.UserData128)
        && (filter.UserData64 == 0 || filter.UserData64 == row.UserData64)
        && (filter.UserData32 == 0 || filter.UserData32 == row.UserData32)
        && (filter.Ledger == 0 || filter.Ledger == row.Ledger)
        && (filter.Code == 0 || filter.Code == row.Code);
}

/// <summary>
/// Finds rows by user data, ledger and code: in sealed segments by their index files, behind them by
/// looking at the rows in RAM.
/// </summary>
internal sealed class FileTransferIndex(FileHistory history) : ITransferIndex
{
    /// <inheritdoc/>
    public ITransferCursor Open(in QueryFilter filter, ulong from, ulong to)
    {
        Check.That(to <= history.Count);
        return new Cursor(history, filter, from, to);
    }

    // Keeps nothing between calls but the range that is left: every call finds its place again.
    private sealed class Cursor(FileHistory history, QueryFilter filter, ulong from, ulong to)
        : ITransferCursor
    {
        private const int RowsPerLook = 4_096;

        private readonly bool _isReversed = (filter.Flags & QueryFilterFlags.Reversed) != 0;
        private readonly ulong[] _page = new ulong[IndexFormat.PageWords];
        private ulong _from = from;
        private ulong _to = to;
        private HistoryRow[]? _rows;
        private ulong[]? _found;

        public int Next(Span<ulong> positions)
        {
            Check.That(!positions.IsEmpty);
            var count = 0;
            while (count == 0 && _from < _to)
            {
                count = Step(positions);
            }

            return count;
        }

        // One segment, or a part of it.
        private int Step(Span<ulong> positions)
        {
            var layout = history.Segments.Layout;
            var segment = layout.SegmentOf(_isReversed ? _to - 1 : _from);
            var first = layout.FirstPosition(segment);
            var low = Math.Max(_from, first);
            var high = Math.Min(_to, layout.FirstPosition(segment + 1));
            if (history.Indexes.Find(segment) is { } index)
            {
                try
                {
                    return StepByIndex(index, first, low, high, positions);
                }
                catch (IndexDamagedException)
                {
                    // The rows are the truth; the index is made again from them.
                    history.Indexes.Drop(segment);
                    history.Sealer?.Remake(segment);
                }
            }

            return StepByRows(low, high, positions);
        }

        private int StepByIndex(
            SegmentIndex index,
            ulong first,
            ulong low,
            ulong high,
            Span<ulong> positions
        )
        {
            var count = index.Find(
                filter,
                low - first,
                high - first,
                _isReversed,
                positions,
                _page
            );
            foreach (ref var position in positions[..count])
            {
                position += first;
            }

            var isDone = count < positions.Length;
            if (_isReversed)
            {
                _to = isDone ? low : positions[count - 1];
            }
            else
            {
                _from = isDone ? high : positions[count - 1] + 1;
            }

            return count;
        }

        private int StepByRows(ulong low, ulong high, Span<ulong> positions)
        {
            var look = (int)Math.Min(high - low, (ulong)Math.Min(RowsPerLook, positions.Length));
            if (_isReversed)
            {
                low = high - (ulong)look;
                _to = low;
            }
            else
            {
                _from = low + (ulong)look;
            }

            _found ??= new ulong[RowsPerLook];
            var count = -1;
            if (history.Ring is { } ring)
            {
                count = ring.Find(filter, low, look, _found);
            }

            if (count < 0)
            {
                count = FindOnDisk(low, look, _found);
            }

            var found = _found.AsSpan(0, count);
            if (_isReversed)
            {
                found.Reverse();
            }

            found.CopyTo(positions);
            return count;
        }

        private int FindOnDisk(ulong position, int count, Span<ulong> found)
        {
            _rows ??= new HistoryRow[RowsPerLook];
            var rows = _rows.AsSpan(0, count);
            history.ReadRange(position, rows);
            var matches = 0;
            for (var i = 0; i < count; i++)
            {
                if (RowMatch.Matches(filter, rows[i]))
                {
                    found[matches++] = position + (ulong)i;
                }
            }

            return matches;
        }

        public void Dispose() { }
    }
}
