using Evenkeel.Ledger;
using Evenkeel.Model;

namespace Evenkeel.Simulation.World;

/// <summary>The process died here.</summary>
internal sealed class SimulatedCrashException : Exception;

/// <summary>
/// The node's history with a crash point at every write: before rows are reserved (nothing of the
/// command happened), when they are handed over, and between the records' commit and the entry's end.
/// </summary>
internal sealed class CrashingHistory : IHistory
{
    private readonly MemoryHistory _rows = new();
    private int _writesLeft = -1;

    public ulong Count => _rows.Count;

    public void CrashAfter(int writes) => _writesLeft = writes;

    public Span<HistoryRow> Reserve(int rows)
    {
        MayCrash();
        return _rows.Reserve(rows);
    }

    public void Advance(int rows)
    {
        MayCrash();
        _rows.Advance(rows);
    }

    public void TruncateTo(ulong position) => _rows.TruncateTo(position);

    public void Seal(ulong entryIndex)
    {
        MayCrash();
        _rows.Seal(entryIndex);
    }

    public void Read(ulong position, out HistoryRow row) => _rows.Read(position, out row);

    public HistoryRow[] First(ulong count)
    {
        Check.That(count <= Count);
        var rows = new HistoryRow[count];
        for (ulong i = 0; i < count; i++)
        {
            Read(i, out rows[i]);
        }
        return rows;
    }

    /// <summary>What a restart finds: the rows that a snapshot counts on, made again from there.</summary>
    public static CrashingHistory Of(HistoryRow[] rows)
    {
        var history = new CrashingHistory();
        foreach (HistoryRow[] piece in rows.Chunk(1_000))
        {
            piece.CopyTo(history._rows.Reserve(piece.Length));
            history._rows.Advance(piece.Length);
        }
        history._rows.Seal(0);
        return history;
    }

    private void MayCrash()
    {
        if (_writesLeft >= 0 && _writesLeft-- == 0)
        {
            throw new SimulatedCrashException();
        }
    }
}
