using System.Collections.Concurrent;
using System.Net.Sockets;
using Evenkeel.CardKeys;
using Evenkeel.Channels.Iso8583;
using Evenkeel.Channels.Iso8583.Codec;
using Evenkeel.Payments;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Channels.Tests.Iso8583;

/// <summary>A listener on a free port, keys, one terminal, and all that was logged.</summary>
internal sealed class IsoBed : IAsyncDisposable
{
    private readonly IPaymentProcessor _payments;
    private readonly IAccountQueries _queries;
    private readonly Iso8583Options _options;
    private readonly KeptLog _log = new();
    private readonly TerminalKeys _terminalKeys;

    public IsoBed(
        SoftwareCardKeys keys,
        IPaymentProcessor payments,
        IAccountQueries queries,
        Iso8583Options? options = null
    )
    {
        Keys = keys;
        _payments = payments;
        _queries = queries;
        _options = options ?? new Iso8583Options { AnswerMax = TimeSpan.FromSeconds(5) };
        _terminalKeys = keys.KeysOf("ATM00001");
        Terminal = new Terminal(_terminalKeys);
        Listener = Start(port: 0);
    }

    public SoftwareCardKeys Keys { get; }

    public Terminal Terminal { get; }

    public IsoListener Listener { get; private set; }

    public IReadOnlyList<string> Log => [.. _log.Lines];

    public static SoftwareCardKeys NewKeys() =>
        SoftwareCardKeys.FromMaster("demo", [.. Enumerable.Range(1, 32).Select(i => (byte)i)]);

    /// <summary>Ends the channel and starts it anew at the same address.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        StartAgain();
    }

    public ValueTask StopAsync() => Listener.DisposeAsync();

    public void StartAgain() => Listener = Start(Listener.EndPoint.Port);

    public Task<IsoClient> ConnectAsync(
        Func<IsoClientOptions, IsoClientOptions>? change = null,
        CancellationToken cancellationToken = default
    )
    {
        IsoClientOptions options = new() { Keys = _options.MacRequired ? _terminalKeys : null };
        return IsoClient.ConnectAsync(
            Listener.EndPoint,
            change?.Invoke(options) ?? options,
            TimeProvider.System,
            cancellationToken
        );
    }

    /// <summary>Connected and signed on.</summary>
    public async Task<IsoClient> SignOnAsync(
        Func<IsoClientOptions, IsoClientOptions>? change = null,
        CancellationToken cancellationToken = default
    )
    {
        var client = await ConnectAsync(change, cancellationToken);
        using var signOn = Terminal.Network("001");
        using var answer = await client.AskAsync(signOn, Patience, cancellationToken);
        Xunit.Assert.Equal("00", answer?.Text(IsoField.ResponseCode));
        return client;
    }

    /// <summary>Bytes as they are, without framing of ours.</summary>
    public async Task<TcpClient> ConnectRawAsync()
    {
        TcpClient raw = new();
        await raw.ConnectAsync(Listener.EndPoint);
        return raw;
    }

    public static TimeSpan Patience => TimeSpan.FromSeconds(10);

    public async ValueTask DisposeAsync()
    {
        await Listener.DisposeAsync();
        _terminalKeys.Dispose();
        _log.Dispose();
    }

    private IsoListener Start(int port) =>
        IsoListener.Start(
            _options with
            {
                Port = port,
            },
            _payments,
            _queries,
            Keys,
            TimeProvider.System,
            _log
        );

    private sealed class KeptLog : ILogger<IsoListener>, IDisposable
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => Lines.Enqueue($"{eventId.Id} {formatter(state, exception)} {exception}");

        public void Dispose() { }
    }
}
