using System.Diagnostics;
using Evenkeel.Client;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Node.Tests.Protocol;

/// <summary>How the client finds who leads, and how soon it leaves who does not.</summary>
public sealed class ClientFailoverTests
{
    private static readonly TimeSpan CallMax = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task The_client_goes_on_until_it_finds_the_leader()
    {
        await using var cluster = new Scripted(3);
        cluster[2].Leads = true;
        await using var client = cluster.Connect();
        await Scripted.TransferAsync(client);
        Assert.Equal(1, cluster[2].Writes);
        await Scripted.TransferAsync(client);
        // It stays where it found it.
        Assert.Equal(1, cluster[2].Connections);
        Assert.Equal(1, cluster[0].Connections);
    }

    [Fact]
    public async Task Many_calls_that_hear_not_leader_leave_one_node_once()
    {
        await using var cluster = new Scripted(3);
        cluster[1].Leads = true;
        await using var client = cluster.Connect();
        await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Scripted.TransferAsync(client)));
        Assert.Equal(1, cluster[0].Connections);
        Assert.Equal(1, cluster[1].Connections);
        Assert.Equal(0, cluster[2].Connections);
    }

    [Fact]
    public async Task After_a_kill_the_next_leader_is_found_within_a_moment()
    {
        await using var cluster = new Scripted(3);
        cluster[0].Leads = true;
        await using var client = cluster.Connect();
        await Scripted.TransferAsync(client);
        cluster[0].Kill();
        Task call = Scripted.TransferAsync(client);
        Assert.False(call.IsCompleted);
        cluster[2].Leads = true;
        long elected = Stopwatch.GetTimestamp();
        await call;
        Assert.InRange(Stopwatch.GetElapsedTime(elected), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.Equal(1, cluster[2].Writes);
    }

    [Fact]
    public async Task A_node_that_hangs_is_given_up_by_its_silence()
    {
        await using var cluster = new Scripted(2);
        cluster[0].Leads = true;
        await using var client = cluster.Connect();
        await Scripted.TransferAsync(client);
        cluster[0].IsPaused = true;
        cluster[1].Leads = true;
        long began = Stopwatch.GetTimestamp();
        await Scripted.TransferAsync(client);
        Assert.InRange(
            Stopwatch.GetElapsedTime(began),
            TimeSpan.FromMilliseconds(400),
            TimeSpan.FromSeconds(5)
        );
        Assert.Equal(1, cluster[1].Writes);
    }

    [Fact]
    public async Task A_node_that_is_slow_but_there_is_not_given_up()
    {
        await using var cluster = new Scripted(2);
        cluster[0].Leads = true;
        cluster[0].IsSlow = true;
        await using var client = cluster.Connect(o => o with { TimeoutMs = 2_500 });
        var result = await client.CreateTransfersAsync(new Transfer[1]);
        var unknown = Assert.IsType<CallResult<CreateTransferResult[]>.Unknown>(result);
        // Its time was over; the line was not.
        Assert.Equal("not answered within the time limit", unknown.Detail);
        Assert.Equal(1, cluster[0].Connections);
    }

    [Fact]
    public async Task A_node_that_takes_connections_and_says_nothing_delays_the_search_only_a_moment()
    {
        await using var cluster = new Scripted(3);
        cluster[0].IsPaused = true;
        cluster[1].Leads = true;
        await using var client = cluster.Connect();
        long began = Stopwatch.GetTimestamp();
        await Scripted.TransferAsync(client);
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(2.5));
    }

    [Fact]
    public async Task Calls_on_their_way_at_a_node_that_lost_the_lead_are_still_answered_by_it()
    {
        await using var cluster = new Scripted(2);
        cluster[0].Leads = true;
        cluster[0].IsSlow = true;
        await using var client = cluster.Connect(o => o with { TimeoutMs = 1_500 });
        var waiting = client.CreateTransfersAsync(new Transfer[1]).AsTask();
        await Eventually.TrueAsync(() => cluster[0].Writes == 1);
        cluster[0].Leads = false;
        cluster[1].Leads = true;
        await Scripted.TransferAsync(client);
        Assert.False(waiting.IsCompleted);
        var unknown = Assert.IsType<CallResult<CreateTransferResult[]>.Unknown>(await waiting);
        Assert.Equal("not answered within the time limit", unknown.Detail);
    }

    private sealed class Scripted(int count) : IAsyncDisposable
    {
        private readonly ScriptedNode[] _nodes =
        [
            .. Enumerable.Range(0, count).Select(_ => new ScriptedNode()),
        ];

        public ScriptedNode this[int index] => _nodes[index];

        public EvenkeelClient Connect(Func<ClientOptions, ClientOptions>? configure = null)
        {
            var options = new ClientOptions
            {
                Endpoints = [.. _nodes.Select(n => n.Endpoint)],
                ApiKey = "ek_7_x",
            };
            return new EvenkeelClient(configure?.Invoke(options) ?? options);
        }

        public static async Task TransferAsync(EvenkeelClient client)
        {
            using var late = new CancellationTokenSource(CallMax);
            var result = await client.CreateTransfersUntilKnownAsync(new Transfer[1], late.Token);
            Assert.Equal(CreateTransferStatus.Created, result.Require()[0].Status);
        }

        public async ValueTask DisposeAsync()
        {
            foreach (ScriptedNode node in _nodes)
            {
                await node.DisposeAsync();
            }
        }
    }
}
