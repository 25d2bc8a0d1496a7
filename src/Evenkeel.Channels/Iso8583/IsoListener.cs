using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Evenkeel.CardKeys;
using Evenkeel.Payments;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Channels.Iso8583;

/// <summary>Listens for machines and switches that speak ISO 8583:1987 over TCP.</summary>
public sealed class IsoListener : IAsyncDisposable
{
    private const int Backlog = 64;

    private readonly Iso8583Options _options;
    private readonly IPaymentProcessor _payments;
    private readonly IAccountQueries _queries;
    private readonly ICardKeys _keys;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly IsoMetrics _metrics = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<long, Task> _connections = new();
    private readonly Socket _socket;
    private readonly Task _accepting;
    private int _disposed;

    private IsoListener(
        Iso8583Options options,
        IPaymentProcessor payments,
        IAccountQueries queries,
        ICardKeys keys,
        TimeProvider time,
        ILogger log
    )
    {
        _options = options;
        _payments = payments;
        _queries = queries;
        _keys = keys;
        _time = time;
        _log = log;
        _socket = new Socket(options.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _socket.SetSocketOption(
                SocketOptionLevel.Socket,
                SocketOptionName.ReuseAddress,
                optionValue: true
            );
            _socket.Bind(new IPEndPoint(options.Address, options.Port));
            _socket.Listen(Backlog);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
        EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        _log.IsoListens(EndPoint.ToString(), options.Line);
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Where it listens, with the port that was free if none was asked for.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Connections open now.</summary>
    public int Connections => _connections.Count;

    /// <exception cref="SocketException">The address can't be had.</exception>
    public static IsoListener Start(
        Iso8583Options options,
        IPaymentProcessor payments,
        IAccountQueries queries,
        ICardKeys keys,
        TimeProvider time,
        ILogger<IsoListener> log
    ) => new(options, payments, queries, keys, time, log);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }
        await _stopping.CancelAsync();
        _socket.Dispose();
        await _accepting;
        await Task.WhenAll(_connections.Values);
        _stopping.Dispose();
        _metrics.Dispose();
    }

    private async Task AcceptAsync()
    {
        for (var number = 1L; ; number++)
        {
            Socket peer;
            try
            {
                peer = await _socket.AcceptAsync(_stopping.Token);
            }
            catch (Exception e)
                when (e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                if (_stopping.IsCancellationRequested)
                {
                    return;
                }
                continue; // A peer that hung up before it was taken.
            }
            var from = peer.RemoteEndPoint?.ToString() ?? "";
            if (_connections.Count >= _options.ConnectionsMax)
            {
                _log.IsoTooMany(from, _options.ConnectionsMax);
                peer.Dispose();
                continue;
            }
            peer.NoDelay = true;
            _log.IsoConnected(number, from);
            var id = number;
            TaskCompletionSource listed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            var serving = Task.Run(() => ServeAsync(id, peer, listed.Task));
            _connections[id] = serving;
            listed.SetResult();
        }
    }

    private async Task ServeAsync(long number, Socket peer, Task listed)
    {
        await listed;
        try
        {
            if (await OpenAsync(number, peer) is not { } line)
            {
                return;
            }
            using IsoConnection connection = new(
                number,
                line,
                _options,
                _payments,
                _queries,
                _keys,
                _metrics,
                _time,
                _log
            );
            await connection.ServeAsync(_stopping.Token);
        }
        finally
        {
            _connections.TryRemove(number, out _);
        }
    }

    /// <returns>Null: the peer did not agree on TLS; it is gone.</returns>
    private async Task<Stream?> OpenAsync(long number, Socket peer)
    {
        NetworkStream plain = new(peer, ownsSocket: true);
        if (_options.Certificate is not { } certificate)
        {
            return plain;
        }
        SslStream line = new(plain);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        using var timer = _time.CreateTimer(
            static state => ((CancellationTokenSource)state!).Cancel(),
            patience,
            _options.HandshakeMax,
            Timeout.InfiniteTimeSpan
        );
        try
        {
            await line.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificate = certificate,
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                },
                patience.Token
            );
            return line;
        }
        catch (Exception e)
            when (e is AuthenticationException or IOException or OperationCanceledException)
        {
            _log.IsoEnded(number, "no TLS");
            await line.DisposeAsync();
            return null;
        }
    }
}
