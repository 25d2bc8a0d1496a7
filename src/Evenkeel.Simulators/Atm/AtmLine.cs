using System.Security.Cryptography;
using Evenkeel.CardKeys;
using Evenkeel.Channels.Iso8583;
using Evenkeel.Channels.Iso8583.Codec;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Simulators.Atm;

/// <summary>
/// The machine's line to its bank: connects, signs on, delivers what is stored, in order, before
/// anything new is asked. Used by one at a time.
/// </summary>
internal sealed class AtmLine(
    AtmOptions options,
    TerminalKeys keys,
    AtmMessages messages,
    TimeProvider time,
    ILogger log
) : IAsyncDisposable
{
    private const string SignOn = "001";
    private const string SignOff = "002";
    private const string Echo = "301";

    private IsoClient? _client;
    private int _networkStan;

    /// <summary>Signed on, as far as is known.</summary>
    public bool IsUp => _client is { IsOpen: true };

    /// <summary>Ready for a request of now: connected, signed on, nothing stored left over.</summary>
    /// <param name="stored">Oldest first.</param>
    /// <param name="delivered">Called when the bank took one, before the next is sent.</param>
    public async Task<bool> IsReadyAsync(
        IReadOnlyCollection<KeyValuePair<long, byte[]>> stored,
        Action<long, string> delivered,
        CancellationToken cancellationToken
    )
    {
        try
        {
            if (!IsUp && !await ConnectAsync(cancellationToken))
            {
                return false;
            }
            foreach (var (payout, message) in stored)
            {
                if (await DeliverAsync(message, cancellationToken) is not { } code)
                {
                    return false;
                }
                delivered(payout, code);
            }
            return true;
        }
        catch (IOException e)
        {
            log.AtmLineDown(keys.Terminal, e.Message);
            await CloseAsync();
            return false;
        }
    }

    /// <returns>Null when no answer came; the line is closed then, and opened anew for the next.</returns>
    public async Task<IsoMessage?> AskAsync(IsoMessage message, CancellationToken cancellationToken)
    {
        try
        {
            var answer = _client is null
                ? null
                : await _client.AskAsync(message, options.AnswerMax, cancellationToken);
            if (answer is null)
            {
                log.AtmNoAnswer(keys.Terminal, message.Mti);
                await CloseAsync();
            }
            return answer;
        }
        catch (IOException e)
        {
            log.AtmLineDown(keys.Terminal, e.Message);
            await CloseAsync();
            return null;
        }
    }

    public async Task EchoAsync(CancellationToken cancellationToken)
    {
        if (IsUp)
        {
            using var echo = messages.Network(Echo, NextNetworkStan());
            using var answer = await AskAsync(echo, cancellationToken);
        }
    }

    public async Task SignOffAsync(CancellationToken cancellationToken)
    {
        if (IsUp)
        {
            using var signOff = messages.Network(SignOff, NextNetworkStan());
            using var answer = await AskAsync(signOff, cancellationToken);
        }
    }

    public ValueTask DisposeAsync() => new(CloseAsync());

    private async Task<bool> ConnectAsync(CancellationToken cancellationToken)
    {
        await CloseAsync();
        IsoClientOptions clientOptions = new()
        {
            Keys = keys,
            Tls = options.Tls,
            ConnectMax = options.ConnectMax,
            Late = answer => log.AtmLateAnswer(keys.Terminal, answer.Mti),
            CutOver = date => log.AtmCutOver(keys.Terminal, date),
        };
        _client = await IsoClient.ConnectAsync(
            options.Host,
            clientOptions,
            time,
            cancellationToken
        );
        using var signOn = messages.Network(SignOn, NextNetworkStan());
        using var answer = await AskAsync(signOn, cancellationToken);
        if (answer?.Text(IsoField.ResponseCode) is AtmCodes.Approved)
        {
            log.AtmSignedOn(keys.Terminal);
            return true;
        }
        await CloseAsync();
        return false;
    }

    /// <summary>
    /// Always as a repeat: whether the first sending reached the bank is not known after a crash, and
    /// to the bank both are the same.
    /// </summary>
    /// <returns>Field 39; null when it must be sent again.</returns>
    private async Task<string?> DeliverAsync(byte[] stored, CancellationToken cancellationToken)
    {
        var bytes =
            keys.OpenFromStorage(stored)
            ?? throw new InvalidDataException("A stored message is not of this terminal.");
        using IsoMessage message = new();
        var decoded = IsoCodec.Decode(bytes, message);
        CryptographicOperations.ZeroMemory(bytes);
        if (!decoded.IsWhole)
        {
            throw new InvalidDataException("A stored message is none.");
        }
        message.Mti = message.Mti.Repeat;
        using var answer = await AskAsync(message, cancellationToken);
        var code = answer?.Text(IsoField.ResponseCode);
        if (code is null || AtmCodes.IsForLater(code))
        {
            return null;
        }
        log.AtmDelivered(keys.Terminal, message.Mti, message.Text(IsoField.Rrn), code);
        return code;
    }

    /// <summary>Numbers of network messages are their own: they book nothing.</summary>
    private int NextNetworkStan() => _networkStan = (_networkStan % AtmLimits.StanMax) + 1;

    private async Task CloseAsync()
    {
        if (_client is { } client)
        {
            _client = null;
            await client.DisposeAsync();
        }
    }
}
