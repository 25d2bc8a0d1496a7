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

    /// <summary>An id is remembered for ever, 16 bytes, in an index that doubles its parts.</summary>
    private const double GrowthBytesPerTransferMax = 128;

    private const double BytesOfMiB = 1 << 20;

    /// <summary>Below it the slopes say more about the warming up than about growth.</summary>
    private static readonly TimeSpan JudgedFrom = TimeSpan.FromMinutes(20);

    private readonly List<Cause> _causes = [];
    private readonly NodeMemory _memory = new();
    private readonly List<double> _load = [];

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
        Task sampling = SampleAsync(bed.Trial, stop.Token);

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
        WriteLoad(run);
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
        foreach (var node in _memory.Samples.GroupBy(m => m.Node, StringComparer.Ordinal))
        {
            run.Measure($"{node.Key}MemoryFirstMiB", node.First().ResidentBytes / BytesOfMiB);
            run.Measure($"{node.Key}MemoryLastMiB", node.Last().ResidentBytes / BytesOfMiB);
            run.Measure($"{node.Key}MemoryMaxMiB", node.Max(s => s.ResidentBytes) / BytesOfMiB);
            run.Measure($"{node.Key}LogMaxMiB", node.Max(s => s.LogBytes) / BytesOfMiB);
        }
        double? perHour = _memory.BytesPerHour() / BytesOfMiB;
        double? perTransfer = _memory.BytesPerAcknowledged();
        if (length < JudgedFrom)
        {
            run.Measure("memoryGrowthMiBPerHour", perHour);
            run.Measure("memoryGrowthBytesPerTransfer", perTransfer);
            return;
        }
        run.RequireAtMost(
            "memoryGrowthMiBPerHour",
            perHour,
            GrowthMiBPerHourMax,
            "growth of a warm node's memory beside its log, MiB an hour"
        );
        run.RequireAtMost(
            "memoryGrowthBytesPerTransfer",
            perTransfer,
            GrowthBytesPerTransferMax,
            "growth of a warm node's memory beside its log, bytes an acknowledged transfer"
        );
    }

    /// <summary>What else ran on this machine: elections without a cause may have theirs there.</summary>
    private void WriteLoad(DrillRun run)
    {
        run.Measure("machineLoadMean", _load.Count > 0 ? _load.Average() : null);
        run.Measure("machineLoadMax", _load.Count > 0 ? _load.Max() : null);
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

    private async Task SampleAsync(Trial trial, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            foreach (TestNode node in trial.Cluster.Nodes)
            {
                BedProcess process = node.Process;
                if (process.ResidentBytes is > 0 and var resident)
                {
                    _memory.Add(
                        new MemorySample(
                            node.Name,
                            process.Id,
                            CallLog.NowNs() / 1e6,
                            trial.Acknowledged,
                            resident,
                            node.LogBytes
                        )
                    );
                }
            }
            if (MachineLoad.OneMinute() is { } load)
            {
                _load.Add(load);
            }
            await Task.Delay(Sample, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
