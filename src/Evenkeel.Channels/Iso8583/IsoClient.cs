using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Evenkeel.CardKeys;
using Evenkeel.Channels.Iso8583.Codec;

namespace Evenkeel.Channels.Iso8583;

/// <summary>How a machine or a switch reaches the bank.</summary>
public sealed record IsoClientOptions
{
    /// <summary>Null: messages go without a MAC, and answers are taken without one.</summary>
    public TerminalKeys? Keys { get; init; }

    public IsoBitmaps Bitmaps { get; init; }

    /// <summary>Whom to believe, and under what name; null = the line speaks no TLS.</summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>Until the line is open, its TLS handshake included.</summary>
    public TimeSpan ConnectMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Without a message for so long the line counts as dead.</summary>
    public TimeSpan IdleMax { get; init; } = TimeSpan.FromMinutes(3);

    public TimeSpan FrameMax { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan WriteMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Called with an answer that nobody waits for any more; its content is gone afterwards.</summary>
    public Action<IsoMessage>? Late { get; init; }

    /// <summary>Called with field 15 when the bank announces a new business date.</summary>
    public Action<string>? CutOver { get; init; }
}

/// <summary>The asking end of a line: many messages at once, each matched with its answer.</summary>
public sealed class IsoClient : IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly IsoClientOptions _options;
    private readonly IsoFrameReader _reader;
    private readonly IsoFrameWriter _writer;
    private readonly ConcurrentDictionary<Key, TaskCompletionSource<IsoMessage>> _waiting = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _reading;
    private volatile bool _isOpen = true;

    private IsoClient(Stream stream, IsoClientOptions options, TimeProvider time)
    {
        _stream = stream;
        _options = options;
        _reader = new IsoFrameReader(stream, options.IdleMax, options.FrameMax, time);
        _writer = new IsoFrameWriter(stream, options.WriteMax);
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>False once the line has broken; it doesn't heal, a new one is opened.</summary>
    public bool IsOpen => _isOpen;

    /// <exception cref="IOException">Nobody answers there in time.</exception>
    public static async Task<IsoClient> ConnectAsync(
        EndPoint endPoint,
        IsoClientOptions options,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(options.ConnectMax);
        try
        {
            await socket.ConnectAsync(endPoint, patience.Token);
            NetworkStream plain = new(socket, ownsSocket: true);
            if (options.Tls is not { } tls)
            {
                return new IsoClient(plain, options, time);
            }
            SslStream line = new(plain);
            await line.AuthenticateAsClientAsync(tls, patience.Token);
            return new IsoClient(line, options, time);
        }
        catch (AuthenticationException e)
        {
            socket.Dispose();
            throw new IOException("The bank's line shows no certificate that is trusted here.", e);
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw new IOException("The bank's line does not answer.", e);
        }
    }

    /// <summary>Sends a message and waits for its answer, which the caller disposes.</summary>
    /// <returns>Null when no answer came in time: whether it was done is not known.</returns>
    /// <exception cref="IOException">The line broke; whether it was done is not known either.</exception>
    public async Task<IsoMessage?> AskAsync(
        IsoMessage message,
        TimeSpan patience,
        CancellationToken cancellationToken
    )
    {
        var key = Key.Of(message.Mti.Response, message);
        TaskCompletionSource<IsoMessage> answer = new(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        if (!_waiting.TryAdd(key, answer))
        {
            throw new InvalidOperationException("The same message already waits for its answer.");
        }
        try
        {
            if (!_isOpen)
            {
                throw new IOException("The line is closed.");
            }
            await SendAsync(message, cancellationToken);
            return await answer.Task.WaitAsync(patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            _waiting.TryRemove(key, out _);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _reading;
        _stream.Dispose();
        _reader.Dispose();
        _writer.Dispose();
        _closing.Dispose();
    }

    private Task SendAsync(IsoMessage message, CancellationToken cancellationToken)
    {
        IsoMacMaker? maker = _options.Keys is { } keys ? keys.MakeMac : null;
        return _writer.WriteAsync(
            IsoMac.Frame(message, _options.Bitmaps, maker),
            cancellationToken
        );
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await _reader.ReadAsync(_closing.Token) == IsoFrameEnd.None)
            {
                IsoMessage message = new();
                var decoded = IsoCodec.Decode(_reader.Frame, message, _options.Bitmaps);
                if (!decoded.IsWhole || !MacHolds(message))
                {
                    message.Dispose();
                    break; // Somebody else speaks here: nothing it says counts.
                }
                await TakeAsync(message);
            }
        }
        catch (Exception e)
            when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The line is gone; those who wait hear so below.
        }
        finally
        {
            _isOpen = false;
            foreach (var waiting in _waiting.Values)
            {
                waiting.TrySetException(new IOException("The line broke."));
            }
        }
    }

    private bool MacHolds(IsoMessage message)
    {
        if (_options.Keys is not { } keys)
        {
            return true;
        }
        var field = IsoMac.FieldOf(message);
        return field != 0 && keys.VerifyMac(IsoMac.Covered(_reader.Frame), message[field]);
    }

    private async Task TakeAsync(IsoMessage message)
    {
        if (message.Mti.IsAsked)
        {
            using (message)
            {
                await AnswerHostAsync(message);
            }
            return;
        }
        if (
            !_waiting.TryGetValue(Key.Of(message.Mti, message), out var waiting)
            || !waiting.TrySetResult(message)
        )
        {
            _options.Late?.Invoke(message);
            message.Dispose();
        }
    }

    /// <summary>The bank asks network management only: an echo, a cut-over.</summary>
    private async Task AnswerHostAsync(IsoMessage message)
    {
        if (message.Mti != Mti.NetworkRequest)
        {
            return;
        }
        using IsoMessage answer = new(message.Mti.Response);
        foreach (var field in IsoRules.Echoed)
        {
            answer.Copy(message, field);
        }
        answer.Set(IsoField.ResponseCode, "00");
        if (message.Has(IsoField.SettlementDate))
        {
            _options.CutOver?.Invoke(message.Text(IsoField.SettlementDate));
        }
        await SendAsync(answer, _closing.Token);
    }

    private readonly record struct Key(Mti Mti, string TransmissionTime, string Stan)
    {
        public static Key Of(Mti mti, IsoMessage message) =>
            new(mti, message.Text(IsoField.TransmissionTime), message.Text(IsoField.Stan));
    }
}
