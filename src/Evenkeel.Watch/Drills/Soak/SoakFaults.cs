using Evenkeel.Watch.Drills.TestBed;

namespace Evenkeel.Watch.Drills.Soak;

/// <summary>A way to hurt a bank that it must get over by itself.</summary>
/// <param name="Weight">How often it is drawn, against the others.</param>
/// <param name="ApplyAsync">Hurts, waits, and takes the fault away; returns what it did.</param>
public sealed record SoakFault(
    string Name,
    int Weight,
    Func<TestCluster, Random, CancellationToken, Task<string>> ApplyAsync
);

/// <summary>Every fault that a soak draws from. A new one is one line in the list.</summary>
public static class SoakFaults
{
    private const int HurtMsMin = 500;
    private const int HurtMsMax = 8_000;

    /// <summary>Those that are possible on this machine.</summary>
    public static IReadOnlyList<SoakFault> Available { get; } =
    [
        new("kill the leader", 4, (c, r, t) => KillAsync(c, r, isLeader: true, t)),
        new("kill a follower", 3, (c, r, t) => KillAsync(c, r, isLeader: false, t)),
        new("kill all", 1, KillAllAsync),
        new("stop the leader as planned", 2, TerminateAsync),
        new("pause the leader", 2, (c, r, t) => PauseAsync(c, r, isLeader: true, t)),
        new("pause a follower", 2, (c, r, t) => PauseAsync(c, r, isLeader: false, t)),
        new("cut the leader off", 2, (c, r, t) => CutAsync(c, r, c.Around, t)),
        new("let nobody hear the leader", 1, (c, r, t) => CutAsync(c, r, c.FromNode, t)),
        new("let the leader hear nobody", 1, (c, r, t) => CutAsync(c, r, c.ToNode, t)),
        new("flap the leader's lines", 1, FlapAsync),
        new("delay a follower's lines", 2, DelayAsync),
        .. SystemCalls.ArePossible
            ? (SoakFault[])[new("slow the leader's disk", 1, SlowDiskAsync)]
            : [],
    ];

    public static SoakFault Draw(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        int dice = random.Next(Available.Sum(f => f.Weight));
        foreach (SoakFault fault in Available)
        {
            dice -= fault.Weight;
            if (dice < 0)
            {
                return fault;
            }
        }
        return Available[^1];
    }

    private static async Task<TestNode> ChooseAsync(
        TestCluster cluster,
        Random random,
        bool isLeader,
        CancellationToken token
    )
    {
        TestNode leader = await cluster.LeaderAsync(token);
        TestNode[] others = [.. cluster.Others(leader)];
        return isLeader ? leader : others[random.Next(others.Length)];
    }

    private static Task HurtAsync(Random random, CancellationToken token) =>
        Task.Delay(random.Next(HurtMsMin, HurtMsMax), token);

    private static async Task<string> KillAsync(
        TestCluster cluster,
        Random random,
        bool isLeader,
        CancellationToken token
    )
    {
        TestNode node = await ChooseAsync(cluster, random, isLeader, token);
        await node.KillAsync();
        await HurtAsync(random, token);
        node.Start();
        return node.Name;
    }

    private static async Task<string> KillAllAsync(
        TestCluster cluster,
        Random random,
        CancellationToken token
    )
    {
        foreach (TestNode node in cluster.Nodes)
        {
            node.Process.KillNow();
        }
        foreach (TestNode node in cluster.Nodes)
        {
            await node.KillAsync();
        }
        await HurtAsync(random, token);
        foreach (TestNode node in cluster.Nodes)
        {
            node.Start();
        }
        return "all";
    }

    private static async Task<string> TerminateAsync(
        TestCluster cluster,
        Random random,
        CancellationToken token
    )
    {
        TestNode node = await ChooseAsync(cluster, random, isLeader: true, token);
        await node.TerminateAsync();
        await HurtAsync(random, token);
        node.Start();
        return node.Name;
    }

    private static async Task<string> PauseAsync(
        TestCluster cluster,
        Random random,
        bool isLeader,
        CancellationToken token
    )
    {
        TestNode node = await ChooseAsync(cluster, random, isLeader, token);
        node.Pause();
        try
        {
            await HurtAsync(random, token);
        }
        finally
        {
            node.Continue();
        }
        return node.Name;
    }

    private static async Task<string> CutAsync(
        TestCluster cluster,
        Random random,
        Func<TestNode, IReadOnlyList<Direction>> choose,
        CancellationToken token
    )
    {
        TestNode node = await ChooseAsync(cluster, random, isLeader: true, token);
        foreach (Direction direction in choose(node))
        {
            direction.Cut();
        }
        await HurtAsync(random, token);
        cluster.Heal();
        return node.Name;
    }

    private static async Task<string> FlapAsync(
        TestCluster cluster,
        Random random,
        CancellationToken token
    )
    {
        const int Flaps = 8;
        TestNode node = await ChooseAsync(cluster, random, isLeader: true, token);
        for (int i = 0; i < Flaps; i++)
        {
            foreach (Direction direction in cluster.Around(node))
            {
                direction.Cut();
            }
            await Task.Delay(random.Next(20, 500), token);
            cluster.Heal();
            cluster.BreakConnectionsTo(node);
            await Task.Delay(random.Next(20, 500), token);
        }
        return node.Name;
    }

    private static async Task<string> DelayAsync(
        TestCluster cluster,
        Random random,
        CancellationToken token
    )
    {
        TestNode node = await ChooseAsync(cluster, random, isLeader: false, token);
        int delayMs = random.Next(5, 1_000);
        foreach (Direction direction in cluster.Around(node))
        {
            direction.DelayMs = delayMs;
        }
        await HurtAsync(random, token);
        cluster.Heal();
        return $"{node.Name} by {delayMs} ms";
    }

    private static async Task<string> SlowDiskAsync(
        TestCluster cluster,
        Random random,
        CancellationToken token
    )
    {
        TestNode node = await ChooseAsync(cluster, random, isLeader: true, token);
        int delayMs = random.Next(20, 500);
        await using (
            await SystemCalls.SlowDiskAsync(
                node.Process,
                TimeSpan.FromMilliseconds(delayMs),
                Path.Combine(cluster.Directory, "strace.log")
            )
        )
        {
            await HurtAsync(random, token);
        }
        return $"{node.Name} by {delayMs} ms";
    }
}
