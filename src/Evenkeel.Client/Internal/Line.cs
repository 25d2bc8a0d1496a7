using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Evenkeel.Model;

namespace Evenkeel.Client.Internal;

/// <summary>One connection: sends calls, pairs replies with them, ends them all when it breaks.</summary>
internal sealed class Line : IAsyncDisposable
{
    private const int SmallFrameBytes = 16 * 1_024;
    private const int SendBufferBytes = 64 * 1_024;

    private readonly Stream _stream;
    private readonly Socket _socket;
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, Call> _unanswered = [];
    private readonly SemaphoreSlim _toSend = new(0);
    private readonly FrameReader _reader = new();
    private List<Call> _outbox = [];
    private List<Call> _leaving = [];
    private ulong _lastId;
    private bool _isBroken;
    private long _heardMs;
    private bool _hasPinged;
    private bool _isRetired;

    private Line(Socket socket, Stream stream)
    {
        _socket = socket;
        _stream = stream;
    }

    public bool IsBroken => Volatile.Read(ref _isBroken);

    public HelloReply Hello { get; private set; }

    /// <summary>Connects and says hello; null and the reason when the node refuses.</summary>
    public static async Task<(Line? Line, FrameStatus Status, string Detail)> OpenAsync(
        EndPoint endpoint,
        ClientOptions options,
        CancellationToken cancellationToken
    )
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            GiveUpDeadPeers(socket);
            await socket.ConnectAsync(endpoint, cancellationToken);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (options.TlsHost is { } host)
            {
                var tls = new SslStream(stream, leaveInnerStreamOpen: false);
                await tls.AuthenticateAsClientAsync(
                    new SslClientAuthenticationOptions
                    {
                        TargetHost = host,
                        RemoteCertificateValidationCallback = options.ValidateCertificate,
                    },
                    cancellationToken
                );
                stream = tls;
            }
            var line = new Line(socket, stream);
            (FrameStatus status, string detail) = await line.SayHelloAsync(
                options.ApiKey,
                cancellationToken
            );
            if (status != FrameStatus.Ok)
            {
                await stream.DisposeAsync();
                return (null, status, detail);
            }
            _ = line.SendLoopAsync();
            _ = line.ReceiveLoopAsync();
            return (line, status, detail);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>False when the line is broken: the call was not sent.</summary>
    public bool TrySend(Call call, bool isPing = false)
    {
        lock (_gate)
        {
            if (_isBroken || (_isRetired && !isPing))
            {
                return false;
            }
            call.Seal(++_lastId);
            _unanswered.Add(call.RequestId, call);
            _outbox.Add(call);
            if (_outbox.Count > 1)
            {
                return true;
            }
        }
        _toSend.Release();
        return true;
    }

    /// <summary>
    /// Looks for a node that hangs: a process that is stopped keeps its connections, so only its
    /// silence tells. A node answers a ping whatever else it does.
    /// </summary>
    public void CheckSilence(long nowMs, ClientOptions options)
    {
        bool ask;
        lock (_gate)
        {
            if (_isBroken)
            {
                return;
            }
            if (_unanswered.Count == 0 || _heardMs == 0)
            {
                // Silence counts from the first call that waits for something.
                _heardMs = nowMs;
                return;
            }
            if (nowMs - _heardMs < options.PingAfterMs)
            {
                return;
            }
            ask = !_hasPinged;
            _hasPinged = true;
        }
        if (ask)
        {
            var ping = new Call<int>(OperationCode.Ping, 0, long.MaxValue, static (_, _) => 0);
            ping.Encode([], count: 0, timeoutMs: 0);
            TrySend(ping, isPing: true);
        }
        else if (nowMs - Volatile.Read(ref _heardMs) >= options.DeadAfterMs)
        {
            Break();
        }
    }

    /// <summary>Nothing is sent any more; closed as soon as everything sent is answered.</summary>
    public void Retire()
    {
        bool isDone;
        lock (_gate)
        {
            _isRetired = true;
            isDone = _unanswered.Count == 0;
        }
        if (isDone)
        {
            Break();
        }
    }

