namespace Evenkeel.Journal.Decisions;

/// <summary>
/// What the proposals in flight will have written when they succeed, so that the next decision on
/// the same record need not wait for the disk. Only a forecast: what is decided on it carries guards
/// with the forecast's content, and is decided anew when the forecast was wrong.
/// </summary>
internal sealed class InFlightOverlay
{
    private readonly Lock _lock = new();
    private readonly Dictionary<RecordKey, (object Owner, StoredRecord? Record)> _records = [];

    public bool TryRead(RecordKey key, out StoredRecord? record)
    {
        lock (_lock)
        {
            var found = _records.TryGetValue(key, out var forecast);
            record = forecast.Record;
            return found;
        }
    }

    /// <summary>A later forecast of a key replaces an earlier one.</summary>
    public void Add(object owner, IEnumerable<(RecordKey Key, StoredRecord? Record)> forecasts)
    {
        lock (_lock)
        {
            foreach (var (key, record) in forecasts)
            {
                _records[key] = (owner, record);
            }
        }
    }

    /// <summary>Takes back what this owner forecast and nobody replaced.</summary>
    public void Remove(object owner, IEnumerable<RecordKey> keys)
    {
        lock (_lock)
        {
            foreach (var key in keys)
            {
                if (_records.TryGetValue(key, out var forecast) && forecast.Owner == owner)
                {
                    _records.Remove(key);
                }
            }
        }
    }

    /// <summary>Takes back every forecast of these keys.</summary>
    public void Remove(IEnumerable<RecordKey> keys)
    {
        lock (_lock)
        {
            foreach (var key in keys)
            {
                _records.Remove(key);
            }
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _records.Clear();
        }
    }
}
