namespace Evenkeel.Demo.Load;

/// <summary>What a run of load brought, as the customers saw it.</summary>
/// <param name="Asked">Things that were to move money.</param>
/// <param name="Shown">Looks at accounts and statements.</param>
/// <param name="Reversed">No answer came, and the machine took it back.</param>
/// <param name="Unknown">No answer in all the time that was given, or a look that failed.</param>
/// <param name="Late">Things that had to wait for a free place: the bank was slower than asked.</param>
/// <param name="Repeats">Sendings beyond the first, with the same reference.</param>
/// <param name="Kinds">How many of each kind were begun.</param>
/// <param name="Reasons">How often each "no" was said.</param>
public sealed record LoadReport(
    long Asked,
    long Shown,
    long Done,
    long NotDone,
    long BeingResolved,
    long Reversed,
    long Unknown,
    long Late,
    long Repeats,
    TimeSpan Took,
    double LatencyP50Ms,
    double LatencyP99Ms,
    double LatencyMaxMs,
    IReadOnlyDictionary<string, long> Kinds,
    IReadOnlyDictionary<string, long> Reasons
);

/// <summary>Counts while a load runs; any number of threads.</summary>
internal sealed class LoadCount
{
    private readonly Lock _lock = new();
    private readonly List<double> _latenciesMs = [];
    private readonly Dictionary<ToldOutcome, long> _outcomes = [];
    private readonly SortedDictionary<string, long> _kinds = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _reasons = new(StringComparer.Ordinal);
    private long _asked;
    private long _late;
    private long _repeats;

    public void Begin(Act act, bool isLate)
    {
        lock (_lock)
        {
            _asked += act.Moves ? 1 : 0;
            _late += isLate ? 1 : 0;
            Add(_kinds, act.Kind.ToString());
        }
    }

    /// <summary>The first answer.</summary>
    public void End(Told told, TimeSpan latency)
    {
        lock (_lock)
        {
            _latenciesMs.Add(latency.TotalMilliseconds);
            Count(told, 1);
        }
    }

    /// <summary>A later answer takes the place of the one before.</summary>
    public void Change(Told before, Told after)
    {
        lock (_lock)
        {
            _outcomes[before.Outcome]--;
            Count(after, 1);
        }
    }

    public LoadReport Report(TimeSpan took)
    {
        lock (_lock)
        {
            var ordered = _latenciesMs.Order().ToArray();
            return new LoadReport(
                _asked,
                Of(ToldOutcome.Shown),
                Of(ToldOutcome.Done),
                Of(ToldOutcome.NotDone),
                Of(ToldOutcome.BeingResolved),
                Of(ToldOutcome.Reversed),
                Of(ToldOutcome.Unknown),
                _late,
                _repeats,
                took,
                At(0.5),
                At(0.99),
                At(1),
                _kinds,
                _reasons
            );

            double At(double share) =>
                ordered.Length == 0 ? 0 : ordered[(int)(share * (ordered.Length - 1))];
        }
    }

    private void Count(Told told, long by)
    {
        _outcomes[told.Outcome] = Of(told.Outcome) + by;
        _repeats += told.Tries - 1;
        if (told is { Outcome: ToldOutcome.NotDone, Reason: { } reason })
        {
            Add(_reasons, reason);
        }
    }

    private long Of(ToldOutcome outcome) => _outcomes.GetValueOrDefault(outcome);

    private static void Add(SortedDictionary<string, long> counts, string name) =>
        counts[name] = (counts.TryGetValue(name, out var count) ? count : 0) + 1;
}