    /// <summary>Ends calls whose time is up.</summary>
    public void FailOverdue(long nowMs, Action<Call, bool> end)
    {
        List<Call>? overdue = null;
        lock (_gate)
        {
            foreach (Call call in _unanswered.Values)
            {
                if (call.DeadlineMs <= nowMs)
                {
                    (overdue ??= []).Add(call);
                }
            }
        }
        foreach (Call call in overdue ?? [])
        {
            lock (_gate)
            {
                _unanswered.Remove(call.RequestId);
            }
            end(call, true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Break();
        await _stream.DisposeAsync();
        _socket.Dispose();
    }

    private async Task<(FrameStatus, string)> SayHelloAsync(
        string apiKey,
        CancellationToken cancellationToken
    )
    {
        byte[] key = Encoding.UTF8.GetBytes(apiKey);
        byte[] body = new byte[HelloRequest.Size + key.Length];
        MemoryMarshal.Write(
            body,
            new HelloRequest
            {
                VersionMin = Frame.CurrentVersion,
                VersionMax = Frame.CurrentVersion,
                KeyBytes = (uint)key.Length,
            }
        );
        key.CopyTo(body, HelloRequest.Size);
        var hello = new Call<int>(OperationCode.Hello, 0, long.MaxValue, static (_, _) => 0);
        hello.Encode(body, count: 0, timeoutMs: 0);
        hello.Seal(requestId: 0);
        await _stream.WriteAsync(hello.Frame, cancellationToken);
        hello.ReleaseFrame();
        if (!await _reader.FillAsync(_stream, cancellationToken))
        {
            return (FrameStatus.Unavailable, "the node closed the line");
        }
        return ReadHello();
    }

    private (FrameStatus, string) ReadHello()
    {
        ReadOnlySpan<byte> body = _reader.Take(out Frame header);
        if (header.Status != FrameStatus.Ok)
        {
            return (header.Status, Encoding.UTF8.GetString(body));
        }
        Hello = MemoryMarshal.Read<HelloReply>(body);
        return (FrameStatus.Ok, "");
    }

    private async Task SendLoopAsync()
    {
        byte[] buffer = new byte[SendBufferBytes];
        try
        {
            while (true)
            {
                await _toSend.WaitAsync();
                lock (_gate)
                {
                    if (_isBroken)
                    {
                        return;
                    }
                    (_outbox, _leaving) = (_leaving, _outbox);
                }
                int filled = 0;
                foreach (Call call in _leaving)
                {
                    call.WasSent = true;
                    ReadOnlyMemory<byte> frame = call.Frame;
                    if (filled > 0 && filled + frame.Length > buffer.Length)
                    {
                        await _stream.WriteAsync(buffer.AsMemory(0, filled));
                        filled = 0;
                    }
                    if (frame.Length > SmallFrameBytes)
                    {
                        await _stream.WriteAsync(frame);
                    }
                    else
                    {
                        frame.CopyTo(buffer.AsMemory(filled));
                        filled += frame.Length;
                    }
                    call.ReleaseFrame();
                }
                _leaving.Clear();
                if (filled > 0)
                {
                    await _stream.WriteAsync(buffer.AsMemory(0, filled));
                }
            }
        }
        catch (Exception failure) when (IsLineFailure(failure))
        {
            Break();
        }
    }

    private async Task ReceiveLoopAsync()
    {
        try
        {
            while (await _reader.FillAsync(_stream, CancellationToken.None))
            {
                lock (_gate)
                {
                    // The next look at the clock begins a new silence.
                    _heardMs = 0;
                    _hasPinged = false;
                }
                while (_reader.HasFrame())
                {
                    TakeReply();
                }
            }
        }
        catch (Exception failure) when (IsLineFailure(failure) || failure is InvalidDataException)
        {
            // The line is of no use any more, whatever the reason.
        }
        Break();
    }

    private void TakeReply()
    {
        ReadOnlySpan<byte> body = _reader.Take(out Frame header);
        Call? call;
        bool isDone;
        lock (_gate)
        {
            _unanswered.Remove(header.RequestId, out call);
            isDone = _isRetired && _unanswered.Count == 0;
        }
        if (call is not null && call.TryEnd())
        {
            call.Answer(header, body);
        }
        if (isDone)
        {
            Break();
        }
    }

    private void Break()
    {
        List<Call> calls;
        lock (_gate)
        {
            if (_isBroken)
            {
                return;
            }
            _isBroken = true;
            calls = [.. _unanswered.Values];
            _unanswered.Clear();
        }
        _toSend.Release();
        _socket.Dispose();
        foreach (Call call in calls)
        {
            if (call.TryEnd())
            {
                call.Fail(
                    call.WasSent ? FrameStatus.Unknown : FrameStatus.Unavailable,
                    "the connection broke"
                );
            }
        }
    }

    /// <summary>What is sent and never acknowledged ends the line, as it does when the host is gone.</summary>
    private static void GiveUpDeadPeers(Socket socket)
    {
        const int SolTcp = 6;
        const int TcpUserTimeout = 18;
        const int UserTimeoutMs = 2_000;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 1);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
        if (OperatingSystem.IsLinux())
        {
            Span<byte> value = stackalloc byte[sizeof(int)];
            MemoryMarshal.Write(value, UserTimeoutMs);
            socket.SetRawSocketOption(SolTcp, TcpUserTimeout, value);
        }
    }

    private static bool IsLineFailure(Exception failure) =>
        failure is IOException or SocketException or ObjectDisposedException;
}
