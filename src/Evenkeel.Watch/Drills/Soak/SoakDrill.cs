using System.Globalization;
using Evenkeel.Watch.Drills.Catalog;
using Evenkeel.Watch.Drills.Checking;
using Evenkeel.Watch.Drills.Load;
using Evenkeel.Watch.Drills.Measuring;
using Evenkeel.Watch.Drills.TestBed;

namespace Evenkeel.Watch.Drills.Soak;

/// <summary>
/// A bank at its default settings under load for a long time, with quiet spans in which nothing may
/// happen by itself, and random faults in between.
/// </summary>
public sealed class SoakDrill(TimeSpan length) : IDrill
{
    /// <summary>After a fault an election still has it as its cause.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Sample = TimeSpan.FromSeconds(10);

    /// <summary>Part of the soak at its beginning without any fault: elections there have no cause.</summary>
    private const double QuietPart = 0.2;

    private const int CalmMsMin = 3_000;
    private const int CalmMsMax = 20_000;
    private const double GrowthMiBPerHourMax = 512;
    private const double BytesOfMiB = 1 << 20;

    private readonly List<Cause> _causes = [];
    private readonly List<(double AtMs, string Node, double MiB)> _memory = [];

    public DrillPlan Plan { get; } =
        new()
        {
            Id = "soak",
            Name = $"Soak of {length.TotalMinutes:0.#} minutes",
            Hypothesis =
                "nothing is lost, doubled or reordered, whatever happens; while nothing happens, "
                + "nobody stands for election; memory does not grow",
            Fault =
                "none for the first fifth; then random ones from a list, one at a time, with calm "
                + "spans in between",
            DurationMax = length + TimeSpan.FromMinutes(15),
        };

    public async Task RunAsync(DrillRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        Random random = new(run.Seed);
        DateTimeOffset begin = DateTimeOffset.UtcNow;
        await using DrillBed bed = await DrillBed.StartAsync(run, writers: 3, cancellationToken);
        _causes.Add(new Cause("start", begin, DateTimeOffset.UtcNow + Grace));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task sampling = SampleAsync(bed.Cluster, stop.Token);

        await DrillBed.GoOnAsync(length * QuietPart, cancellationToken);
        run.Happened("the quiet part is over; faults begin");
        int faults = 0;
        DateTimeOffset end = begin + length;
        while (DateTimeOffset.UtcNow < end)
        {
            await HurtAsync(run, bed.Cluster, random, cancellationToken);
            faults++;
            await DrillBed.GoOnAsync(
                TimeSpan.FromMilliseconds(random.Next(CalmMsMin, CalmMsMax)),
                cancellationToken
            );
        }
        run.Measure("faults", faults);
        await stop.CancelAsync();
        await sampling;
        IReadOnlyList<Leadership> led = await Leaderships.ReadAsync(
            bed.Cluster.Nodes.Select(n => (n.Name, n.LogFile)),
            cancellationToken
        );
        WriteElections(run, led);
        WriteMemory(run);
        WriteCustomers(run, bed);
        await bed.JudgeAsync(cancellationToken);
    }

    private async Task HurtAsync(
        DrillRun run,
        TestCluster cluster,
        Random random,
        CancellationToken cancellationToken
    )
    {
        SoakFault fault = SoakFaults.Draw(random);
        DateTimeOffset from = DateTimeOffset.UtcNow;
        run.Happened(fault.Name);
        string what = await fault.ApplyAsync(cluster, random, cancellationToken);
        await cluster.WaitReadyAsync(cancellationToken);
        run.Happened($"over: {fault.Name} ({what})");
        _causes.Add(new Cause(fault.Name, from, DateTimeOffset.UtcNow + Grace));
    }

    private void WriteElections(DrillRun run, IReadOnlyList<Leadership> led)
    {
        run.Measure("elections", led.Count);
        IReadOnlyList<Leadership> causeless = Leaderships.WithoutCause(led, _causes);
        foreach (Leadership one in causeless)
        {
            run.Happened(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"without a cause {one.Node} took the lead in term {one.Term} at {one.BeginUtc:HH:mm:ss.fff}"
                )
            );
        }
        // A figure, not a criterion: on a busy machine a leader may well be late.
        run.Measure("electionsWithoutCause", causeless.Count);
    }

    private void WriteMemory(DrillRun run)
    {
        foreach (var node in _memory.GroupBy(m => m.Node, StringComparer.Ordinal))
        {
            var samples = node.Where(m => m.MiB > 0).ToArray();
            if (samples.Length < 2)
            {
                continue;
            }
            run.Measure($"{node.Key}MemoryFirstMiB", samples[0].MiB);
            run.Measure($"{node.Key}MemoryLastMiB", samples[^1].MiB);
            run.Measure($"{node.Key}MemoryMaxMiB", samples.Max(s => s.MiB));
        }
        double[] growth =
        [
            .. _memory
                .GroupBy(m => m.Node, StringComparer.Ordinal)
                .Select(g => SlopePerHour([.. g.Where(m => m.MiB > 0)])),
        ];
        if (length >= TimeSpan.FromMinutes(20))
        {
            run.RequireAtMost(
                "memoryGrowthMiBPerHour",
                growth.Max(),
                GrowthMiBPerHourMax,
                "growth of a node's memory, MiB an hour (ids are remembered for ever)"
            );
        }
        else
        {
            run.Measure("memoryGrowthMiBPerHour", growth.Max());
        }
    }

    /// <summary>Least squares over the second half, after everything has been warmed up.</summary>
    private static double SlopePerHour((double AtMs, string Node, double MiB)[] samples)
    {
        var later = samples[(samples.Length / 2)..];
        if (later.Length < 3)
        {
            return 0;
        }
        double x = later.Average(s => s.AtMs);
        double y = later.Average(s => s.MiB);
        double over = later.Sum(s => (s.AtMs - x) * (s.MiB - y));
        double under = later.Sum(s => (s.AtMs - x) * (s.AtMs - x));
        return over / under * 3_600_000;
    }

    private static void WriteCustomers(DrillRun run, DrillBed bed)
    {
        ProbeRecord[] all = [.. bed.Customers.Probes];
        run.Measure("probes", all.Length);
        run.Measure("cleanRefusals", all.Count(p => p.Verdict == ProbeVerdict.CleanRefusal));
        run.Measure("dirtyErrors", all.Count(p => p.Verdict == ProbeVerdict.Dirty));
        run.Measure("latencyP50Ms", ProbeMeasures.LatencyMs(all, 0.5));
        run.Measure("latencyP99Ms", ProbeMeasures.LatencyMs(all, 0.99));
    }

    private async Task SampleAsync(TestCluster cluster, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            foreach (TestNode node in cluster.Nodes.Where(n => n.IsRunning))
            {
                _memory.Add(
                    (CallLog.NowNs() / 1e6, node.Name, node.Process.ResidentBytes / BytesOfMiB)
                );
            }
            await Task.Delay(Sample, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
