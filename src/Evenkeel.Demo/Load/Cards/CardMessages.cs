using System.Globalization;
using System.Text;
using Evenkeel.CardKeys;
using Evenkeel.Channels.Iso8583;
using Evenkeel.Channels.Iso8583.Codec;
using Evenkeel.Demo.Plan;
using Evenkeel.Payments;

namespace Evenkeel.Demo.Load.Cards;

/// <summary>Messages of the demonstration's machines and shops. An act gives the same message each time.</summary>
internal static class CardMessages
{
    public const int StanMax = 999_999;

    private const string Acquirer = "100001";
    private const string Acceptor = "EVENKEEL";
    private const string Purchase = "000000";
    private const string Withdrawal = "010000";
    private const string ShopCategory = "5411";
    private const string MachineCategory = "6011";
    private const string Contactless = "071";
    private const string ChipAndPin = "051";

    /// <summary>Not completed: the machine can't say more.</summary>
    private const string NotCompleted = "68";

    /// <summary>The bank's number for a card act; nothing secret is needed for it.</summary>
    public static InstructionId IdOf(Act act)
    {
        using IsoMessage message = new(Mti.FinancialRequest);
        Common(message, act, "0");
        return IsoIdentity.Of(message);
    }

    /// <summary>0200.</summary>
    public static IsoMessage Request(Act act, DemoCard card, TerminalKeys keys)
    {
        IsoMessage message = new(Mti.FinancialRequest);
        Common(message, act, card.Number);
        message.Set(IsoField.Expiry, card.ExpiryYearMonth);
        var isCash = act.Kind == ActKind.Withdrawal;
        message.Set(IsoField.MerchantType, isCash ? MachineCategory : ShopCategory);
        message.Set(IsoField.EntryMode, isCash ? ChipAndPin : Contactless);
        message.Set(IsoField.ConditionCode, isCash ? "02" : "00");
        message.Set(IsoField.AcceptorName, act.Terminal!.Id.PadRight(40));
        if (isCash)
        {
            var pan = Encoding.ASCII.GetBytes(card.Number);
            message.Set(
                IsoField.Track2,
                Encoding.ASCII.GetBytes($"{card.Number}={card.ExpiryYearMonth:D4}201")
            );
            message.Set(
                IsoField.PinBlock,
                keys.EncryptPin(Encoding.ASCII.GetBytes(card.Pin), pan)!
            );
        }
        return message;
    }

    /// <summary>0420: takes all of it back.</summary>
    public static IsoMessage Reversal(Act act, DemoCard card)
    {
        IsoMessage message = new(Mti.ReversalAdvice);
        Common(message, act, card.Number);
        message.Set(IsoField.ResponseCode, NotCompleted);
        message.Set(
            IsoField.OriginalData,
            $"{Mti.FinancialRequest}{message.Text(IsoField.Stan)}{message.Text(IsoField.TransmissionTime)}"
                + $"{Acquirer.PadLeft(11, '0')}{"".PadLeft(11, '0')}"
        );
        return message;
    }

    public static IsoMessage SignOn(string terminal, DateTimeOffset now, int stan)
    {
        IsoMessage message = new(Mti.NetworkRequest);
        message.Set(IsoField.TransmissionTime, IsoClock.TransmissionTime(now));
        message.Set(IsoField.Stan, stan);
        message.Set(IsoField.Terminal, terminal.PadRight(8));
        message.Set(IsoField.NetworkCode, "001");
        return message;
    }

    private static void Common(IsoMessage message, Act act, string pan)
    {
        message.Set(IsoField.Pan, Encoding.ASCII.GetBytes(pan));
        message.Set(
            IsoField.ProcessingCode,
            act.Kind == ActKind.Withdrawal ? Withdrawal : Purchase
        );
        message.Set(IsoField.Amount, act.Amount.Minor);
        message.Set(IsoField.TransmissionTime, IsoClock.TransmissionTime(act.At));
        message.Set(IsoField.Stan, act.Stan);
        message.Set(IsoField.LocalTime, act.At.ToString("HHmmss", CultureInfo.InvariantCulture));
        message.Set(IsoField.LocalDate, act.At.ToString("MMdd", CultureInfo.InvariantCulture));
        message.Set(IsoField.Acquirer, Acquirer);
        message.Set(IsoField.Rrn, act.Reference);
        message.Set(IsoField.Terminal, act.Terminal!.Id.PadRight(8));
        message.Set(IsoField.Acceptor, Acceptor.PadRight(15));
        message.Set(
            IsoField.Currency,
            act.Amount.Currency.ToString("D3", CultureInfo.InvariantCulture)
        );
    }
}
