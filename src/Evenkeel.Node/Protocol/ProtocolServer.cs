using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Evenkeel.Journal.Access;
using Evenkeel.Node.Telemetry;

namespace Evenkeel.Node.Protocol;

/// <summary>Listens for clients of the binary protocol (docs/formats/protocol.md).</summary>
internal sealed class ProtocolServer : IAsyncDisposable
{
    private const int Backlog = 512;
    private const int TimeoutCheckMs = 250;

    private readonly RequestDesk _desk;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly Socket _listener;
    private readonly ConcurrentDictionary<Connection, Task> _connections = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _timeouts;
    private readonly Task _accepting;

    /// <exception cref="SocketException">The address is in use or not ours.</exception>
    public ProtocolServer(
        ProtocolOptions options,
        RequestDesk desk,
        IKeyring keyring,
        TimeProvider time,
        NodeMetrics metrics
    )
    {
        Options = options;
        _desk = desk;
        Keyring = keyring;
        _time = time;
        _started = time.GetTimestamp();
        Metrics = metrics;
        _listener = new Socket(options.Endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _listener.Bind(options.Endpoint);
            _listener.Listen(Backlog);
        }
        catch
        {
            _listener.Dispose();
            throw;
        }
        Endpoint = (IPEndPoint)_listener.LocalEndPoint!;
        var period = TimeSpan.FromMilliseconds(TimeoutCheckMs);
        _timeouts = time.CreateTimer(_ => CheckTimeouts(), null, period, period);
        _accepting = AcceptAsync();
    }

    public ProtocolOptions Options { get; }

    public IKeyring Keyring { get; }

    public NodeMetrics Metrics { get; }

    /// <summary>Where it listens, with the port that was picked.</summary>
    public IPEndPoint Endpoint { get; }

    public int ConnectionCount => _connections.Count;

    /// <summary>Frames above <see cref="NodeLimits.ReceiveBytes"/> that may be received at once.</summary>
    public SemaphoreSlim LargeBuffers { get; } = new(NodeLimits.LargeBuffersMax);

    public long NowMs() => (long)_time.GetElapsedTime(_started).TotalMilliseconds;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _timeouts.DisposeAsync();
        await _accepting;
        foreach (Connection connection in _connections.Keys)
        {
            connection.Abort();
        }
        await Task.WhenAll(_connections.Values);
        _stopping.Dispose();
        LargeBuffers.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync(_stopping.Token);
            }
            catch (Exception failure)
                when (failure is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // One caller hung up early, or descriptors ran out: neither may end the listening.
                await Task.Delay(TimeSpan.FromMilliseconds(10), _time);
                continue;
            }
            if (!HasRoom())
            {
                socket.Dispose();
                continue;
            }
            var connection = new Connection(this, socket, _desk);
            var done = new TaskCompletionSource();
            _connections[connection] = done.Task;
            _ = ServeAsync(connection, done);
        }
    }

    private bool HasRoom()
    {
        if (_connections.Count >= Options.ConnectionsMax)
        {
            return false;
        }
        int strangers = 0;
        foreach ((Connection connection, _) in _connections)
        {
            strangers += connection.IsAuthenticated ? 0 : 1;
        }
        return strangers < NodeLimits.ConnectionsUnauthenticatedMax;
    }

    private async Task ServeAsync(Connection connection, TaskCompletionSource done)
    {
        await Task.Yield();
        try
        {
            await connection.RunAsync();
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            connection.Dispose();
            done.SetResult();
        }
    }

    private void CheckTimeouts()
    {
        long now = NowMs();
        foreach ((Connection connection, _) in _connections)
        {
            connection.CheckTimeouts(now);
        }
    }
}
