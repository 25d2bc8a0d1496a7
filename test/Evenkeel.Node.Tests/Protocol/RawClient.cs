using System.IO.Hashing;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Evenkeel.Model;

namespace Evenkeel.Node.Tests.Protocol;

/// <summary>Speaks bytes, well-formed or not. Shares no code with the client or the node.</summary>
internal sealed class RawClient : IAsyncDisposable
{
    private readonly Socket _socket;

    private RawClient(Socket socket) => _socket = socket;

    public static async Task<RawClient> OpenAsync(IPEndPoint endpoint)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endpoint);
        return new RawClient(socket);
    }

    /// <summary>Opens and says hello.</summary>
    public static async Task<RawClient> OpenAsync(TestNode node)
    {
        RawClient client = await OpenAsync(node.Endpoint);
        await client.SendAsync(Hello(node.Token));
        (Frame reply, _) = await client.ReceiveAsync();
        return reply.Status == FrameStatus.Ok
            ? client
            : throw new InvalidOperationException(reply.Status.ToString());
    }

    public static byte[] Hello(string key)
    {
        byte[] body = new byte[16 + key.Length];
        body[0] = 1;
        body[2] = 1;
        BitConverter.TryWriteBytes(body.AsSpan(4), key.Length);
        Encoding.ASCII.GetBytes(key, body.AsSpan(16));
        return Request(OperationCode.Hello, body, count: 0);
    }

    public static byte[] Request(
        OperationCode operation,
        ReadOnlySpan<byte> body,
        uint count,
        ulong id = 7
    )
    {
        byte[] frame = new byte[64 + body.Length];
        var header = new Frame
        {
            Magic = 0x31504B45,
            Length = (uint)frame.Length,
            RequestId = id,
            Operation = operation,
            Version = 1,
            Count = count,
        };
        MemoryMarshal.Write(frame, header);
        body.CopyTo(frame.AsSpan(64));
        return Seal(frame);
    }

    public static byte[] Seal(byte[] frame)
    {
        BitConverter.TryWriteBytes(frame.AsSpan(8), XxHash3.HashToUInt64(frame.AsSpan(16)));
        return frame;
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes)..];
        }
    }

    /// <summary>The next reply; throws when the line was closed instead.</summary>
    public async Task<(Frame Header, byte[] Body)> ReceiveAsync()
    {
        byte[] bytes = new byte[64];
        await FillAsync(bytes);
        var header = MemoryMarshal.Read<Frame>(bytes);
        byte[] frame = new byte[header.Length];
        bytes.CopyTo(frame, 0);
        await FillAsync(frame.AsMemory(64));
        return header.Checksum == XxHash3.HashToUInt64(frame.AsSpan(16))
            ? (header, frame[64..])
            : throw new InvalidDataException("checksum");
    }

    /// <summary>True when the node ends the line within the time, whatever it says before.</summary>
    public async Task<bool> IsClosedWithinAsync(TimeSpan time)
    {
        using var timeout = new CancellationTokenSource(time);
        byte[] buffer = new byte[4_096];
        try
        {
            while (await _socket.ReceiveAsync(buffer.AsMemory(), timeout.Token) > 0) { }
            return true;
        }
        catch (SocketException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task FillAsync(Memory<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int read = await _socket.ReceiveAsync(buffer);
            buffer = read > 0 ? buffer[read..] : throw new EndOfStreamException();
        }
    }
}
