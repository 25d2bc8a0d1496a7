using Evenkeel.Model;

namespace Evenkeel.Journal.Decisions;

/// <summary>A request that needs a decision on records before it becomes an operation.</summary>
public sealed record DecisionRequest
{
    public required OperationId Id { get; init; }

    public required IReadOnlyList<Principal> Principals { get; init; }

    /// <summary>What was asked for (<see cref="OperationHash.OfRequest"/>); not 0.</summary>
    public required UInt128 RequestHash { get; init; }

    /// <summary>
    /// The records that requests like this one contend for: they are decided one after the other.
    /// </summary>
    public IReadOnlyList<RecordKey> Keys { get; init; } = [];
}

/// <summary>
/// Makes a decision: reads through the reader and completes the draft with effects, or with a
/// <see cref="Operation.RefusalCode"/>. It may run several times, and has no effects of its own.
/// </summary>
public delegate ValueTask<Operation> Decide(
    DecisionReader reader,
    Operation draft,
    CancellationToken cancellationToken
);

/// <summary>
/// Where the leader decides: one decision at a time for each key, the next one against what those in
/// flight will have written. What it decides is right by its guards alone; queue and forecast only
/// spare retries.
/// </summary>
public sealed class DecisionQueue
{
    private readonly IJournal _journal;
    private readonly DecisionLimits _limits;
    private readonly DecisionLanes _lanes;
    private readonly InFlightOverlay _overlay = new();
    private readonly DecisionCache _cache;

    public DecisionQueue(IJournal journal, DecisionLimits? limits = null)
    {
        _journal = journal;
        _limits = limits ?? new DecisionLimits();
        _lanes = new DecisionLanes(_limits);
        _cache = new DecisionCache(_limits.CacheBytesMax);
    }

    /// <summary>
    /// Decides and proposes until the decision stands. Asking again with the same id and request is
    /// always safe and gives the first result.
    /// </summary>
    /// <returns>
    /// <see cref="Answer{T}.NotDone"/> with <see cref="FrameStatus.Busy"/> when too many wait, or when
    /// every attempt met newer records; nothing was done then.
    /// </returns>
    public async ValueTask<Answer<OperationResult>> DecideAsync(
        DecisionRequest request,
        Decide decide,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(decide);
        Check.That(request.RequestHash != 0);
        Check.That(request.Keys.Count <= DecisionLimits.KeysMax);

        using var place = _lanes.TryQueue(Lanes(request));
        if (place is null)
        {
            return NotDone(FrameStatus.Busy, "Too many decisions are waiting.");
        }

        for (var attempt = 1; attempt <= _limits.AttemptsMax; attempt++)
        {
            await place.EnterAsync(cancellationToken);
            var answer = await AttemptAsync(request, decide, place, cancellationToken);
            if (
                answer
                is not Answer<OperationResult>.Done { Value.Status: OperationStatus.StaleGuard }
            )
            {
                return answer;
            }
        }

        return NotDone(
            FrameStatus.Busy,
            $"The records changed under each of {_limits.AttemptsMax} attempts."
        );
    }

    /// <summary>
    /// Forgets every forecast: this node no longer leads, or no longer knows what is in flight.
    /// </summary>
    public void DropForecasts()
    {
        _overlay.Clear();
        _cache.Clear();
    }

    // The id is the first lane, held to the end: a second attempt of the same request must not decide
    // while the first is on its way. The other lanes are sorted, so that no two decisions deadlock.
    private static List<object> Lanes(DecisionRequest request) =>
        [
            request.Id,
            .. request
                .Keys.Distinct()
                .OrderBy(key => key.Collection, StringComparer.Ordinal)
                .ThenBy(key => key.Key, StringComparer.Ordinal),
        ];

    private static Answer<OperationResult>.NotDone NotDone(FrameStatus reason, string detail) =>
        new(reason, detail);

