using Evenkeel.Journal;

namespace Evenkeel.TestModels;

/// <summary>
/// The rules of applying without money, written as simply as they can be told: the second opinion
/// that the real store is compared with, and the state behind the in-memory journal.
/// </summary>
internal sealed class NaiveRecords
{
    public Dictionary<RecordKey, (ulong Version, byte[]? Json)> Records { get; } = [];

    public Dictionary<RecordKey, long> Counters { get; } = [];

    public Dictionary<OperationId, (UInt128 Hash, OperationResult Result)> Operations { get; } = [];

    public List<string> Changes { get; } = [];

    public OperationResult Apply(Operation operation, ulong timestamp)
    {
        var hash = OperationHash.Compute(operation);
        if (Operations.TryGetValue(operation.Id, out var known))
        {
            return known.Hash == hash
                ? known.Result with
                {
                    Replayed = true,
                }
                : Answer(OperationStatus.IdReusedWithOtherContent, timestamp);
        }

        var result = Decide(operation, timestamp);
        if (result.Status != OperationStatus.StaleGuard)
        {
            Operations[operation.Id] = (hash, result);
        }

        return result;
    }

    private OperationResult Decide(Operation operation, ulong timestamp)
    {
        for (var i = 0; i < operation.Guards.Count; i++)
        {
            if (!Holds(operation.Guards[i]))
            {
                return Answer(OperationStatus.StaleGuard, timestamp, i);
            }
        }

        if (operation.RefusalCode != 0)
        {
            return Answer(OperationStatus.DecisionRefused, timestamp) with
            {
                FailedStatus = operation.RefusalCode,
            };
        }

        for (var i = 0; i < operation.Guards.Count; i++)
        {
            if (operation.Guards[i] is Guard.Counter counter)
            {
                var sum = (Int128)Counters.GetValueOrDefault(counter.Key) + counter.Delta;
                if (sum < counter.Min || sum > counter.Max)
                {
                    return Answer(OperationStatus.CounterOutOfBounds, timestamp, i);
                }
            }
        }

        foreach (var counter in operation.Guards.OfType<Guard.Counter>())
        {
            Counters[counter.Key] = Counters.GetValueOrDefault(counter.Key) + counter.Delta;
        }

        foreach (var write in operation.Writes)
        {
            var (version, json) = Records.GetValueOrDefault(write.Key);
            if (json is not null || write.Json is not null)
            {
                Records[write.Key] = (version + 1, write.Json?.ToArray());
                Changes.Add($"{write.Key.Collection}/{write.Key.Key} {version + 1}");
            }
        }

        foreach (var message in operation.Messages)
        {
            Changes.Add(message.Topic);
        }

        return Answer(OperationStatus.Done, timestamp);
    }

    private bool Holds(Guard guard)
    {
        switch (guard)
        {
            case Guard.Version version:
                var (found, json) = Records.GetValueOrDefault(version.Key);
                return json is not null
                    && found == version.Expected
                    && (version.Content == 0 || version.Content == OperationHash.OfDocument(json));
            case Guard.Absent absent:
                return Records.GetValueOrDefault(absent.Key).Json is null;
            case Guard.BusinessDate date:
                return Records.GetValueOrDefault(SystemRecords.BusinessDate).Json is { } now
                    && SystemRecords.DecodeDate(now) == date.Expected;
            default:
                return true;
        }
    }

    private static OperationResult Answer(
        OperationStatus status,
        ulong timestamp,
        int failedIndex = -1
    ) =>
        new()
        {
            Status = status,
            Timestamp = timestamp,
            FailedIndex = failedIndex,
        };
}
