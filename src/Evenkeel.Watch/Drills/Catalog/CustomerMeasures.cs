using Evenkeel.Watch.Drills.Load;

namespace Evenkeel.Watch.Drills.Catalog;

/// <summary>What customers of the gateway felt of a fault.</summary>
internal static class CustomerMeasures
{
    private const double WindowSeconds = 60;
    private const double DirtyPercentMax = 1;

    /// <summary>Writes recovery time, gap, latency and errors; requires what every drill requires.</summary>
    /// <param name="faultNs">When the fault began, on the clock of all calls.</param>
    /// <param name="recoveryMsMax">The limit of the longest recovery of an operation.</param>
    public static void Write(DrillRun run, long faultNs, double recoveryMsMax)
    {
        ProbeRecord[] all = [.. run.Customers!.Probes];
        long windowNs = faultNs + (long)(WindowSeconds * 1e9);
        ProbeRecord[] inWindow = [.. all.Where(p => p.EndNs >= faultNs && p.StartNs <= windowNs)];
        ProbeRecord[] outside = [.. all.Where(p => p.EndNs < faultNs || p.StartNs > windowNs)];
        double worst = 0;
        foreach (ProbeKind kind in Enum.GetValues<ProbeKind>())
        {
            double recovery =
                ProbeMeasures.RecoveryMs(all.Where(p => p.Kind == kind), faultNs) ?? 0;
            run.Measure($"rtoCustomer{kind}Ms", recovery);
            worst = Math.Max(worst, recovery);
        }
        run.RequireAtMost(
            "rtoCustomerMs",
            worst,
            recoveryMsMax,
            "customers' recovery, slowest operation (0 = no probe failed)"
        );
        run.Measure("gapMs", ProbeMeasures.LongestGapMs(all, faultNs, windowNs));
        run.Measure("probes", all.Length);
        run.Measure("probesInWindow", inWindow.Length);
        run.Measure("cleanRefusals", Count(all, ProbeVerdict.CleanRefusal));
        run.RequireAtMost(
            "dirtyInWindowPercent",
            inWindow.Length == 0
                ? 0
                : 100.0 * Count(inWindow, ProbeVerdict.Dirty) / inWindow.Length,
            DirtyPercentMax,
            "dirty errors in the minute after the fault"
        );
        run.RequireAtMost(
            "dirtyOutside",
            Count(outside, ProbeVerdict.Dirty),
            0,
            "dirty errors outside that minute"
        );
        run.Measure("latencyBeforeP50Ms", ProbeMeasures.LatencyMs(Before(all, faultNs), 0.5));
        run.Measure("latencyBeforeP99Ms", ProbeMeasures.LatencyMs(Before(all, faultNs), 0.99));
        run.Measure("latencyWindowP99Ms", ProbeMeasures.LatencyMs(inWindow, 0.99));
        run.Measure("latencyWindowMaxMs", ProbeMeasures.LatencyMs(inWindow, 1));
    }

    private static IEnumerable<ProbeRecord> Before(IEnumerable<ProbeRecord> all, long faultNs) =>
        all.Where(p => p.EndNs < faultNs);

    private static int Count(IEnumerable<ProbeRecord> probes, ProbeVerdict verdict) =>
        probes.Count(p => p.Verdict == verdict);
}
