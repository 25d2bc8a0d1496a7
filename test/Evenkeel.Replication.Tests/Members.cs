using System.Net;
using Evenkeel.Watch.Drills.TestBed;
using static Evenkeel.Replication.Tests.Testing;

namespace Evenkeel.Replication.Tests;

/// <summary>Members of one cluster in this process, over loopback sockets.</summary>
internal sealed class Members(TestDirectory directory, int count) : IAsyncDisposable
{
    public static LineageId Lineage { get; } = new(3);

    public IPEndPoint[] Endpoints { get; } = FreeEndpoints(count);

    public RaftLog?[] Logs { get; } = new RaftLog?[count];

    public ListMachine[] Machines { get; } = new ListMachine[count];

    /// <summary>Changes the options of a member, by its number.</summary>
    public Func<int, RaftLogOptions, RaftLogOptions> Configure { get; init; } = static (_, o) => o;

    public int Leader => Array.FindIndex(Logs, static log => log is { IsLeader: true });

    public string DirectoryOf(int member) => directory[$"member-{member}"];

    public RaftLogOptions OptionsOf(int member) =>
        Configure(
            member,
            Testing.Options(directory) with
            {
                Directory = DirectoryOf(member),
                Lineage = Lineage,
                Endpoint = Endpoints[member],
                Members = Endpoints,
                // All members and their client share two cores here, with other test programs: a
                // leader that waits a second for a core must not lose its place in these tests.
                LowerElectionTimeoutMs = 1_500,
                UpperElectionTimeoutMs = 2_000,
                RequestTimeoutMs = 1_000,
                ConnectTimeoutMs = 200,
                TrailBytes = 1 << 20,
            }
        );

    public async Task<RaftLog> StartAllAsync()
    {
        for (var member = 0; member < count; member++)
        {
            await StartAsync(member);
        }
        return await FindLeaderAsync();
    }

    public async Task StartAsync(int member)
    {
        Machines[member] = new ListMachine();
        var log = new RaftLog(OptionsOf(member), Machines[member]);
        Logs[member] = log;
        await log.StartAsync(Patience);
    }

    public async Task StopAsync(int member)
    {
        if (Logs[member] is { } log)
        {
            Logs[member] = null;
            await log.DisposeAsync();
        }
    }

    public async Task<RaftLog> FindLeaderAsync()
    {
        await WaitForAsync(() => Leader >= 0);
        var leader = Logs[Leader]!;
        await leader.WaitForLeadershipAsync(Patience);
        return leader;
    }

    public async Task<int> WipeFollowerAsync()
    {
        await WaitForAsync(() => Leader >= 0);
        var wiped = Array.FindIndex(Logs, static log => log is { IsLeader: false });
        await StopAsync(wiped);
        Directory.Delete(DirectoryOf(wiped), recursive: true);
        return wiped;
    }

    public static async Task WaitForAsync(Func<bool> condition)
    {
        var patience = Patience;
        while (!condition())
        {
            await Task.Delay(5, patience);
        }
    }

    public async ValueTask DisposeAsync()
    {
        for (var member = 0; member < count; member++)
        {
            await StopAsync(member);
        }
    }

    private static IPEndPoint[] FreeEndpoints(int count) =>
        [
            .. Enumerable
                .Range(0, count)
                .Select(static _ => new IPEndPoint(IPAddress.Loopback, FreePorts.Take())),
        ];
}

/// <summary>Asks the leader in this process; can be told to break off.</summary>
internal sealed class LocalSource(Members members) : ISeedSource
{
    /// <summary>Bytes after which the line is cut, once; null never.</summary>
    public long? CutAfter { get; set; }

    /// <summary>What the cut looks like: a member that went away, or this process being killed.</summary>
    public Func<Exception> Cut { get; init; } = static () => new OperationCanceledException();

    public List<(string Path, long Offset)> Asked { get; } = [];

    public Func<SeedPlan, Task>? OnPlan { get; init; }

    public async Task<SeedPlan> PlanAsync(CancellationToken cancellationToken)
    {
        foreach (var log in members.Logs)
        {
            if (log?.Seeds is { } seeds && await seeds.PlanAsync(cancellationToken) is { } plan)
            {
                // As it would arrive.
                plan = SeedPlan.Parse(plan.ToJson());
                await (OnPlan?.Invoke(plan) ?? Task.CompletedTask);
                return plan;
            }
        }
        throw new SeedSourceException("nobody leads");
    }

    public async Task CopyAsync(
        SeedPlan plan,
        SeedFile file,
        long offset,
        Stream destination,
        CancellationToken cancellationToken
    )
    {
        Asked.Add((file.Path, offset));
        var log = members.Logs.Single(log =>
            log is not null && string.Equals(NameOf(log), plan.Member, StringComparison.Ordinal)
        )!;
        var count = file.Length - offset;
        var part = Math.Min(count, CutAfter ?? long.MaxValue);
        if (!await log.Seeds!.CopyAsync(file.Path, offset, part, destination, cancellationToken))
        {
            throw new SeedSourceException($"{file.Path} is gone");
        }
        if (CutAfter is not null)
        {
            CutAfter -= part;
            if (CutAfter == 0)
            {
                CutAfter = null;
                throw Cut();
            }
        }
    }

    private string NameOf(RaftLog log) =>
        members.Endpoints[Array.IndexOf(members.Logs, log)].ToString();
}
