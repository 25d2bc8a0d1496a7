using Evenkeel.Journal;

namespace Evenkeel.LedgerApi.Tests.Bank;

/// <summary>Records, guards and counters in a sorted dictionary. Not thread-safe.</summary>
internal sealed class InMemoryRecords
{
    private readonly SortedDictionary<(string, string), StoredRecord> _records = new(
        Comparer<(string, string)>.Create(
            (a, b) =>
                string.CompareOrdinal(a.Item1, b.Item1) is var c and not 0
                    ? c
                    : string.CompareOrdinal(a.Item2, b.Item2)
        )
    );
    private readonly Dictionary<RecordKey, long> _counters = [];

    /// <summary>Judges all guards, then adds to the counters; or names the guard that refused.</summary>
    public (OperationStatus Status, int Index) TryHold(IReadOnlyList<Guard> guards)
    {
        for (var i = 0; i < guards.Count; i++)
        {
            var (held, refusal) = guards[i] switch
            {
                Guard.Version v => (VersionOf(v.Key) == v.Expected, OperationStatus.StaleGuard),
                Guard.Absent a => (VersionOf(a.Key) == 0, OperationStatus.StaleGuard),
                Guard.Counter c => (
                    _counters.GetValueOrDefault(c.Key) + c.Delta is var sum
                        && sum >= c.Min
                        && sum <= c.Max,
                    OperationStatus.CounterOutOfBounds
                ),
                _ => (false, OperationStatus.Invalid),
            };
            if (!held)
            {
                return (refusal, i);
            }
        }
        return (OperationStatus.Done, -1);
    }

    public void Apply(Operation operation)
    {
        foreach (var c in operation.Guards.OfType<Guard.Counter>())
        {
            _counters[c.Key] = _counters.GetValueOrDefault(c.Key) + c.Delta;
        }
        foreach (var write in operation.Writes)
        {
            var at = (write.Key.Collection, write.Key.Key);
            if (write.Json is not { } json)
            {
                _records.Remove(at);
                continue;
            }
            _records[at] = new StoredRecord(write.Key, VersionOf(write.Key) + 1, json.ToArray());
        }
    }

    public RecordPage Read(RecordQuery query)
    {
        var found = _records
            .Values.Where(r =>
                string.Equals(r.Key.Collection, query.Collection, StringComparison.Ordinal)
            )
            .Where(r =>
                query.Key is null || string.Equals(r.Key.Key, query.Key, StringComparison.Ordinal)
            )
            .Where(r =>
                query.Prefix is null || r.Key.Key.StartsWith(query.Prefix, StringComparison.Ordinal)
            )
            .Where(r => query.After is null || string.CompareOrdinal(r.Key.Key, query.After) > 0)
            .Take(query.Limit + 1)
            .ToArray();
        return found.Length > query.Limit
            ? new RecordPage(found[..query.Limit], found[query.Limit - 1].Key.Key)
            : new RecordPage(found, null);
    }

    private ulong VersionOf(RecordKey key) =>
        _records.TryGetValue((key.Collection, key.Key), out var r) ? r.Version : 0;
}
