using System.Net;
using Evenkeel.Client;
using Evenkeel.Model;
using Evenkeel.Watch.Drills.Checking;
using Evenkeel.Watch.Drills.Load;
using Evenkeel.Watch.Drills.TestBed;

namespace Evenkeel.Watch.Drills.Catalog;

/// <summary>D03: a leader that is neither dead nor well.</summary>
internal sealed class GreyFailure : IDrill
{
    private const double FencedMsMax = 15_000;
    private const double SlowdownMax = 3;
    private const double RecoveryMsMax = 15_000;

    /// <summary>A p99 below this is good whatever it was before: a quiet bank has hardly any.</summary>
    private const double LatencyFloorMs = 100;

    private static readonly TimeSpan Before = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Hurt = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan DiskDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ClockJump = TimeSpan.FromMinutes(10);

    public DrillPlan Plan { get; } =
        new()
        {
            Id = "D03",
            Name = "Grey failure and split",
            Hypothesis =
                "a leader that hangs, or is heard by nobody, is replaced by the quorum; after its "
                + "return it acknowledges nothing; the others keep their speed; a clock that jumps "
                + "moves neither order nor time stamps",
            Fault =
                "the leader is (a) stopped by SIGSTOP and continued, (b) given a disk that takes "
                + "2 s for each write, (c) cut off one way, so that nobody hears it, (d) given a wall "
                + "clock 10 minutes ahead",
        };

    public async Task RunAsync(DrillRun run, CancellationToken cancellationToken)
    {
        run.WasAccelerated($"each fault lasts {Hurt.TotalSeconds:0} s instead of 40 s");
        run.IsNotBuilt("incident, status page and notices (none of them exists yet)");
        Dictionary<string, FalseClock> clocks = new(StringComparer.Ordinal);
        Directory.CreateDirectory(run.BedDirectory);
        await using DrillBed bed = await DrillBed.StartAsync(
            run,
            writers: 2,
            cancellationToken,
            node =>
            {
                if (FalseClock.IsPossible)
                {
                    clocks[node.Name] = new(Path.Combine(run.BedDirectory, $"{node.Name}.clock"));
                    clocks[node.Name].GiveTo(node);
                }
            }
        );
        await DrillBed.GoOnAsync(Before, cancellationToken);
        double p99Before = ProbeMeasures.LatencyMs(bed.Customers.Probes, 0.99);
        run.Measure("latencyBeforeP99Ms", p99Before);

        await PauseAsync(run, bed, cancellationToken);
        await SlowDiskAsync(run, bed, cancellationToken);
        await OneWayAsync(run, bed, p99Before, cancellationToken);
        await ClockAsync(run, bed, clocks, cancellationToken);

        await bed.JudgeAsync(cancellationToken);
        ProbeRecord[] all = [.. bed.Customers.Probes];
        double dirty = 100.0 * all.Count(p => p.Verdict == ProbeVerdict.Dirty) / all.Length;
        run.RequireAtMost("dirtyPercent", dirty, 1, "dirty errors of the whole drill");
        run.Measure("probes", all.Length);
        run.Measure("cleanRefusals", all.Count(p => p.Verdict == ProbeVerdict.CleanRefusal));
    }

    private static async Task PauseAsync(DrillRun run, DrillBed bed, CancellationToken token)
    {
        TestNode old = await bed.Cluster.LeaderAsync(token);
        long fault = CallLog.NowNs();
        old.Pause();
        run.Happened($"(a) SIGSTOP of {old.Name}, which led");
        await FencedAsync(run, bed, old, fault, "pause", "(a) stopped leader", token);
        await DrillBed.GoOnAsync(Hurt, token);
        old.Continue();
        run.Happened($"(a) SIGCONT of {old.Name}");
        await AsksTheOldLeaderAsync(run, bed, old, "acceptedAfterContinue", token);
        await CalmAsync(run, bed, fault, "pause", token);
    }

    private static async Task SlowDiskAsync(DrillRun run, DrillBed bed, CancellationToken token)
    {
        if (!SystemCalls.ArePossible)
        {
            run.IsNotBuilt("(b) slow disk: strace is not installed or may not attach here");
            return;
        }
        TestNode old = await bed.Cluster.LeaderAsync(token);
        long fault = CallLog.NowNs();
        await using (
            await SystemCalls.SlowDiskAsync(
                old.Process,
                DiskDelay,
                Path.Combine(run.Directory, "strace.log")
            )
        )
        {
            run.Happened($"(b) each disk write of {old.Name}, which led, takes 2 s more");
            await FencedAsync(run, bed, old, fault, "slowDisk", "(b) slow leader", token);
            await DrillBed.GoOnAsync(Hurt, token);
        }
        run.Happened($"(b) the disk of {old.Name} is fast again");
        await CalmAsync(run, bed, fault, "slowDisk", token);
    }

