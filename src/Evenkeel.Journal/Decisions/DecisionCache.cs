namespace Evenkeel.Journal.Decisions;

/// <summary>
/// Records as decisions of late have read them. It may be stale, and that costs no more than an
/// attempt: what is decided on it carries guards, and a stale guard makes the queue forget and read
/// anew. So nothing tells it of changes made elsewhere.
/// </summary>
internal sealed class DecisionCache(long bytesMax)
{
    /// <summary>Bytes that an entry takes beside its document, about.</summary>
    private const int EntryBytes = 256;

    private readonly Lock _lock = new();
    private Dictionary<RecordKey, StoredRecord?> _young = [];
    private Dictionary<RecordKey, StoredRecord?> _old = [];
    private long _youngBytes;

    /// <param name="record">Null when there was no such record.</param>
    public bool TryRead(RecordKey key, out StoredRecord? record)
    {
        lock (_lock)
        {
            if (_young.TryGetValue(key, out record))
            {
                return true;
            }
            if (!_old.Remove(key, out record))
            {
                return false;
            }
            Add(key, record);
            return true;
        }
    }

    public void Put(RecordKey key, StoredRecord? record)
    {
        // That something of the system is not there yet can end a decision without a guard.
        if (bytesMax == 0 || (record is null && IsSystem(key)))
        {
            return;
        }
        lock (_lock)
        {
            _old.Remove(key);
            Add(key, record);
        }
    }

    public void Remove(IEnumerable<RecordKey> keys)
    {
        lock (_lock)
        {
            foreach (var key in keys)
            {
                _young.Remove(key);
                _old.Remove(key);
            }
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _young.Clear();
            _old.Clear();
            _youngBytes = 0;
        }
    }

    // Two generations: what was not read for as long as it takes to fill one goes.
    private void Add(RecordKey key, StoredRecord? record)
    {
        _young[key] = record;
        _youngBytes += EntryBytes + (record?.Json.Length ?? 0);
        if (_youngBytes > bytesMax / 2)
        {
            (_old, _young) = (_young, _old);
            _young.Clear();
            _youngBytes = 0;
        }
    }

    private static bool IsSystem(RecordKey key) =>
        string.Equals(key.Collection, SystemRecords.Collection, StringComparison.Ordinal);
}
