using System.Runtime.InteropServices;
using Evenkeel.Client;
using Evenkeel.Model;
using Evenkeel.Node.Protocol;
using Xunit;

namespace Evenkeel.Node.Tests.Protocol;

public sealed class BadInputTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private static byte[] Transfers(int count) =>
        RawClient.Request(
            OperationCode.CreateTransfers,
            MemoryMarshal.AsBytes<Transfer>(Events.Transfers(1, count)),
            (uint)count
        );

    public static TheoryData<string, int> Flips =>
        new()
        {
            { "magic", 0 },
            { "checksum", 8 },
            { "request id", 16 },
            { "operation", 24 },
            { "body", 64 },
        };

    [Theory]
    [MemberData(nameof(Flips))]
    public async Task A_flipped_bit_is_malformed_and_ends_the_line(string field, int offset)
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.OpenAsync(node);
        byte[] frame = Transfers(1);
        frame[offset] ^= 0x10;
        await client.SendAsync(frame);
        (Frame reply, _) = await client.ReceiveAsync();
        Assert.True(reply.Status == FrameStatus.Malformed, field);
        Assert.True(await client.IsClosedWithinAsync(Soon));
        await AssertServesAsync(node);
    }

    [Theory]
    [InlineData(0u, FrameStatus.Malformed)]
    [InlineData(63u, FrameStatus.Malformed)]
    [InlineData((1u << 20) + 1, FrameStatus.TooLarge)]
    [InlineData(uint.MaxValue, FrameStatus.TooLarge)]
    public async Task A_wrong_length_is_refused_before_anything_is_read(
        uint length,
        FrameStatus expected
    )
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.OpenAsync(node);
        byte[] frame = RawClient.Request(OperationCode.Ping, [], 0);
        BitConverter.TryWriteBytes(frame.AsSpan(4), length);
        await client.SendAsync(RawClient.Seal(frame));
        (Frame reply, _) = await client.ReceiveAsync();
        Assert.Equal(expected, reply.Status);
        Assert.True(await client.IsClosedWithinAsync(Soon));
    }

    [Theory]
    [InlineData(26)]
    [InlineData(30)]
    [InlineData(40)]
    public async Task Set_reserved_bytes_are_malformed(int offset)
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.OpenAsync(node);
        byte[] frame = RawClient.Request(OperationCode.Ping, [], 0);
        frame[offset] = 1;
        await client.SendAsync(RawClient.Seal(frame));
        Assert.Equal(FrameStatus.Malformed, (await client.ReceiveAsync()).Header.Status);
    }

    [Fact]
    public async Task Another_version_is_told_which_one_is_spoken()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.OpenAsync(node);
        byte[] frame = RawClient.Request(OperationCode.Ping, [], 0);
        frame[28] = 2;
        await client.SendAsync(RawClient.Seal(frame));
        Assert.Equal(FrameStatus.UnsupportedVersion, (await client.ReceiveAsync()).Header.Status);
    }

    [Fact]
    public async Task Before_hello_nothing_else_is_answered()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.OpenAsync(node.Endpoint);
        await client.SendAsync(RawClient.Request(OperationCode.Ping, [], 0));
        Assert.Equal(FrameStatus.Unauthenticated, (await client.ReceiveAsync()).Header.Status);
        Assert.True(await client.IsClosedWithinAsync(Soon));
    }

    [Fact]
    public async Task Before_hello_no_large_frame_is_read()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.OpenAsync(node.Endpoint);
        await client.SendAsync(Transfers(1_000).AsMemory(0, 64));
        Assert.Equal(FrameStatus.TooLarge, (await client.ReceiveAsync()).Header.Status);
        Assert.True(await client.IsClosedWithinAsync(Soon));
    }

    [Fact]
    public async Task Unknown_operations_and_the_logs_own_are_refused()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.OpenAsync(node);
        foreach (ushort code in (ushort[])[0, 1, 15, 40, 66, 128, 129, ushort.MaxValue])
        {
            await client.SendAsync(RawClient.Request((OperationCode)code, [], 0, id: code));
            (Frame reply, _) = await client.ReceiveAsync();
            Assert.Equal(FrameStatus.InvalidRequest, reply.Status);
            Assert.Equal(code, reply.RequestId);
        }
    }

    [Theory]
    [InlineData(OperationCode.CreateTransfers, 128, 2u)]
    [InlineData(OperationCode.CreateTransfers, 127, 1u)]
    [InlineData(OperationCode.CreateTransfers, 0, 0u)]
    [InlineData(OperationCode.CreateAccounts, 64, 1u)]
    [InlineData(OperationCode.UpdateAccounts, 128, 1u)]
    [InlineData(OperationCode.LookupAccounts, 17, 1u)]
    [InlineData(OperationCode.LookupTransfers, 0, 0u)]
    [InlineData(OperationCode.GetAccountTransfers, 64, 1u)]
    [InlineData(OperationCode.QueryTransfers, 128, 1u)]
    [InlineData(OperationCode.GetChangeEvents, 64, 2u)]
    [InlineData(OperationCode.ReadRecords, 3, 1u)]
    [InlineData(OperationCode.Operation, 100, 1u)]
    public async Task A_body_of_the_wrong_shape_is_refused_and_the_line_goes_on(
        OperationCode operation,
        int bytes,
        uint count
    )
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.OpenAsync(node);
        await client.SendAsync(RawClient.Request(operation, new byte[bytes], count));
        Assert.Equal(FrameStatus.InvalidRequest, (await client.ReceiveAsync()).Header.Status);
        await client.SendAsync(RawClient.Request(OperationCode.Ping, [], 0));
        Assert.Equal(FrameStatus.Ok, (await client.ReceiveAsync()).Header.Status);
    }

    [Fact]
    public async Task A_frame_that_comes_byte_by_byte_is_answered()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.OpenAsync(node);
        byte[] frame = Transfers(1);
        for (int i = 0; i < frame.Length; i++)
        {
            await client.SendAsync(frame.AsMemory(i, 1));
        }
        Assert.Equal(FrameStatus.Ok, (await client.ReceiveAsync()).Header.Status);
    }

    [Fact]
    public async Task Frames_of_all_sizes_in_one_stream_are_each_answered()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.OpenAsync(node);
        int[] sizes = [1, 8_190, 3, 500, 511, 512, 513, 4_000, 1, 8_190, 8_190, 2];
        Task sending = Task.Run(async () =>
        {
            foreach (int size in sizes)
            {
                await client.SendAsync(Transfers(size));
            }
        });
        var counts = new List<int>();
        foreach (int _ in sizes)
        {
            (Frame reply, byte[] body) = await client.ReceiveAsync();
            Assert.Equal(FrameStatus.Ok, reply.Status);
            Assert.Equal(reply.Count * 16, (uint)body.Length);
            counts.Add((int)reply.Count);
        }
        await sending;
        Assert.Equal(sizes.Order(), counts.Order());
    }

    [Fact]
    public async Task A_half_sent_frame_is_dropped_after_its_time()
    {
        await using TestNode node = await TestNode.StartAsync(configureProtocol: o =>
            o with
            {
                FrameTimeoutMs = 300,
            }
        );
        await using RawClient client = await RawClient.OpenAsync(node);
        await client.SendAsync(Transfers(100).AsMemory(0, 5_000));
        Assert.True(await client.IsClosedWithinAsync(Soon));
        await AssertServesAsync(node);
    }

    [Fact]
    public async Task A_line_that_says_no_hello_is_dropped_after_its_time()
    {
        await using TestNode node = await TestNode.StartAsync(configureProtocol: o =>
            o with
            {
                HelloTimeoutMs = 300,
            }
        );
        await using RawClient client = await RawClient.OpenAsync(node.Endpoint);
        Assert.True(await client.IsClosedWithinAsync(Soon));
    }

    [Fact]
    public async Task An_idle_line_is_dropped_after_its_time()
    {
        await using TestNode node = await TestNode.StartAsync(configureProtocol: o =>
            o with
            {
                IdleTimeoutMs = 300,
            }
        );
        await using RawClient client = await RawClient.OpenAsync(node);
        Assert.True(await client.IsClosedWithinAsync(Soon));
    }

    [Fact]
    public async Task A_client_that_never_reads_is_dropped_and_hurts_nobody()
    {
        await using TestNode node = await TestNode.StartAsync(configureProtocol: o =>
            o with
            {
                SendTimeoutMs = 500,
            }
        );
        await using RawClient client = await RawClient.OpenAsync(node);
        byte[] frame = Transfers(Limits.BatchEventsMax);
        bool dropped = false;
        for (int i = 0; i < 2_000 && !dropped; i++)
        {
            try
            {
                await client.SendAsync(frame).WaitAsync(Soon);
            }
            catch (System.Net.Sockets.SocketException)
            {
                dropped = true;
            }
        }
        Assert.True(dropped);
        await AssertServesAsync(node);
    }

    [Fact]
    public async Task A_flood_is_told_busy_and_everything_is_answered_once()
    {
        const int Requests = 20_000;
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.OpenAsync(node);
        Task sending = Task.Run(async () =>
        {
            for (int i = 0; i < Requests; i++)
            {
                Transfer[] one = [Events.Transfer((UInt128)(i + 1))];
                byte[] frame = RawClient.Request(
                    OperationCode.CreateTransfers,
                    MemoryMarshal.AsBytes<Transfer>(one),
                    1,
                    (ulong)i
                );
                await client.SendAsync(frame);
            }
        });
        var answered = new HashSet<ulong>();
        for (int i = 0; i < Requests; i++)
        {
            (Frame reply, _) = await client.ReceiveAsync();
            Assert.True(reply.Status is FrameStatus.Ok or FrameStatus.Busy);
            Assert.True(answered.Add(reply.RequestId));
        }
        await sending;
        await AssertServesAsync(node);
    }

    [Fact]
    public async Task Connections_above_the_limit_are_closed_and_room_comes_back()
    {
        await using TestNode node = await TestNode.StartAsync(configureProtocol: o =>
            o with
            {
                ConnectionsMax = 2,
            }
        );
        RawClient first = await RawClient.OpenAsync(node);
        await using (RawClient second = await RawClient.OpenAsync(node))
        {
            await using RawClient third = await RawClient.OpenAsync(node.Endpoint);
            Assert.True(await third.IsClosedWithinAsync(Soon));
        }
        await first.DisposeAsync();
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                await AssertServesAsync(node);
                return true;
            }
            catch (EvenkeelException)
            {
                return false;
            }
        });
    }

    private static async Task AssertServesAsync(TestNode node)
    {
        await using EvenkeelClient client = await node.ConnectAsync();
        Assert.Empty((await client.LookupAccountsAsync(new UInt128[] { 999 })).Require());
    }
}
