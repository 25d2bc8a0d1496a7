using System.Collections.Concurrent;
using System.Net;
using Evenkeel.CardKeys;
using Evenkeel.Channels.Iso8583;
using Evenkeel.Channels.Iso8583.Codec;
using Evenkeel.Demo.Plan;

namespace Evenkeel.Demo.Load.Cards;

/// <summary>
/// Cards in shops and at machines, by ISO 8583. A shop that gets no answer repeats the same message; a
/// machine gives no notes and takes it back, until the bank has said that it knows.
/// </summary>
public sealed class CardDoor(
    DemoOptions options,
    EndPoint host,
    SoftwareCardKeys keys,
    TimeProvider time
) : IDoor, IAsyncDisposable
{
    private const string Approved = "00";

    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>From the first sending until nobody asks any more.</summary>
    private static readonly TimeSpan PatienceMax = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, CardLine> _lines = new(StringComparer.Ordinal);

    public async Task<Told> AskAsync(Act act, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(act);
        var card = DemoCards.Of(options, act.Customer)!;
        var line = _lines.GetOrAdd(
            act.Terminal!.Id,
            terminal => new CardLine(host, keys.KeysOf(terminal), time)
        );
        using var message = CardMessages.Request(act, card, line.Keys);
        var until = time.GetUtcNow() + PatienceMax;
        for (var tries = 1; ; tries++)
        {
            string? code;
            long? minor;
            using (var answer = await line.AskAsync(message, AnswerMax, cancellationToken))
            {
                code = answer?.Text(IsoField.ResponseCode);
                minor = answer?.Number(IsoField.Amount);
            }
            if (code is not null && !IsDoubtful(code))
            {
                return code is Approved
                    ? new Told(ToldOutcome.Done, tries, Minor: minor)
                    : new Told(ToldOutcome.NotDone, tries, code);
            }
            if (act.Kind == ActKind.Withdrawal)
            {
                return await TakeBackAsync(act, card, line, until, tries, cancellationToken);
            }
            if (time.GetUtcNow() >= until)
            {
                return new Told(ToldOutcome.Unknown, tries, code);
            }
            await Task.Delay(Pause, time, cancellationToken);
            message.Mti = message.Mti.Repeat;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var line in _lines.Values)
        {
            await line.DisposeAsync();
        }
    }

    private async Task<Told> TakeBackAsync(
        Act act,
        DemoCard card,
        CardLine line,
        DateTimeOffset until,
        int tries,
        CancellationToken cancellationToken
    )
    {
        using var reversal = CardMessages.Reversal(act, card);
        var id = IsoIdentity.Of(reversal);
        while (true)
        {
            tries++;
            string? code;
            using (var answer = await line.AskAsync(reversal, AnswerMax, cancellationToken))
            {
                code = answer?.Text(IsoField.ResponseCode);
            }
            if (code is Approved)
            {
                return new Told(ToldOutcome.Reversed, tries, Reversal: id);
            }
            if (time.GetUtcNow() >= until)
            {
                return new Told(ToldOutcome.Unknown, tries, code, Reversal: id);
            }
            await Task.Delay(Pause, time, cancellationToken);
            reversal.Mti = reversal.Mti.Repeat;
        }
    }

    /// <summary>After these it is not certain that nothing moved, or it may be asked again.</summary>
    private static bool IsDoubtful(string code) => code is "09" or "68" or "91" or "96";
}