    private static async Task OneWayAsync(
        DrillRun run,
        DrillBed bed,
        double p99Before,
        CancellationToken token
    )
    {
        TestNode old = await bed.Cluster.LeaderAsync(token);
        long fault = CallLog.NowNs();
        foreach (Direction direction in bed.Cluster.FromNode(old))
        {
            direction.Cut();
        }
        run.Happened($"(c) nobody hears {old.Name}, which led; it hears all");
        await FencedAsync(run, bed, old, fault, "oneWay", "(c) unheard leader", token);
        await DrillBed.GoOnAsync(Hurt / 2, token);
        long settled = CallLog.NowNs();
        await DrillBed.GoOnAsync(Hurt / 2, token);
        double p99 = ProbeMeasures.LatencyMs(
            bed.Customers.Probes.Where(p => p.StartNs >= settled),
            0.99
        );
        run.RequireAtMost(
            "healthySideP99Ms",
            p99,
            Math.Max(LatencyFloorMs, SlowdownMax * p99Before),
            "p99 of the healthy side once settled: 3 times the usual, or 100 ms"
        );
        await AsksTheOldLeaderAsync(run, bed, old, "acceptedWhileCutOff", token);
        bed.Cluster.Heal();
        run.Happened($"(c) {old.Name} is heard again");
        await CalmAsync(run, bed, fault, "oneWay", token);
    }

    private static async Task ClockAsync(
        DrillRun run,
        DrillBed bed,
        Dictionary<string, FalseClock> clocks,
        CancellationToken token
    )
    {
        if (clocks.Count == 0)
        {
            run.IsNotBuilt("(d) clock jump: there is no C compiler here");
            return;
        }
        TestNode leader = await bed.Cluster.LeaderAsync(token);
        clocks[leader.Name].SetOffset(ClockJump);
        run.Happened($"(d) the clock of {leader.Name}, which leads, is 10 minutes ahead");
        await bed.Trial.ProgressAsync(100, token);
        await DrillBed.GoOnAsync(Calm, token);
        ulong latest = bed.Customers.Log.Writes.SelectMany(w => w.Answers).Max(a => a.Timestamp);
        double aheadMs = (latest / 1e6) - DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        run.RequireAtMost(
            "timestampAheadMs",
            Math.Max(0, aheadMs),
            1_000,
            "(d) the latest time stamp is ahead of true time"
        );
        clocks[leader.Name].SetOffset(TimeSpan.Zero);
        run.Happened($"(d) the clock of {leader.Name} is right again");
        await DrillBed.GoOnAsync(Calm, token);
    }

    private static async Task FencedAsync(
        DrillRun run,
        DrillBed bed,
        TestNode old,
        long fault,
        string name,
        string what,
        CancellationToken token
    )
    {
        var (_, fencedMs) = await bed.NextLeaderAsync(old, fault, token);
        run.RequireAtMost($"{name}FencedMs", fencedMs, FencedMsMax, $"{what} is replaced");
    }

    private static async Task CalmAsync(
        DrillRun run,
        DrillBed bed,
        long fault,
        string name,
        CancellationToken token
    )
    {
        await bed.Cluster.WaitReadyAsync(token);
        await DrillBed.GoOnAsync(Calm, token);
        ProbeRecord[] since = [.. bed.Customers.Probes.Where(p => p.EndNs >= fault)];
        run.Measure(
            $"{name}GapMs",
            ProbeMeasures.LongestGapMs(bed.Customers.Probes, fault, CallLog.NowNs())
        );
        run.RequireAtMost(
            $"{name}RtoCustomerMs",
            ProbeMeasures.RecoveryMs(since, fault) ?? 0,
            RecoveryMsMax,
            $"customers' recovery after the fault \"{name}\" (0 = no probe failed)"
        );
    }

    /// <summary>Writes that only the old leader is asked for; while another leads none may be done.</summary>
    private static async Task AsksTheOldLeaderAsync(
        DrillRun run,
        DrillBed bed,
        TestNode old,
        string name,
        CancellationToken token
    )
    {
        await using EvenkeelClient client = new(
            new ClientOptions
            {
                Endpoints = [(EndPoint)old.Binary],
                ApiKey = bed.Cluster.Key,
                TimeoutMs = 1_000,
            }
        );
        int accepted = 0;
        const int Tries = 20;
        for (int i = 0; i < Tries && !await old.AnswersAsync("/leaderz", token); i++)
        {
            // A transfer that is refused for its content in any case: it moves nothing, and yet only
            // a leader can say so.
            Transfer nothing = new() { Id = new UInt128(9, (ulong)CallLog.NowNs()), Ledger = 1 };
            CallResult<CreateTransferResult[]> answer = await client.CreateTransfersAsync(
                new[] { nothing },
                token
            );
            accepted +=
                answer is CallResult<CreateTransferResult[]>.Done
                && !await old.AnswersAsync("/leaderz", token)
                    ? 1
                    : 0;
        }
        run.RequireAtMost(name, accepted, 0, $"writes decided by the old leader ({name})");
    }
}
