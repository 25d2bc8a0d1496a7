using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Text;
using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.Model;
using Evenkeel.Node.Batching;
using Evenkeel.Node.Reading;

namespace Evenkeel.Node.Protocol;

/// <summary>
/// One client's line: hello first, then pipelined requests; replies leave as they become ready, in
/// any order. Whatever a client sends, only its own line can suffer.
/// </summary>
internal sealed class Connection : IDisposable
{
    private readonly ProtocolServer _server;
    private readonly Socket _socket;
    private readonly RequestDesk _desk;
    private readonly CancellationTokenSource _closed = new();
    private readonly Lock _gate = new();
    private readonly AsyncSignal _outboxFilled = new();
    private readonly AsyncSignal _outboxDrained = new();
    private readonly Stack<FrameRequest> _spare = new();
    private readonly ReceiveBuffer _received;
    private List<FrameRequest> _outbox = [];
    private List<FrameRequest> _leaving = [];
    private Stream? _stream;
    private KeyIdentity? _key;
    private int _unanswered;
    private bool _ending;
    private bool _isClosed;
    private long _readingSinceMs;
    private int _readingLimitMs;
    private long _sendingSinceMs = long.MaxValue;

    public Connection(ProtocolServer server, Socket socket, RequestDesk desk)
    {
        _server = server;
        _socket = socket;
        _desk = desk;
        _received = new ReceiveBuffer(server.LargeBuffers);
        WaitForBytes(server.Options.HelloTimeoutMs);
    }

    public bool IsAuthenticated => _key is not null;

    /// <summary>Serves the line until either side ends it. Never throws.</summary>
    public async Task RunAsync()
    {
        Task sending = Task.CompletedTask;
        try
        {
            _stream = await OpenAsync();
            sending = SendLoopAsync(_stream);
            await ReceiveLoopAsync(_stream);
        }
        catch (Exception failure) when (IsLineFailure(failure))
        {
            // The line is gone; what was asked on it is answered to nobody and applied all the same.
        }
        finally
        {
            lock (_gate)
            {
                _ending = true;
            }
            _outboxFilled.Set();
            await sending;
            await CloseAsync();
        }
    }

