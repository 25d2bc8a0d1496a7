using System.Globalization;
using Evenkeel.CardKeys;
using Evenkeel.Channels.Iso8583;
using Evenkeel.Channels.Iso8583.Codec;

namespace Evenkeel.Simulators.Atm;

/// <summary>Builds the machine's messages.</summary>
internal sealed class AtmMessages(AtmOptions options, TerminalKeys keys, TimeProvider time)
{
    private const string Withdrawal = "010000";
    private const string Inquiry = "310000";
    private const string CashMachine = "6011";
    private const string ChipAndPin = "051";

    /// <summary>Why a reversal was sent: the machine can't say more than that it is not completed.</summary>
    private const string NotCompleted = "68";

    /// <summary>0200, of a withdrawal or, with amount 0, a balance inquiry.</summary>
    public IsoMessage Request(AtmCard card, byte[] pinBlock, long minor, int stan, string rrn)
    {
        IsoMessage message = new(Mti.FinancialRequest);
        Common(message, card.Pan, minor, stan, rrn);
        CardPresent(message, card);
        message.Set(IsoField.ProcessingCode, minor == 0 ? Inquiry : Withdrawal);
        message.Set(IsoField.Track2, card.Track2());
        message.Set(IsoField.PinBlock, pinBlock);
        return message;
    }

    /// <summary>0420 of a request: all of it, until <see cref="Complete"/> says what came out.</summary>
    public IsoMessage Reversal(IsoMessage request, int stan)
    {
        IsoMessage message = new(Mti.ReversalAdvice);
        Common(
            message,
            request[IsoField.Pan],
            request.Number(IsoField.Amount)!.Value,
            stan,
            request.Text(IsoField.Rrn)
        );
        message.Set(IsoField.ResponseCode, NotCompleted);
        message.Set(
            IsoField.OriginalData,
            $"{request.Mti}{request.Text(IsoField.Stan)}{request.Text(IsoField.TransmissionTime)}"
                + $"{options.Acquirer.PadLeft(11, '0')}{"".PadLeft(11, '0')}"
        );
        return message;
    }

    /// <summary>0220 of a payout under the floor limit.</summary>
    public IsoMessage Advice(AtmCard card, long minor, int stan, string rrn)
    {
        IsoMessage message = new(Mti.FinancialAdvice);
        Common(message, card.Pan, minor, stan, rrn);
        CardPresent(message, card);
        message.Set(IsoField.AuthorisationId, $"{stan:D6}");
        message.Set(IsoField.ResponseCode, AtmCodes.Approved);
        return message;
    }

    /// <summary>Says what came out: of a reversal in field 95, of an advice in field 4.</summary>
    public static void Complete(IsoMessage followUp, long given, string? authorisationId)
    {
        if (followUp.Mti.First == Mti.FinancialAdvice)
        {
            followUp.Set(IsoField.Amount, given);
            return;
        }
        if (given > 0)
        {
            followUp.Set(
                IsoField.ReplacementAmounts,
                string.Create(CultureInfo.InvariantCulture, $"{given:D12}{0:D12}C{0:D8}C{0:D8}")
            );
        }
        if (authorisationId is not null)
        {
            followUp.Set(IsoField.AuthorisationId, authorisationId);
        }
    }

    public IsoMessage Network(string code, int stan)
    {
        IsoMessage message = new(Mti.NetworkRequest);
        message.Set(IsoField.TransmissionTime, IsoClock.TransmissionTime(time.GetUtcNow()));
        message.Set(IsoField.Stan, stan);
        message.Set(IsoField.Terminal, Terminal);
        message.Set(IsoField.NetworkCode, code);
        return message;
    }

    private string Terminal => keys.Terminal.PadRight(8);

    private void Common(
        IsoMessage message,
        ReadOnlySpan<byte> pan,
        long minor,
        int stan,
        string rrn
    )
    {
        var now = time.GetUtcNow();
        var local = time.GetLocalNow();
        message.Set(IsoField.Pan, pan);
        message.Set(IsoField.ProcessingCode, Withdrawal);
        message.Set(IsoField.Amount, minor);
        message.Set(IsoField.TransmissionTime, IsoClock.TransmissionTime(now));
        message.Set(IsoField.Stan, stan);
        message.Set(IsoField.LocalTime, local.ToString("HHmmss", CultureInfo.InvariantCulture));
        message.Set(IsoField.LocalDate, local.ToString("MMdd", CultureInfo.InvariantCulture));
        message.Set(IsoField.Acquirer, options.Acquirer);
        message.Set(IsoField.Rrn, rrn);
        message.Set(IsoField.Terminal, Terminal);
        message.Set(IsoField.Acceptor, options.Acceptor.PadRight(15));
        message.Set(
            IsoField.Currency,
            options.Currency.ToString("D3", CultureInfo.InvariantCulture)
        );
    }

    private void CardPresent(IsoMessage message, AtmCard card)
    {
        message.Set(IsoField.Expiry, card.ExpiryYearMonth);
        message.Set(IsoField.MerchantType, CashMachine);
        message.Set(IsoField.EntryMode, ChipAndPin);
        message.Set(IsoField.ConditionCode, "02");
        message.Set(IsoField.AcceptorName, options.NameAndPlace.PadRight(40));
    }
}
