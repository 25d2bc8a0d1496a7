using System.Globalization;
using System.Net;
using System.Text;
using Evenkeel.CardKeys;
using Evenkeel.Channels.Iso8583;
using Evenkeel.Channels.Iso8583.Codec;

namespace Evenkeel.Bench;

/// <summary>A demonstration card that pays in the load.</summary>
/// <param name="Pan">With its check digit.</param>
/// <param name="ExpiryYearMonth">YYMM.</param>
public sealed record IsoCard(string Pan, int ExpiryYearMonth)
{
    /// <summary>Null: a purchase without a PIN.</summary>
    public string? Pin { get; init; }

    public override string ToString() => "(card)";
}

/// <summary>
/// Purchases over ISO 8583, each client a terminal with a line of its own, one payment after the other,
/// MAC on every message.
/// </summary>
public static class IsoLoad
{
    private const int StanMax = 1_000_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <param name="terminals">Keys of one terminal for each client.</param>
    /// <param name="currency">ISO 4217 number of the accounts behind the cards.</param>
    public static async Task<Measurement> RunAsync(
        EndPoint host,
        IReadOnlyList<TerminalKeys> terminals,
        IReadOnlyList<IsoCard> cards,
        int currency,
        TimeSpan warmUp,
        TimeSpan duration,
        CancellationToken cancellationToken
    )
    {
        List<Shop> shops = [];
        try
        {
            foreach (var keys in terminals)
            {
                Shop shop = new(keys, cards, currency, seed: shops.Count);
                shops.Add(shop);
                await shop.OpenAsync(host, cancellationToken);
            }
            return await LoadRunner.RunAsync(
                "payments over ISO 8583",
                [.. shops.Select(s => (LoadRunner.Request)s.PayAsync)],
                batch: 1,
                cards.Count,
                durable: true,
                warmUp,
                duration,
                cancellationToken
            );
        }
        finally
        {
            foreach (var shop in shops)
            {
                await shop.DisposeAsync();
            }
        }
    }

    /// <summary>One client.</summary>
    private sealed class Shop(
        TerminalKeys keys,
        IReadOnlyList<IsoCard> cards,
        int currency,
        int seed
    ) : IAsyncDisposable
    {
#pragma warning disable CA5394 // Which card pays is no secret, and the same in every run.
        private readonly Random _random = new(seed);
#pragma warning restore CA5394
        private IsoClient? _line;
        private int _stan;

        public async Task OpenAsync(EndPoint host, CancellationToken cancellationToken)
        {
            _line = await IsoClient.ConnectAsync(
                host,
                new IsoClientOptions { Keys = keys },
                TimeProvider.System,
                cancellationToken
            );
            using IsoMessage signOn = new(Mti.NetworkRequest);
            Stamp(signOn);
            signOn.Set(IsoField.Terminal, keys.Terminal.PadRight(8));
            signOn.Set(IsoField.NetworkCode, "001");
            using var answer = await _line.AskAsync(signOn, Patience, cancellationToken);
            if (answer?.Text(IsoField.ResponseCode) is not "00")
            {
                throw new IOException("The bank did not let the terminal sign on.");
            }
        }

        public async ValueTask<(int Done, int Refused)> PayAsync(
            CancellationToken cancellationToken
        )
        {
#pragma warning disable CA5394
            var card = cards[_random.Next(cards.Count)];
#pragma warning restore CA5394
            using var message = Purchase(card);
            using var answer = await _line!.AskAsync(message, Patience, cancellationToken);
            return answer?.Text(IsoField.ResponseCode) is "00" ? (1, 0) : (0, 1);
        }

        public async ValueTask DisposeAsync()
        {
            if (_line is not null)
            {
                await _line.DisposeAsync();
            }
        }

        private IsoMessage Purchase(IsoCard card)
        {
            var pan = Encoding.ASCII.GetBytes(card.Pan);
            IsoMessage message = new(Mti.FinancialRequest);
            message.Set(IsoField.Pan, pan);
            message.Set(IsoField.ProcessingCode, "000000");
            message.Set(IsoField.Amount, 1);
            Stamp(message);
            message.Set(IsoField.LocalTime, message.Text(IsoField.TransmissionTime)[4..]);
            message.Set(IsoField.LocalDate, message.Text(IsoField.TransmissionTime)[..4]);
            message.Set(IsoField.Expiry, card.ExpiryYearMonth);
            message.Set(IsoField.MerchantType, "5411");
            message.Set(IsoField.EntryMode, "051");
            message.Set(IsoField.ConditionCode, "00");
            message.Set(IsoField.Acquirer, "100001");
            message.Set(IsoField.Rrn, string.Create(CultureInfo.InvariantCulture, $"{_stan:D12}"));
            message.Set(IsoField.Terminal, keys.Terminal.PadRight(8));
            message.Set(IsoField.Acceptor, "SHOP".PadRight(15));
            message.Set(IsoField.AcceptorName, "SHOP".PadRight(40));
            message.Set(IsoField.Currency, currency.ToString("D3", CultureInfo.InvariantCulture));
            if (card.Pin is { } pin)
            {
                message.Set(IsoField.PinBlock, keys.EncryptPin(Encoding.ASCII.GetBytes(pin), pan)!);
            }
            return message;
        }

        private void Stamp(IsoMessage message)
        {
            _stan = (_stan + 1) % StanMax;
            message.Set(
                IsoField.TransmissionTime,
                IsoClock.TransmissionTime(TimeProvider.System.GetUtcNow())
            );
            message.Set(IsoField.Stan, _stan);
        }
    }
}
