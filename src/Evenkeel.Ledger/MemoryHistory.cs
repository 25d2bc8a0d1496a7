using Evenkeel.Model;

namespace Evenkeel.Ledger;

/// <summary>History rows in memory: for tests and <c>ledger exec</c>.</summary>
/// <remarks>
/// Sealed rows may be read by other threads while one thread appends: chunks never move and the
/// table of chunks is published whole.
/// </remarks>
public sealed class MemoryHistory : IHistory
{
    // A reservation must be contiguous, so a chunk holds at least the largest one.
    private const int ChunkRowsShift = 14;
    private const int ChunkRows = 1 << ChunkRowsShift;

    // Rows that a reservation handed out beyond the current chunk's end; copied on Advance.
    private HistoryRow[]? _spill;
    private HistoryRow[][] _chunks = [new HistoryRow[ChunkRows]];
    private ulong _count;
    private ulong _sealed;

    public ulong Count => Volatile.Read(ref _count);

    public Span<HistoryRow> Reserve(int rows)
    {
        Check.That(rows >= 0);
        var offset = (int)(_count % ChunkRows);
        if (rows <= ChunkRows - offset)
        {
            _spill = null;
            return ChunkAt(_count).AsSpan(offset);
        }

        _spill = new HistoryRow[rows];
        return _spill;
    }

    public void Advance(int rows)
    {
        Check.That(rows >= 0);
        var next = _count + (ulong)rows;
        if (_spill is { } spill)
        {
            Check.That(rows <= spill.Length);
            for (var i = 0; i < rows; i++)
            {
                var position = _count + (ulong)i;
                ChunkAt(position)[(int)(position % ChunkRows)] = spill[i];
            }

            _spill = null;
        }
        else
        {
            Check.That(rows <= ChunkRows - (int)(_count % ChunkRows));
        }

        Volatile.Write(ref _count, next);
    }

    public void TruncateTo(ulong position)
    {
        Check.That(position >= _sealed && position <= _count);
        _spill = null;
        Volatile.Write(ref _count, position);
    }

    public void Seal(ulong entryIndex) => _sealed = _count;

    public void Read(ulong position, out HistoryRow row)
    {
        Check.That(position < Count);
        var chunks = Volatile.Read(ref _chunks);
        row = chunks[(int)(position >> ChunkRowsShift)][(int)(position % ChunkRows)];
    }

    private HistoryRow[] ChunkAt(ulong position)
    {
        var index = (int)(position >> ChunkRowsShift);
        Check.That(index <= _chunks.Length);
        if (index == _chunks.Length)
        {
            HistoryRow[][] grown = [.. _chunks, new HistoryRow[ChunkRows]];
            Volatile.Write(ref _chunks, grown);
        }

        return _chunks[index];
    }
}
