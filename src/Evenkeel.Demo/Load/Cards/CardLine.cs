using System.Net;
using Evenkeel.CardKeys;
using Evenkeel.Channels.Iso8583;
using Evenkeel.Channels.Iso8583.Codec;

namespace Evenkeel.Demo.Load.Cards;

/// <summary>The line of one terminal: opened and signed on when it is needed, and again when it broke.</summary>
internal sealed class CardLine(EndPoint host, TerminalKeys keys, TimeProvider time)
    : IAsyncDisposable
{
    private static readonly TimeSpan ConnectMax = TimeSpan.FromSeconds(3);

    private readonly SemaphoreSlim _opening = new(1, 1);
    private IsoClient? _client;
    private int _networkStan;

    public TerminalKeys Keys => keys;

    /// <returns>Null when no answer came in time or the line broke: whether it was done is not known.</returns>
    public async Task<IsoMessage?> AskAsync(
        IsoMessage message,
        TimeSpan patience,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var client = await OpenAsync(cancellationToken);
            return await client.AskAsync(message, patience, cancellationToken);
        }
        catch (IOException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }
        _opening.Dispose();
        keys.Dispose();
    }

    /// <exception cref="IOException">Nobody answers there.</exception>
    private async Task<IsoClient> OpenAsync(CancellationToken cancellationToken)
    {
        if (_client is { IsOpen: true } open)
        {
            return open;
        }
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (_client is { IsOpen: true } already)
            {
                return already;
            }
            if (_client is not null)
            {
                await _client.DisposeAsync();
                _client = null;
            }
            var client = await IsoClient.ConnectAsync(
                host,
                new IsoClientOptions { Keys = keys, ConnectMax = ConnectMax },
                time,
                cancellationToken
            );
            using var signOn = CardMessages.SignOn(
                keys.Terminal,
                time.GetUtcNow(),
                _networkStan = (_networkStan % CardMessages.StanMax) + 1
            );
            using var answer = await client.AskAsync(signOn, ConnectMax, cancellationToken);
            if (answer?.Text(IsoField.ResponseCode) is not "00")
            {
                await client.DisposeAsync();
                throw new IOException("The bank did not let the terminal sign on.");
            }
            return _client = client;
        }
        finally
        {
            _opening.Release();
        }
    }
}