    /// <summary>Queues a finished request's reply; called by any thread.</summary>
    public void Send(FrameRequest request)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                request.Release();
                return;
            }
            _outbox.Add(request);
        }
        _outboxFilled.Set();
    }

    /// <summary>Cuts the line when the client lets us wait too long.</summary>
    public void CheckTimeouts(long nowMs)
    {
        int limit = Volatile.Read(ref _readingLimitMs);
        bool slow = limit > 0 && nowMs - Volatile.Read(ref _readingSinceMs) > limit;
        long sending = Volatile.Read(ref _sendingSinceMs);
        if (slow || (sending != long.MaxValue && nowMs - sending > _server.Options.SendTimeoutMs))
        {
            Abort();
        }
    }

    /// <summary>Ends the line at once.</summary>
    public void Abort()
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }
        }
        _closed.Cancel();
        _socket.Dispose();
    }

    public void Dispose()
    {
        _received.Dispose();
        _closed.Dispose();
        _socket.Dispose();
    }

    private static bool IsLineFailure(Exception failure) =>
        failure
            is IOException
                or SocketException
                or ObjectDisposedException
                or AuthenticationException
                or OperationCanceledException;

    private async Task<Stream> OpenAsync()
    {
        _socket.NoDelay = true;
        var network = new NetworkStream(_socket, ownsSocket: false);
        if (_server.Options.Certificate is not { } certificate)
        {
            return network;
        }
        var tls = new SslStream(network, leaveInnerStreamOpen: false);
        var options = new SslServerAuthenticationOptions { ServerCertificate = certificate };
        await tls.AuthenticateAsServerAsync(options, _closed.Token);
        return tls;
    }

    private async Task CloseAsync()
    {
        List<FrameRequest> unsent;
        lock (_gate)
        {
            unsent = _outbox;
            _outbox = [];
            _isClosed = true;
        }
        foreach (FrameRequest request in unsent)
        {
            request.Release();
        }
        if (_stream is not null)
        {
            try
            {
                await _stream.DisposeAsync();
            }
            catch (Exception failure) when (IsLineFailure(failure))
            {
                // Closing a dead line is no news.
            }
        }
    }

    private async Task ReceiveLoopAsync(Stream stream)
    {
        while (true)
        {
            int bytesMax = _key is null ? NodeLimits.HelloBytesMax : Limits.FrameBytesMax;
            while (_received.TryPeek(out Frame header))
            {
                if (FrameCodec.CheckPrefix(header, bytesMax) is { } problem)
                {
                    Refuse(
                        header,
                        header.Magic == Frame.MagicValue && header.Length > bytesMax
                            ? FrameStatus.TooLarge
                            : FrameStatus.Malformed,
                        problem
                    );
                    return;
                }
                if (_received.Frame((int)header.Length) is not { IsEmpty: false } frame)
                {
                    await _received.EnsureRoomAsync((int)header.Length, _closed.Token);
                    break;
                }
                StopTheClock();
                if (!await HandleAsync(header, frame))
                {
                    return;
                }
                _received.Consume(frame.Length);
                bytesMax = Limits.FrameBytesMax;
                await WaitForOutboxAsync();
            }
            WaitForBytes(
                _key is null ? _server.Options.HelloTimeoutMs
                : _received.IsEmpty ? _server.Options.IdleTimeoutMs
                : _server.Options.FrameTimeoutMs
            );
            int read = await stream.ReadAsync(_received.Room());
            if (read == 0)
            {
                return;
            }
            _received.Added(read);
        }
    }

    private void WaitForBytes(int limitMs)
    {
        // A frame's time runs from its first byte on, and the hello's from the connection on:
        // dripping bytes does not buy more.
        if (Volatile.Read(ref _readingLimitMs) != limitMs)
        {
            Volatile.Write(ref _readingSinceMs, _server.NowMs());
            Volatile.Write(ref _readingLimitMs, limitMs);
        }
    }

    private void StopTheClock()
    {
        if (_key is not null)
        {
            Volatile.Write(ref _readingLimitMs, 0);
        }
    }

    private async ValueTask WaitForOutboxAsync()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_outbox.Count < NodeLimits.RepliesPerConnectionMax)
                {
                    return;
                }
            }
            await _outboxDrained.WaitAsync();
            _closed.Token.ThrowIfCancellationRequested();
        }
    }

    /// <returns>False when the line must end.</returns>
    private async ValueTask<bool> HandleAsync(Frame header, ReadOnlyMemory<byte> frame)
    {
        if (FrameCodec.CheckWhole(frame.Span, header) is { } problem)
        {
            Refuse(header, FrameStatus.Malformed, problem);
            return false;
        }
        if (header.Version != Frame.CurrentVersion)
        {
            Refuse(header, FrameStatus.UnsupportedVersion, "this node speaks version 1");
            return false;
        }
        ReadOnlyMemory<byte> body = frame[Frame.HeaderSize..];
        if (_key is null)
        {
            return await HelloAsync(header, body);
        }
        Answer<KeyIdentity?> found = await _server.Keyring.FindAsync(_key.Number, _closed.Token);
        switch (found)
        {
            case Answer<KeyIdentity?>.Done({ } key):
                Dispatch(header, body, key);
                return true;
            case Answer<KeyIdentity?>.Done:
                Refuse(header, FrameStatus.Unauthenticated, "the key is revoked");
                return false;
            default:
                Refuse(header, FrameStatus.Unavailable, "keys can't be checked now");
                return true;
        }
    }

    private async ValueTask<bool> HelloAsync(Frame header, ReadOnlyMemory<byte> body)
    {
        if (header.Operation != OperationCode.Hello)
        {
            Refuse(header, FrameStatus.Unauthenticated, "the first frame must be a hello");
            return false;
        }
        if (!TryReadHello(body.Span, out HelloRequest hello, out string token))
        {
            Refuse(header, FrameStatus.Malformed, "not a hello");
            return false;
        }
        if (hello.VersionMin > Frame.CurrentVersion || hello.VersionMax < Frame.CurrentVersion)
        {
            Refuse(header, FrameStatus.UnsupportedVersion, "this node speaks version 1");
            return false;
        }
        Answer<KeyIdentity?> answer = await _server.Keyring.AuthenticateAsync(token, _closed.Token);
        if (answer is not Answer<KeyIdentity?>.Done({ } key))
        {
            bool wrong = answer is Answer<KeyIdentity?>.Done;
            Refuse(
                header,
                wrong ? FrameStatus.Unauthenticated : FrameStatus.Unavailable,
                wrong ? "the key is not valid" : "keys can't be checked now"
            );
            return false;
        }
        _key = key;
        StopTheClock();
        FrameRequest request = Rent(header, counted: false);
        var reply = new HelloReply
        {
            Version = Frame.CurrentVersion,
            BatchEventsMax = Limits.BatchEventsMax,
            FrameBytesMax = Limits.FrameBytesMax,
            RequestsInFlightMax = NodeLimits.RequestsPerConnectionMax,
            KeyNumber = key.Number,
            TimeoutMsMax = NodeLimits.RequestTimeoutMsMax,
        };
        MemoryMarshal.Write(request.Results(HelloReply.Size), reply);
        request.Finish(FrameStatus.Ok, HelloReply.Size, count: 1, appliedIndex: 0);
        Send(request);
        return true;
    }

    private static bool TryReadHello(
        ReadOnlySpan<byte> body,
        out HelloRequest hello,
        out string token
    )
    {
        token = "";
        if (!MemoryMarshal.TryRead(body, out hello))
        {
            return false;
        }
        ReadOnlySpan<byte> key = body[HelloRequest.Size..];
        if (hello.Reserved != 0 || hello.KeyBytes != key.Length || !Ascii.IsValid(key))
        {
            return false;
        }
        token = Encoding.ASCII.GetString(key);
        return true;
    }

    private void Dispatch(Frame header, ReadOnlyMemory<byte> body, KeyIdentity key)
    {
        if (header.Operation == OperationCode.Ping)
        {
            FrameRequest pong = Rent(header, counted: false);
            pong.Finish(FrameStatus.Ok, bodyBytes: 0, count: 0, _desk.AppliedIndex);
            Send(pong);
            return;
        }
        if (Interlocked.Increment(ref _unanswered) > NodeLimits.RequestsPerConnectionMax)
        {
            Interlocked.Decrement(ref _unanswered);
            Refuse(header, FrameStatus.Busy, "too many unanswered requests on this connection");
            return;
        }
        FrameRequest request = Rent(header, counted: true);
        var ask = new RequestDesk.Ask(header.Operation, header.Count, header.TimeoutMs, key);
        if (RequestDesk.IsRead(header.Operation))
        {
            _ = ReadAsync(request, ask, body);
            return;
        }
        FrameStatus status = _desk.Submit(request, ask, body.Span, out string detail);
        if (status != FrameStatus.Ok)
        {
            request.Refuse(status, detail);
            Send(request);
        }
    }

    private async Task ReadAsync(
        FrameRequest request,
        RequestDesk.Ask ask,
        ReadOnlyMemory<byte> body
    )
    {
        // The first part copies what it needs of the body before it waits for anything.
        ReadOutcome outcome = await _desk.ReadAsync(ask, body, request.Room, _closed.Token);
        if (outcome.Status == FrameStatus.Ok)
        {
            request.Finish(FrameStatus.Ok, outcome.Bytes, outcome.Count, outcome.AppliedIndex);
        }
        else
        {
            request.Refuse(outcome.Status, outcome.Detail);
        }
        Send(request);
    }

    private void Refuse(in Frame header, FrameStatus status, string detail)
    {
        if (status == FrameStatus.Malformed)
        {
            _server.Metrics.FrameMalformed();
        }
        FrameRequest request = Rent(header, counted: false);
        request.Refuse(status, detail);
        Send(request);
    }

    private FrameRequest Rent(in Frame header, bool counted)
    {
        FrameRequest? request;
        lock (_gate)
        {
            _spare.TryPop(out request);
        }
        request ??= new FrameRequest(this);
        request.Begin(header, counted);
        return request;
    }

    private async Task SendLoopAsync(Stream stream)
    {
        byte[] buffer = new byte[NodeLimits.SendBytes];
        try
        {
            while (true)
            {
                await _outboxFilled.WaitAsync();
                bool ending;
                lock (_gate)
                {
                    (_outbox, _leaving) = (_leaving, _outbox);
                    ending = _ending;
                }
                Volatile.Write(ref _sendingSinceMs, _server.NowMs());
                await SendAllAsync(stream, buffer);
                Volatile.Write(ref _sendingSinceMs, long.MaxValue);
                _outboxDrained.Set();
                if (ending)
                {
                    return;
                }
            }
        }
        catch (Exception failure) when (IsLineFailure(failure))
        {
            Abort();
            _outboxDrained.Set();
        }
    }

    private async ValueTask SendAllAsync(Stream stream, byte[] buffer)
    {
        int filled = 0;
        foreach (FrameRequest request in _leaving)
        {
            ReadOnlyMemory<byte> frame = request.Seal();
            if (filled > 0 && filled + frame.Length > buffer.Length)
            {
                await stream.WriteAsync(buffer.AsMemory(0, filled));
                filled = 0;
            }
            if (frame.Length > buffer.Length)
            {
                await stream.WriteAsync(frame);
            }
            else
            {
                frame.CopyTo(buffer.AsMemory(filled));
                filled += frame.Length;
            }
            Recycle(request);
        }
        _leaving.Clear();
        if (filled > 0)
        {
            await stream.WriteAsync(buffer.AsMemory(0, filled));
        }
    }

    private void Recycle(FrameRequest request)
    {
        request.Release();
        if (request.IsCounted)
        {
            Interlocked.Decrement(ref _unanswered);
        }
        if (!request.IsReusable)
        {
            return;
        }
        lock (_gate)
        {
            if (_spare.Count < NodeLimits.SpareRequestsMax)
            {
                _spare.Push(request);
            }
        }
    }
}
