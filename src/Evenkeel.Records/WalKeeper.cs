using Microsoft.Data.Sqlite;

namespace Evenkeel.Records;

/// <summary>
/// Copies what is in the WAL into the file, beside the thread that applies entries: that copying
/// waits for the disk several times, and every payment would wait with it. What it has not got to
/// when the WAL is full (<see cref="RecordDatabase.WalPagesMax"/>) the writer copies itself.
/// </summary>
internal sealed class WalKeeper(string path) : IDisposable
{
    /// <summary>Rows written until the next copying; each touches about one page.</summary>
    private const int RowsBetween = 6_000;

    private Thread? _copying;
    private int _rows;

    /// <summary>Called by the writer after each commit.</summary>
    public void Committed(int rows)
    {
        _rows += rows;
        if (_rows < RowsBetween || _copying is { IsAlive: true })
        {
            return;
        }
        _rows = 0;
        _copying = new Thread(Copy) { IsBackground = true, Name = "records" };
        _copying.Start();
    }

    /// <summary>Waits for a copying under way. The writer has ended.</summary>
    public void Dispose() => _copying?.Join();

    private void Copy()
    {
        try
        {
            using var connection = RecordDatabase.OpenWriter(path);
            RecordDatabase.Execute(connection, "PRAGMA wal_checkpoint(PASSIVE)");
        }
        catch (SqliteException)
        {
            // Nothing is lost: the WAL holds it, and the writer's own copying meets the same fault.
        }
    }
}
