using System.Net;
using Evenkeel.Client;
using Evenkeel.Model;
using Evenkeel.Watch.Drills.TestBed;
using Xunit;

namespace Evenkeel.Cluster.Tests;

/// <summary>
/// What a power loss leaves is what was flushed. So the system calls of every node must show that a
/// transfer was flushed on two of three nodes before its answer left, and that each follower flushed
/// what it was sent before it said so.
/// </summary>
[Collection(ClusterTrial.Collection)]
public sealed class PowerLossTests(ITestOutputHelper output)
{
    private const int Transfers = 20;
    private const int TriesMax = 200;
    private static readonly TimeSpan TraceMax = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Every_node_flushes_before_it_acknowledges()
    {
        Assert.SkipUnless(
            SystemCalls.ArePossible,
            "strace is not installed or may not attach here"
        );
        CancellationToken token = TestContext.Current.CancellationToken;
        await using TestCluster cluster = await TestCluster.StartAsync(
            new TestClusterOptions { Binary = ClusterTrial.Binary },
            token
        );
        await OpenAccountsAsync(cluster, token);
        List<SystemCalls> tracers = [];
        foreach (TestNode node in cluster.Nodes)
        {
            tracers.Add(
                await SystemCalls.TraceAsync(
                    node.Process,
                    TraceFile(node),
                    node.LogFile + ".strace"
                )
            );
        }
        List<(UInt128 Id, TestNode Leader)> done = [];
        for (int i = 0; i < TriesMax && done.Count < Transfers; i++)
        {
            // Being traced is slow enough to cost a leader its place: only answers count.
            TestNode leader = await cluster.LeaderAsync(token);
            UInt128 id = RandomId();
            if (await IsDoneAsync(cluster, leader, id, token))
            {
                done.Add((id, leader));
            }
        }
        foreach (SystemCalls tracer in tracers)
        {
            await tracer.DisposeAsync();
        }

        int onTime = 0;
        int followersSeen = 0;
        SystemCallTrace[] traces =
        [
            .. cluster.Nodes.Select(n =>
                SystemCallTrace.Read(TraceFile(n), Path.Combine(n.DataDirectory, "raft"))
            ),
        ];
        foreach (var (id, leader) in done)
        {
            double?[] flushed = [.. traces.Select(t => t.FlushedAt(id))];
            double answered =
                traces[leader.Number].AnsweredAt(id, leader.Binary.Port)
                ?? throw new InvalidOperationException($"The answer of {id} is not in the trace.");
            Assert.True(
                flushed.Count(f => f < answered) >= 2,
                $"{id}: answered at {answered:F6}, flushed at {string.Join(", ", flushed)}"
            );
            onTime++;
            foreach (TestNode follower in cluster.Others(leader))
            {
                SystemCallTrace trace = traces[follower.Number];
                if (trace.AnsweredAt(id, follower.RaftListen.Port) is { } replied)
                {
                    followersSeen++;
                    Assert.True(
                        trace.FlushedAt(id) < replied,
                        $"{follower.Name} replied for {id} at {replied:F6}, flushed at "
                            + $"{trace.FlushedAt(id):F6}"
                    );
                }
            }
        }
        output.WriteLine($"{onTime} transfers, {followersSeen} replies of followers");
        Assert.Equal(Transfers, onTime);
        Assert.True(followersSeen >= Transfers, $"only {followersSeen} replies were seen");

        string TraceFile(TestNode node) => Path.Combine(cluster.Directory, $"{node.Name}.trace");
    }

    private static EvenkeelClient NewClient(TestCluster cluster, IReadOnlyList<EndPoint> nodes) =>
        new(
            new ClientOptions
            {
                Endpoints = nodes,
                ApiKey = cluster.Key,
                TimeoutMs = (int)TraceMax.TotalMilliseconds,
            }
        );

    private static async Task OpenAccountsAsync(TestCluster cluster, CancellationToken token)
    {
        await using EvenkeelClient client = NewClient(cluster, cluster.BinaryEndpoints);
        Account[] accounts =
        [
            new()
            {
                Id = 1,
                Ledger = 1,
                Code = 1,
            },
            new()
            {
                Id = 2,
                Ledger = 1,
                Code = 1,
            },
        ];
        (
            await client.UntilKnownAsync(() => client.CreateAccountsAsync(accounts, token), token)
        ).Require();
    }

    private static async Task<bool> IsDoneAsync(
        TestCluster cluster,
        TestNode leader,
        UInt128 id,
        CancellationToken token
    )
    {
        await using EvenkeelClient client = NewClient(cluster, [leader.Binary]);
        Transfer transfer = new()
        {
            Id = id,
            DebitAccountId = 1,
            CreditAccountId = 2,
            Amount = 1,
            Ledger = 1,
            Code = 1,
        };
        return await client.CreateTransfersAsync(new[] { transfer }, token)
                is CallResult<CreateTransferResult[]>.Done done
            && done.Value[0].Status == CreateTransferStatus.Created;
    }

    /// <summary>Sixteen bytes that are nowhere else.</summary>
    private static UInt128 RandomId() =>
        new((ulong)Random.Shared.NextInt64(1, long.MaxValue), (ulong)Random.Shared.NextInt64());
}
