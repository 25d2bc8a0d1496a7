using Evenkeel.Journal;

namespace Evenkeel.Records;

/// <summary>
/// Rows that the writer has read or written of late, and keys that it found absent: what a decision
/// guards is looked up several times while it is applied. The store is the file's only writer and
/// puts here what it writes, so that an entry is never older than the file. One thread.
/// </summary>
/// <param name="size">Bytes that a row holds beside its key, about.</param>
internal sealed class RowCache<T>(Func<T, int> size, long bytesMax)
    where T : struct
{
    /// <summary>Bytes that an entry takes beside its row, about.</summary>
    private const int EntryBytes = 256;

    private Dictionary<RecordKey, T?> _young = [];
    private Dictionary<RecordKey, T?> _old = [];
    private long _youngBytes;

    /// <param name="row">Null when there is no such row.</param>
    public bool TryGet(RecordKey key, out T? row)
    {
        if (_young.TryGetValue(key, out row))
        {
            return true;
        }
        if (!_old.Remove(key, out row))
        {
            return false;
        }
        Put(key, row);
        return true;
    }

    // Two generations: what was not asked for as long as it takes to fill one goes.
    public void Put(RecordKey key, T? row)
    {
        _young[key] = row;
        _youngBytes += EntryBytes + (row is { } present ? size(present) : 0);
        if (_youngBytes > bytesMax / 2)
        {
            (_old, _young) = (_young, _old);
            _young.Clear();
            _youngBytes = 0;
        }
        else
        {
            _old.Remove(key);
        }
    }
}
