using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using DotNext.Net.Cluster;

namespace Evenkeel.Watch.Drills.TestBed;

/// <summary>A connection that a proxy has accepted.</summary>
/// <param name="End">The dialling end.</param>
/// <param name="Port">The proxy's own port.</param>
/// <param name="FirstBytes">What the dialling end said first; at least one byte.</param>
public sealed record Dialled(IPEndPoint End, int Port, ReadOnlyMemory<byte> FirstBytes);

/// <summary>
/// Stands before one node's port and passes on what its peers send, or not: each pair of nodes has
/// a <see cref="Direction"/> each way.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private const int ChunkBytes = 64 << 10;

    /// <summary>Chunks on their way in one direction of one connection; then the sender waits.</summary>
    private const int ChunksMax = 256;

    private readonly Socket _listener;
    private readonly Func<IPEndPoint> _target;
    private readonly Func<Dialled, (Direction There, Direction Back)?> _directions;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Socket, byte> _open = new();
    private readonly Task _accepting;

    /// <param name="target">Where the node listens.</param>
    /// <param name="directions">
    /// Finds the two directions of a new connection; null closes it.
    /// </param>
    public FaultProxy(
        Func<IPEndPoint> target,
        Func<Dialled, (Direction There, Direction Back)?> directions
    )
    {
        _target = target;
        _directions = directions;
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Endpoint = (IPEndPoint)_listener.LocalEndPoint!;
        MemberId = new byte[ClusterMemberId.Size];
        ClusterMemberId.FromEndPoint(Endpoint).Format(MemberId);
        _accepting = AcceptAsync();
    }

    /// <summary>What peers dial.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>How the consensus engine names the member that is reached here.</summary>
    internal byte[] MemberId { get; }

    /// <summary>Breaks every connection that is open now.</summary>
    public void BreakConnections()
    {
        foreach (Socket socket in _open.Keys)
        {
            socket.Close(timeout: 0);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        BreakConnections();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket peer = await _listener.AcceptAsync(_stopping.Token);
                _ = ServeAsync(peer);
            }
        }
        catch (Exception ended)
            when (ended is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The proxy is disposed.
        }
    }

    private async Task ServeAsync(Socket peer)
    {
        // Off the accepting loop: finding the owner reads the kernel's tables.
        await Task.Yield();
        using Socket node = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using (peer)
        {
            _open[peer] = 0;
            _open[node] = 0;
            try
            {
                var first = new byte[ChunkBytes];
                int count = await peer.ReceiveAsync(first, SocketFlags.None, _stopping.Token);
                Dialled dialled = new(
                    (IPEndPoint)peer.RemoteEndPoint!,
                    Endpoint.Port,
                    first.AsMemory(0, count)
                );
                if (count == 0 || _directions(dialled) is not var (there, back))
                {
                    return;
                }
                peer.NoDelay = true;
                node.NoDelay = true;
                await node.ConnectAsync(_target(), _stopping.Token);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
                Task[] both =
                [
                    PumpAsync(peer, node, there, dialled.FirstBytes, either.Token),
                    PumpAsync(node, peer, back, default, either.Token),
                ];
                // One end closed or broke: the other one hears of it as it would from the kernel.
                await Task.WhenAny(both);
                await either.CancelAsync();
                await Task.WhenAll(both);
            }
            catch (Exception broken)
                when (broken
                        is SocketException
                            or OperationCanceledException
                            or ObjectDisposedException
                )
            {
                // Lines break; that is what they are here for.
            }
            finally
            {
                _open.TryRemove(peer, out _);
                _open.TryRemove(node, out _);
            }
        }
    }

    private static async Task PumpAsync(
        Socket from,
        Socket to,
        Direction direction,
        ReadOnlyMemory<byte> first,
        CancellationToken cancellationToken
    )
    {
        Channel<(byte[] Bytes, long DueMs)> onTheWay = Channel.CreateBounded<(byte[], long)>(
            new BoundedChannelOptions(ChunksMax) { SingleReader = true, SingleWriter = true }
        );
        Task delivering = DeliverAsync(to, direction, onTheWay.Reader, cancellationToken);
        var buffer = new byte[ChunkBytes];
        try
        {
            if (!first.IsEmpty)
            {
                await onTheWay.Writer.WriteAsync(
                    (first.ToArray(), NowMs() + direction.DelayMs),
                    cancellationToken
                );
            }
            while (true)
            {
                int count = await from.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
                if (count == 0)
                {
                    break;
                }
                await onTheWay.Writer.WriteAsync(
                    (buffer.AsSpan(0, count).ToArray(), NowMs() + direction.DelayMs),
                    cancellationToken
                );
            }
        }
        finally
        {
            onTheWay.Writer.TryComplete();
        }
        await delivering;
    }

    private static async Task DeliverAsync(
        Socket to,
        Direction direction,
        ChannelReader<(byte[] Bytes, long DueMs)> onTheWay,
        CancellationToken cancellationToken
    )
    {
        await foreach (var (bytes, dueMs) in onTheWay.ReadAllAsync(cancellationToken))
        {
            if (dueMs - NowMs() is > 0 and var waitMs)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(waitMs), cancellationToken);
            }
            await direction.PassAsync(bytes.Length, cancellationToken);
            for (int sent = 0; sent < bytes.Length; )
            {
                sent += await to.SendAsync(
                    bytes.AsMemory(sent),
                    SocketFlags.None,
                    cancellationToken
                );
            }
        }
    }

    private static long NowMs() => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1000);
}
