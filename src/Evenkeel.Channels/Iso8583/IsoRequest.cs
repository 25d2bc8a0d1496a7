using System.Globalization;
using System.Text;
using Evenkeel.CardKeys;
using Evenkeel.Channels.Iso8583.Codec;
using Evenkeel.Payments;
using CardToken = Evenkeel.Payments.CardToken;
using SealedPin = Evenkeel.Payments.SealedPin;

namespace Evenkeel.Channels.Iso8583;

/// <summary>What a money message asks of the bank.</summary>
internal abstract record IsoRequest
{
    private IsoRequest() { }

    /// <summary>It can't be asked: why.</summary>
    public sealed record Refused(OutcomeReason Reason) : IsoRequest;

    public sealed record Pay(PaymentInstruction Instruction) : IsoRequest;

    public sealed record Inquire(Actor Actor, InstructionId Id, CardUse Card) : IsoRequest;

    /// <summary>
    /// Builds the request. Card number and PIN block go no further than this: what leaves is a token
    /// and a sealed PIN.
    /// </summary>
    /// <param name="now">For the year, which the dialect does not carry.</param>
    public static IsoRequest Read(
        IsoMessage message,
        ICardKeys keys,
        Iso8583Options options,
        DateTimeOffset now
    )
    {
        if (IsoRules.FirstFault(message) != 0)
        {
            return new Refused(OutcomeReason.Malformed);
        }
        if (!uint.TryParse(message[IsoField.Currency], NumberStyles.None, null, out var currency))
        {
            return new Refused(OutcomeReason.CurrencyMismatch);
        }
        var key = IsoMatchKey.Of(message);
        Actor actor = new Actor.CardNetwork(options.Line);
        TerminalId terminal = new(key.Terminal);
        var isShop = IsoRules.KindOf(message) == IsoKind.Purchase;
        PaymentInstruction Instruct(Movement movement) =>
            new()
            {
                Id = key.ToInstructionId(),
                Actor = actor,
                Origin = new Origin(
                    isShop ? Channel.PointOfSale : Channel.CashMachine,
                    message.Mti.IsAdvice && message.Mti.Class != 4
                        ? OriginMode.Offline
                        : OriginMode.Normal,
                    terminal
                ),
                Movement = movement,
                Amount = new Money(message.Number(IsoField.Amount)!.Value, currency),
                References = new References { Rrn = key.Rrn.Trim(), Stan = key.Stan },
                IsAdvice = message.Mti.IsAdvice,
                AskedAt = IsoClock.Utc(message.Text(IsoField.TransmissionTime), now),
            };

        if (message.Mti.Class == 4)
        {
            return ReadReversal(message, currency) is { } reversal
                ? new Pay(Instruct(reversal))
                : new Refused(OutcomeReason.Malformed);
        }
        if (!Pan.IsValid(message[IsoField.Pan]))
        {
            return new Refused(OutcomeReason.CardUnknown);
        }
        if (!TrackAgrees(message))
        {
            return new Refused(OutcomeReason.Malformed);
        }
        if (ReadCard(message, keys, options, key) is not { } card)
        {
            return new Refused(OutcomeReason.PinNotVerifiable);
        }
        if (CompletionOf(message) is { } authorisation)
        {
            return new Pay(
                Instruct(new Movement.CardCompletion(authorisation, MerchantOf(message, terminal)))
            );
        }
        var asks = message.Mti.Class == 1;
        return IsoRules.KindOf(message) switch
        {
            IsoKind.Inquiry when message.Mti.IsAdvice => new Refused(OutcomeReason.NotSupported),
            IsoKind.Inquiry => new Inquire(actor, key.ToInstructionId(), card),
            IsoKind.Purchase when asks => new Pay(
                Instruct(new Movement.CardAuthorisation(card, MerchantOf(message, terminal)))
            ),
            IsoKind.Purchase => new Pay(
                Instruct(new Movement.CardPurchase(card, MerchantOf(message, terminal)))
            ),
            IsoKind.Withdrawal when !asks => new Pay(
                Instruct(new Movement.CashWithdrawal(new Funding.OfCard(card), terminal))
            ),
            IsoKind.Deposit when !asks => AccountNumber.TryParse(
                message.Text(IsoField.ToAccount).Trim(),
                out var account
            )
                ? new Pay(Instruct(new Movement.CashDeposit(account, terminal)))
                : new Refused(OutcomeReason.CreditorAccountUnknown),
            _ => new Refused(OutcomeReason.NotSupported),
        };
    }

    private static Movement.Reversal? ReadReversal(IsoMessage message, uint currency)
    {
        if (IsoMatchKey.OfOriginal(message) is not { Class: 1 or 2 } original)
        {
            return null;
        }
        if (!message.Has(IsoField.ReplacementAmounts))
        {
            return new Movement.Reversal(original.ToInstructionId());
        }
        // The first 12 of 42: what was given out after all.
        return long.TryParse(
            message[IsoField.ReplacementAmounts][..12],
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var completed
        )
            ? new Movement.Reversal(original.ToInstructionId(), new Money(completed, currency))
            : null;
    }

    /// <summary>An advice of a purchase that names an authorisation in field 90 completes it.</summary>
    private static InstructionId? CompletionOf(IsoMessage message) =>
        message.Mti.First == Mti.FinancialAdvice
        && message.Has(IsoField.OriginalData)
        && IsoMatchKey.OfOriginal(message) is { Class: 1 } original
            ? original.ToInstructionId()
            : null;

    /// <returns>Null when there is a PIN block that is none.</returns>
    private static CardUse? ReadCard(
        IsoMessage message,
        ICardKeys keys,
        Iso8583Options options,
        IsoMatchKey key
    )
    {
        SealedPin? pin = null;
        if (message.Has(IsoField.PinBlock))
        {
            var sealedPin = keys.SealPin(
                message[IsoField.PinBlock],
                message[IsoField.Pan],
                options.KeyScope == IsoKeyScope.Line ? options.Line : key.Terminal,
                Encoding.ASCII.GetBytes(key.ToInstructionId().ToString())
            );
            if (sealedPin is null)
            {
                return null;
            }
            pin = new SealedPin(sealedPin.Value.Bytes);
        }
        return new CardUse(
            new CardToken(keys.TokenOf(message[IsoField.Pan]).ToString()),
            (int)(message.Number(IsoField.Expiry) ?? 0),
            pin,
            message.Has(IsoField.EntryMode) ? message.Text(IsoField.EntryMode) : null
        );
    }

    private static Merchant MerchantOf(IsoMessage message, TerminalId terminal) =>
        new(
            terminal,
            message.Text(IsoField.Acceptor).Trim(),
            message.Text(IsoField.MerchantType),
            message.Text(IsoField.AcceptorName).Trim()
        );

    /// <summary>A track, where there is one, is of the card that field 2 names.</summary>
    private static bool TrackAgrees(IsoMessage message)
    {
        if (!message.Has(IsoField.Track2))
        {
            return true;
        }
        var track = message[IsoField.Track2];
        var separator = track.IndexOfAny((byte)'=', (byte)'D');
        return separator > 0 && track[..separator].SequenceEqual(message[IsoField.Pan]);
    }
}
