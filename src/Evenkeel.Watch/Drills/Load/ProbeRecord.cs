namespace Evenkeel.Watch.Drills.Load;

/// <summary>What a probe does.</summary>
public enum ProbeKind
{
    Balance,
    Transfer,
    Card,
}

/// <summary>What a customer would say of the answer.</summary>
public enum ProbeVerdict
{
    Good,

    /// <summary>A documented code that promises that nothing happened and says whether to retry.</summary>
    CleanRefusal,

    /// <summary>A timeout, an open outcome, a broken line, or an answer that no page describes.</summary>
    Dirty,

    /// <summary>Shown as fact and false: another one's data, a balance that can't be. Never allowed.</summary>
    Wrong,
}

/// <param name="StartNs">On the clock of all calls; of a late probe the time when it was due.</param>
/// <param name="Detail">Of a probe that was not good; else empty.</param>
public readonly record struct ProbeRecord(
    ProbeKind Kind,
    long StartNs,
    long EndNs,
    ProbeVerdict Verdict,
    string Detail
)
{
    public double LatencyMs => (EndNs - StartNs) / 1e6;
}

/// <summary>The measures of drills, computed from probes and never typed in.</summary>
public static class ProbeMeasures
{
    private const int GoodInARow = 20;

    /// <summary>
    /// Recovery as customers see it: from the start of the first failed probe after the fault to the
    /// start of the first of 20 good ones in a row; null when none failed. Milliseconds.
    /// </summary>
    /// <returns>Infinite when it never recovered.</returns>
    public static double? RecoveryMs(IEnumerable<ProbeRecord> probes, long faultNs)
    {
        ProbeRecord[] after = [.. probes.Where(p => p.EndNs >= faultNs).OrderBy(p => p.StartNs)];
        int first = Array.FindIndex(after, p => p.Verdict != ProbeVerdict.Good);
        if (first < 0)
        {
            return null;
        }
        int run = 0;
        for (int i = first; i < after.Length; i++)
        {
            run = after[i].Verdict == ProbeVerdict.Good ? run + 1 : 0;
            if (run == GoodInARow)
            {
                return (after[i - GoodInARow + 1].StartNs - after[first].StartNs) / 1e6;
            }
        }
        return double.PositiveInfinity;
    }

    /// <summary>
    /// The longest time without a good answer that touches the span: what a customer feels of it.
    /// Milliseconds.
    /// </summary>
    public static double LongestGapMs(IEnumerable<ProbeRecord> probes, long fromNs, long toNs)
    {
        long[] good =
        [
            .. probes.Where(p => p.Verdict == ProbeVerdict.Good).Select(p => p.EndNs).Order(),
        ];
        double longest = 0;
        for (int i = 1; i < good.Length; i++)
        {
            if (good[i] >= fromNs && good[i - 1] <= toNs)
            {
                longest = Math.Max(longest, (good[i] - good[i - 1]) / 1e6);
            }
        }
        return good.Length == 0 || good[^1] < fromNs ? double.PositiveInfinity : longest;
    }

    /// <param name="quantile">0 to 1.</param>
    /// <returns>Milliseconds; 0 when there is none.</returns>
    public static double LatencyMs(IEnumerable<ProbeRecord> probes, double quantile) =>
        Quantile([.. probes.Select(p => p.LatencyMs)], quantile);

    /// <summary>The nearest-rank quantile; 0 when there is nothing.</summary>
    public static double Quantile(IReadOnlyCollection<double> values, double quantile)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0
            ? 0
            : sorted[Math.Max(0, (int)Math.Ceiling(quantile * sorted.Length) - 1)];
    }
}
