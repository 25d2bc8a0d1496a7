using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Evenkeel.Watch.Drills.TestBed;
using Xunit;

namespace Evenkeel.Watch.Tests.Drills;

/// <summary>The proxy does to a line what it is told, in the one direction, and nothing else.</summary>
public sealed class FaultProxyTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Direction _there = new();
    private readonly Direction _back = new();
    private readonly TcpListener _node = new(IPAddress.Loopback, 0);
    private FaultProxy _proxy = null!;
    private Socket _dialled = null!;
    private Socket _accepted = null!;
    private int? _owner;

    public async ValueTask InitializeAsync()
    {
        _node.Start();
        _proxy = new FaultProxy(
            () => (IPEndPoint)_node.LocalEndpoint,
            dialled =>
            {
                _owner = SocketOwners.Find(dialled.End, dialled.Port, [1, Environment.ProcessId]);
                return (_there, _back);
            }
        );
        _dialled = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await _dialled.ConnectAsync(_proxy.Endpoint);
        // The proxy calls on when it has heard who speaks.
        await _dialled.SendAsync(new byte[] { 1 });
        _accepted = await _node.AcceptSocketAsync().WaitAsync(Patience);
        Assert.Equal(1, await _accepted.ReceiveAsync(new byte[1]).WaitAsync(Patience));
    }

    public async ValueTask DisposeAsync()
    {
        _dialled.Dispose();
        _accepted.Dispose();
        await _proxy.DisposeAsync();
        _node.Dispose();
    }

    [Fact]
    public async Task The_process_that_dialled_is_known()
    {
        await AssertPassesAsync(_dialled, _accepted);

        Assert.Equal(Environment.ProcessId, _owner);
    }

    [Fact]
    public async Task Bytes_pass_both_ways_and_are_counted()
    {
        await AssertPassesAsync(_dialled, _accepted);
        await AssertPassesAsync(_accepted, _dialled);

        Assert.Equal(2, _there.Bytes);
        Assert.Equal(1, _back.Bytes);
    }

    [Fact]
    public async Task A_cut_direction_carries_nothing_until_it_heals_and_the_other_one_works()
    {
        _there.Cut();
        await _dialled.SendAsync(new byte[] { 7 });
        Task<int> arriving = _accepted.ReceiveAsync(new byte[1]);

        await AssertPassesAsync(_accepted, _dialled);
        Assert.False(arriving.IsCompleted);

        _there.Heal();
        Assert.Equal(1, await arriving.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_delay_is_kept()
    {
        _there.DelayMs = 200;
        long start = Stopwatch.GetTimestamp();

        await AssertPassesAsync(_dialled, _accepted);

        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 190, 15_000);
    }

    [Fact]
    public async Task A_narrow_line_takes_its_time()
    {
        _there.BytesPerSecondMax = 100_000;
        long start = Stopwatch.GetTimestamp();

        await _dialled.SendAsync(new byte[20_000]);
        int arrived = 0;
        while (arrived < 20_000)
        {
            arrived += await _accepted.ReceiveAsync(new byte[20_000]).WaitAsync(Patience);
        }

        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 190, 15_000);
    }

    [Fact]
    public async Task A_broken_line_ends_at_both_sides()
    {
        await AssertPassesAsync(_dialled, _accepted);

        _proxy.BreakConnections();

        Assert.True(await EndsAsync(_dialled));
        Assert.True(await EndsAsync(_accepted));
    }

    [Fact]
    public async Task The_end_of_one_side_reaches_the_other()
    {
        await AssertPassesAsync(_dialled, _accepted);

        _dialled.Dispose();

        Assert.True(await EndsAsync(_accepted));
    }

    private static async Task<bool> EndsAsync(Socket socket)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[1]).WaitAsync(Patience) == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private static async Task AssertPassesAsync(Socket from, Socket to)
    {
        await from.SendAsync(new byte[] { 42 });
        var buffer = new byte[1];
        Assert.Equal(1, await to.ReceiveAsync(buffer).WaitAsync(Patience));
        Assert.Equal(42, buffer[0]);
    }
}
