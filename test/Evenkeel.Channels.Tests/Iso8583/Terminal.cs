using System.Globalization;
using System.Text;
using Evenkeel.CardKeys;
using Evenkeel.Channels.Iso8583;
using Evenkeel.Channels.Iso8583.Codec;

namespace Evenkeel.Channels.Tests.Iso8583;

/// <summary>Makes the messages of one machine, each with the fields that the dialect demands.</summary>
internal sealed class Terminal(TerminalKeys keys)
{
    public const string Pan = "4000001234567899";
    public const string Pin = "4711";

    public string Id => keys.Terminal;

    /// <summary>A withdrawal; the same number makes the same message.</summary>
    public IsoMessage Withdrawal(int number, long minor, string pin = Pin, string pan = Pan)
    {
        var message = Money(Mti.FinancialRequest, "011000", number, minor, pan);
        CardPresent(message, "6011");
        message.Set(IsoField.Track2, Encoding.ASCII.GetBytes($"{pan}=2912201"));
        message.Set(
            IsoField.PinBlock,
            keys.EncryptPin(Encoding.ASCII.GetBytes(pin), Encoding.ASCII.GetBytes(pan))!
        );
        return message;
    }

    public IsoMessage Inquiry(int number, string pin = Pin)
    {
        var message = Withdrawal(number, 0, pin);
        message.Set(IsoField.ProcessingCode, "312000");
        return message;
    }

    /// <summary>In a shop, without a PIN.</summary>
    public IsoMessage Shop(Mti mti, int number, long minor)
    {
        var message = Money(mti, "000000", number, minor, Pan);
        CardPresent(message, "5411");
        if (mti.IsAdvice)
        {
            message.Set(IsoField.AuthorisationId, "OFF001");
            message.Set(IsoField.ResponseCode, "00");
        }
        return message;
    }

    /// <summary>What was given out while the line was down.</summary>
    public IsoMessage WithdrawalAdvice(int number, long minor)
    {
        var message = Shop(Mti.FinancialAdvice, number, minor);
        message.Set(IsoField.ProcessingCode, "011000");
        return message;
    }

    /// <summary>Undoes the withdrawal of that number, all of it or all but what was given out.</summary>
    public IsoMessage Reversal(
        int number,
        int original,
        long minor,
        long? completed = null,
        int originalClass = 2
    )
    {
        var message = Money(Mti.ReversalAdvice, "011000", number, minor, Pan);
        message.Set(IsoField.Rrn, Rrn(original));
        message.Set(IsoField.ResponseCode, "68");
        message.Set(
            IsoField.OriginalData,
            $"0{originalClass}00{Stan(original)}{Time(original)}00000100001{"".PadLeft(11, '0')}"
        );
        if (completed is { } given)
        {
            message.Set(
                IsoField.ReplacementAmounts,
                string.Create(CultureInfo.InvariantCulture, $"{given:D12}{0:D12}C{0:D8}C{0:D8}")
            );
        }
        return message;
    }

    public IsoMessage Network(string code, int number = 900_000)
    {
        IsoMessage message = new(Mti.NetworkRequest);
        message.Set(IsoField.TransmissionTime, Time(number));
        message.Set(IsoField.Stan, number);
        message.Set(IsoField.Terminal, Id);
        message.Set(IsoField.NetworkCode, code);
        return message;
    }

    private IsoMessage Money(Mti mti, string processing, int number, long minor, string pan)
    {
        IsoMessage message = new(mti);
        message.Set(IsoField.Pan, Encoding.ASCII.GetBytes(pan));
        message.Set(IsoField.ProcessingCode, processing);
        message.Set(IsoField.Amount, minor);
        message.Set(IsoField.TransmissionTime, Time(number));
        message.Set(IsoField.Stan, number);
        message.Set(IsoField.LocalTime, "170102");
        message.Set(IsoField.LocalDate, "1123");
        message.Set(IsoField.Acquirer, "100001");
        message.Set(IsoField.Rrn, Rrn(number));
        message.Set(IsoField.Terminal, Id);
        message.Set(IsoField.Acceptor, "EVENKEEL BRANCH");
        message.Set(IsoField.Currency, 156);
        return message;
    }

    private static void CardPresent(IsoMessage message, string merchantType)
    {
        message.Set(IsoField.Expiry, "2912");
        message.Set(IsoField.MerchantType, merchantType);
        message.Set(IsoField.EntryMode, "051");
        message.Set(IsoField.ConditionCode, "00");
        message.Set(IsoField.AcceptorName, "1 HARBOUR ROAD          SHANGHAI      CN");
    }

    private static string Stan(int number) => number.ToString("D6", CultureInfo.InvariantCulture);

    private static string Rrn(int number) => number.ToString("D12", CultureInfo.InvariantCulture);

    private static string Time(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"112309{number / 60 % 60:D2}{number % 60:D2}");
}
