using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Evenkeel.Model;
using Evenkeel.Node.Protocol;

namespace Evenkeel.Node.Tests.Protocol;

/// <summary>A wire peer that behaves like a node of a cluster, or like a bad one.</summary>
internal sealed class ScriptedNode : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closed = new();
    private readonly List<Socket> _lines = [];
    private readonly TaskCompletionSource _resumed = new();

    public ScriptedNode()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public EndPoint Endpoint => _listener.LocalEndpoint;

    public bool Leads { get; set; }

    /// <summary>Takes connections and bytes and says nothing, as a stopped process does.</summary>
    public bool IsPaused { get; set; }

    /// <summary>Takes writes and does not answer them; pings it answers.</summary>
    public bool IsSlow { get; set; }

    public int Writes;

    public int Connections;

    /// <summary>Every line breaks and nobody can connect, as after a kill.</summary>
    public void Kill()
    {
        _listener.Stop();
        lock (_lines)
        {
            foreach (Socket line in _lines)
            {
                line.LingerState = new LingerOption(enable: true, seconds: 0);
                line.Dispose();
            }
            _lines.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        _resumed.TrySetResult();
        Kill();
        _closed.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync(_closed.Token);
                socket.NoDelay = true;
                Interlocked.Increment(ref Connections);
                lock (_lines)
                {
                    _lines.Add(socket);
                }
                _ = ServeAsync(socket);
            }
        }
        catch (Exception e)
            when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Killed.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            using var stream = new NetworkStream(socket);
            byte[] header = new byte[Frame.HeaderSize];
            while (true)
            {
                await stream.ReadExactlyAsync(header, _closed.Token);
                Frame frame = MemoryMarshal.Read<Frame>(header);
                await stream.ReadExactlyAsync(
                    new byte[(int)frame.Length - Frame.HeaderSize],
                    _closed.Token
                );
                if (IsPaused)
                {
                    await _resumed.Task;
                    return;
                }
                if (Answer(frame) is { } reply)
                {
                    await stream.WriteAsync(reply, _closed.Token);
                }
            }
        }
        catch (Exception e)
            when (e
                    is IOException
                        or SocketException
                        or ObjectDisposedException
                        or OperationCanceledException
            )
        {
            // The line is gone.
        }
    }

    private byte[]? Answer(Frame request)
    {
        switch (request.Operation)
        {
            case OperationCode.Hello:
                byte[] hello = new byte[HelloReply.Size];
                MemoryMarshal.Write(hello, new HelloReply { Version = 1, KeyNumber = 7 });
                return Reply(request, FrameStatus.Ok, hello, 1);
            case OperationCode.Ping:
                return Reply(request, FrameStatus.Ok, [], 0);
            default:
                if (!Leads)
                {
                    return Reply(request, FrameStatus.NotLeader, [], 0);
                }
                Interlocked.Increment(ref Writes);
                if (IsSlow)
                {
                    return null;
                }
                byte[] result = new byte[CreateTransferResult.Size];
                MemoryMarshal.Write(
                    result,
                    new CreateTransferResult
                    {
                        Status = CreateTransferStatus.Created,
                        Timestamp = 5,
                    }
                );
                return Reply(request, FrameStatus.Ok, result, 1);
        }
    }

    private static byte[] Reply(Frame request, FrameStatus status, byte[] body, uint count)
    {
        byte[] frame = new byte[Frame.HeaderSize + body.Length];
        body.CopyTo(frame, Frame.HeaderSize);
        FrameCodec.Seal(
            frame,
            new Frame
            {
                Operation = request.Operation,
                RequestId = request.RequestId,
                Status = status,
                Count = count,
            }
        );
        return frame;
    }
}
