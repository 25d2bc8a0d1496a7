using Evenkeel.Model;

namespace Evenkeel.Journal.Decisions;

/// <summary>
/// What a decision reads through. Every record it reads, present or absent, becomes a guard, so that
/// the decision stands only if all it looked at is still so when it is applied (no write skew).
/// </summary>
/// <remarks>
/// Reads are by key. Scans are not offered, because "nothing else matches" can't be guarded by the
/// versions of what did match: keep a set that decides something as a record or as a counter.
/// </remarks>
public sealed class DecisionReader
{
    private readonly IJournal _journal;
    private readonly InFlightOverlay _overlay;
    private readonly DecisionCache _cache;
    private readonly Dictionary<RecordKey, StoredRecord?> _seen = [];
    private readonly Dictionary<RecordKey, Guard> _guards = [];

    internal DecisionReader(IJournal journal, InFlightOverlay overlay, DecisionCache cache)
    {
        _journal = journal;
        _overlay = overlay;
        _cache = cache;
    }

    /// <summary>
    /// How many guards stand before the decision's own, once it is complete: by it a refused guard of
    /// <see cref="OperationResult.FailedIndex"/> is found again.
    /// </summary>
    public int GuardCount => _guards.Count;

    /// <summary>Every record that was looked at.</summary>
    internal IReadOnlyCollection<RecordKey> Keys => _seen.Keys;

    /// <summary>Guards for everything read so far.</summary>
    internal IReadOnlyDictionary<RecordKey, Guard> Guards => _guards;

    /// <summary>The record now, or as the decisions in flight before this one will leave it.</summary>
    /// <returns>Null when there is none. The same key gives the same answer within a decision.</returns>
    /// <exception cref="DecisionReadException">The journal could not answer.</exception>
    public async ValueTask<StoredRecord?> ReadAsync(
        RecordKey key,
        CancellationToken cancellationToken
    )
    {
        if (_seen.TryGetValue(key, out var seen))
        {
            return seen;
        }

        if (_overlay.TryRead(key, out var predicted))
        {
            _seen[key] = predicted;
            _guards[key] = predicted is null
                ? new Guard.Absent(key)
                : new Guard.Version(
                    key,
                    predicted.Version,
                    OperationHash.OfDocument(predicted.Json.Span)
                );
            return predicted;
        }

        if (!_cache.TryRead(key, out var record))
        {
            record = await ReadJournalAsync(key, cancellationToken);
            _cache.Put(key, record);
        }
        _seen[key] = record;
        _guards[key] = record is null
            ? new Guard.Absent(key)
            : new Guard.Version(key, record.Version);
        return record;
    }

    /// <summary>The business date; null before the bank has one.</summary>
    public async ValueTask<DateOnly?> ReadBusinessDateAsync(CancellationToken cancellationToken)
    {
        var key = SystemRecords.BusinessDate;
        var wasRead = _seen.ContainsKey(key);
        var record = await ReadAsync(key, cancellationToken);
        var date = record is null ? null : SystemRecords.DecodeDate(record.Json.Span);
        if (date is { } known && !wasRead)
        {
            // The date itself is the guard: rewriting the same date is no reason to decide anew.
            _guards[key] = new Guard.BusinessDate(known);
        }

        return date;
    }

    /// <summary>What this decision has read of a record, for foreseeing its next version.</summary>
    internal bool TryGetSeen(RecordKey key, out StoredRecord? record) =>
        _seen.TryGetValue(key, out record);

    private async ValueTask<StoredRecord?> ReadJournalAsync(
        RecordKey key,
        CancellationToken cancellationToken
    )
    {
        var answer = await _journal.ReadRecordsAsync(
            new RecordQuery { Collection = key.Collection, Key = key.Key },
            cancellationToken
        );
        return answer switch
        {
            Answer<RecordPage>.Done done => done.Value.Records is [var record] ? record : null,
            Answer<RecordPage>.NotDone notDone => throw new DecisionReadException(
                notDone.Reason,
                notDone.Detail
            ),
            Answer<RecordPage>.Unknown unknown => throw new DecisionReadException(
                FrameStatus.Unavailable,
                unknown.Detail
            ),
            _ => throw new InvalidOperationException("A fourth kind of answer."),
        };
    }
}

/// <summary>
/// A decision could not read what it needs. The queue turns it into "not done": nothing was proposed.
/// </summary>
public sealed class DecisionReadException(FrameStatus reason, string detail) : Exception(detail)
{
    public FrameStatus Reason { get; } = reason;
}
