namespace Evenkeel.Watch.Drills.Soak;

/// <summary>What one process of a node occupied at a moment.</summary>
/// <param name="ProcessId">A node that was started again is another process, with less to remember.</param>
/// <param name="AtMs">On the clock of all calls.</param>
/// <param name="Acknowledged">Events acknowledged by the whole bank until then.</param>
/// <param name="ResidentBytes">All memory of the process.</param>
/// <param name="LogBytes">
/// Length of its consensus log, which it keeps in memory until a snapshot covers it: growth that is
/// known and bounded.
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
    public double? BytesPerHour() =>
        Slope(static s => s.AtMs, static s => s.ResidentBytes - s.LogBytes) * MsPerHour;

    /// <summary>Without the log. Null while no process has been warm at three samples.</summary>
    public double? BytesPerAcknowledged() =>
        Slope(static s => s.Acknowledged, static s => s.ResidentBytes - s.LogBytes);

    /// <summary>Least squares with one slope for all processes and a level of its own for each.</summary>
    private double? Slope(Func<MemorySample, double> across, Func<MemorySample, double> up)
    {
        double over = 0;
        double under = 0;
        foreach (var process in _samples.GroupBy(s => (s.Node, s.ProcessId)))
        {
            double warm = process.Min(s => s.AtMs) + WarmUpMs;
            MemorySample[] later = [.. process.Where(s => s.AtMs >= warm)];
            if (later.Length < 3)
            {
                continue;
            }
            double x = later.Average(across);
            double y = later.Average(up);
            over += later.Sum(s => (across(s) - x) * (up(s) - y));
            under += later.Sum(s => (across(s) - x) * (across(s) - x));
        }
        return under > 0 ? over / under : null;
    }
}