    private async ValueTask<Answer<OperationResult>> AttemptAsync(
        DecisionRequest request,
        Decide decide,
        DecisionLanes.Place place,
        CancellationToken cancellationToken
    )
    {
        var reader = new DecisionReader(_journal, _overlay, _cache);
        Operation operation;
        try
        {
            var draft = new Operation
            {
                Id = request.Id,
                Principals = request.Principals,
                RequestHash = request.RequestHash,
            };
            var decided = await decide(reader, draft, cancellationToken);
            Check.That(decided.Id == request.Id && decided.RequestHash == request.RequestHash);
            operation = decided with { Guards = Merge(reader, decided.Guards) };
        }
        catch (DecisionReadException exception)
        {
            return NotDone(exception.Reason, exception.Message);
        }

        var fault = OperationRules.Judge(operation);
        if (fault != OperationFault.None)
        {
            return NotDone(
                FrameStatus.InvalidRequest,
                $"The decision is not well formed: {fault}."
            );
        }

        return await ProposeAsync(operation, reader, place, cancellationToken);
    }

    private async ValueTask<Answer<OperationResult>> ProposeAsync(
        Operation operation,
        DecisionReader reader,
        DecisionLanes.Place place,
        CancellationToken cancellationToken
    )
    {
        var owner = new object();
        var keys = operation.Writes.Select(write => write.Key).ToArray();
        var proposal = _journal.ProposeAsync(operation, cancellationToken);
        if (TryForecast(operation, reader) is { } forecasts)
        {
            _overlay.Add(owner, forecasts);
            place.Exit(keep: 1);
        }

        try
        {
            var answer = await proposal;
            if (answer is not Answer<OperationResult>.Done done)
            {
                // Whatever was decided on this one is in doubt, and maybe so is our leadership.
                DropForecasts();
            }
            else if (done.Value is not { Status: OperationStatus.Done, Replayed: false })
            {
                // What was forecast on top of this one is wrong too: let the next read what is.
                _overlay.Remove(keys);
                _cache.Remove(keys);
                if (done.Value.Status == OperationStatus.StaleGuard)
                {
                    _cache.Remove(reader.Keys);
                }
            }
            else
            {
                Learn(operation, reader);
            }

            return answer;
        }
        finally
        {
            _overlay.Remove(owner, keys);
            place.Exit(keep: 1);
        }
    }

    /// <summary>What was written is what the next decision reads.</summary>
    private void Learn(Operation operation, DecisionReader reader)
    {
        foreach (var write in operation.Writes)
        {
            if (
                write.Json is { } json
                && reader.TryGetSeen(write.Key, out var seen)
                && seen is not null
            )
            {
                _cache.Put(write.Key, new StoredRecord(write.Key, seen.Version + 1, json));
            }
            else
            {
                _cache.Remove([write.Key]);
            }
        }
    }

    private static List<Guard> Merge(DecisionReader reader, IReadOnlyList<Guard> own) =>
        [
            .. reader.Guards.Values,
            .. own.Where(guard =>
                guard switch
                {
                    Guard.Version version => !reader.Guards.ContainsKey(version.Key),
                    Guard.Absent absent => !reader.Guards.ContainsKey(absent.Key),
                    Guard.BusinessDate => !reader.Guards.ContainsKey(SystemRecords.BusinessDate),
                    _ => true,
                }
            ),
        ];

    /// <summary>
    /// The records as they will be; null when one of them can't be foreseen, since its version is
    /// not known (it was not read, or is made anew). The next decision then waits for the result.
    /// </summary>
    private static List<(RecordKey Key, StoredRecord? Record)>? TryForecast(
        Operation operation,
        DecisionReader reader
    )
    {
        var forecasts = new List<(RecordKey, StoredRecord?)>();
        foreach (var write in operation.Writes)
        {
            if (write.Json is not { } json)
            {
                forecasts.Add((write.Key, null));
            }
            else if (reader.TryGetSeen(write.Key, out var seen) && seen is not null)
            {
                forecasts.Add((write.Key, new StoredRecord(write.Key, seen.Version + 1, json)));
            }
            else
            {
                return null;
            }
        }

        return forecasts;
    }
}
