namespace Evenkeel.Watch.Drills.Soak;

/// <summary>What one process of a node occupied at a moment.</summary>
/// <param name="ProcessId">A node that was started again is another process, with less to remember.</param>
/// <param name="AtMs">On the clock of all calls.</param>
/// <param name="Acknowledged">Events acknowledged by the whole bank until then.</param>
/// <param name="ResidentBytes">All memory of the process.</param>
/// <param name="LogBytes">
/// Length of its consensus log, which it keeps in memory until a snapshot covers it: growth that is
/// known and bounded. The engine keeps the memory of what it may forget for what comes next.
/// </param>
internal readonly record struct MemorySample(
    string Node,
    int ProcessId,
    double AtMs,
    long Acknowledged,
    long ResidentBytes,
    long LogBytes
);

/// <summary>
/// Growth of nodes' memory, told apart from what a start costs: slopes within each process, once it
/// is warm, all processes taken together. A leak shows, however often nodes are killed meanwhile.
/// </summary>
internal sealed class NodeMemory
{
    /// <summary>
    /// So long a process loads and compiles code and fills its caches, and its memory says nothing.
    /// </summary>
    public const double WarmUpMs = 90_000;

    private const double MsPerHour = 3_600_000;

    private readonly List<MemorySample> _samples = [];

    public IReadOnlyList<MemorySample> Samples => _samples;

    public void Add(MemorySample sample) => _samples.Add(sample);

    /// <summary>Without the log. Null while no process has been warm at three samples.</summary>
    public double? BytesPerHour() => Slope(static s => s.AtMs) * MsPerHour;

    /// <summary>Without the log. Null while no process has been warm at three samples.</summary>
    public double? BytesPerAcknowledged() => Slope(static s => s.Acknowledged);

    /// <summary>Least squares with one slope for all processes and a level of its own for each.</summary>
    private double? Slope(Func<MemorySample, double> across)
    {
        double over = 0;
        double under = 0;
        foreach (var process in _samples.GroupBy(s => (s.Node, s.ProcessId)))
        {
            (double X, double Y)[] points = [.. Warm([.. process], across)];
            if (points.Length < 3)
            {
                continue;
            }
            double x = points.Average(p => p.X);
            double y = points.Average(p => p.Y);
            over += points.Sum(p => (p.X - x) * (p.Y - y));
            under += points.Sum(p => (p.X - x) * (p.X - x));
        }
        return under > 0 ? over / under : null;
    }

    /// <summary>Memory of one process beside the longest log that it has had so far.</summary>
    private static IEnumerable<(double X, double Y)> Warm(
        MemorySample[] process,
        Func<MemorySample, double> across
    )
    {
        long log = 0;
        foreach (MemorySample sample in process)
        {
            log = Math.Max(log, sample.LogBytes);
            if (sample.AtMs >= process[0].AtMs + WarmUpMs)
            {
                yield return (across(sample), sample.ResidentBytes - log);
            }
        }
    }
}
