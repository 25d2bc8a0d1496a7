using System.Collections.Frozen;
using Evenkeel.Channels.Iso8583.Codec;

namespace Evenkeel.Channels.Iso8583;

/// <summary>What a money message wants, by the first two digits of its processing code.</summary>
internal enum IsoKind : byte
{
    Unknown = 0,
    Purchase,
    Withdrawal,
    Deposit,
    Inquiry,
}

/// <summary>Which fields a message must have and which it must not, as data.</summary>
internal static class IsoRules
{
    private static readonly int[] EveryMoney =
    [
        IsoField.Pan,
        IsoField.ProcessingCode,
        IsoField.Amount,
        IsoField.TransmissionTime,
        IsoField.Stan,
        IsoField.LocalTime,
        IsoField.LocalDate,
        IsoField.Acquirer,
        IsoField.Rrn,
        IsoField.Terminal,
        IsoField.Acceptor,
        IsoField.Currency,
    ];

    private static readonly int[] CardPresent =
    [
        .. EveryMoney,
        IsoField.Expiry,
        IsoField.MerchantType,
        IsoField.EntryMode,
        IsoField.ConditionCode,
        IsoField.AcceptorName,
    ];

    /// <summary>At a machine a PIN is always entered and the track always read.</summary>
    private static readonly int[] AtMachine = [.. CardPresent, IsoField.Track2, IsoField.PinBlock];

    private static readonly int[] Deposit = [.. CardPresent, IsoField.ToAccount];

    /// <summary>
    /// Without the track: it is not kept after the authorisation, so an advice that was stored can't
    /// carry it. 38 and 39 say what was decided.
    /// </summary>
    private static readonly int[] Advice =
    [
        .. CardPresent,
        IsoField.AuthorisationId,
        IsoField.ResponseCode,
    ];

    private static readonly int[] Reversal =
    [
        .. EveryMoney,
        IsoField.ResponseCode,
        IsoField.OriginalData,
    ];

    private static readonly int[] Network =
    [
        IsoField.TransmissionTime,
        IsoField.Stan,
        IsoField.NetworkCode,
    ];

    /// <summary>The fields without which a message can't be matched, so that only the line can be closed.</summary>
    private static readonly int[] ToAnswer = [IsoField.TransmissionTime, IsoField.Stan];

    /// <summary>What an answer repeats of the message that it answers.</summary>
    public static readonly int[] Echoed =
    [
        .. EveryMoney,
        IsoField.NetworkCode,
        IsoField.OriginalData,
    ];

    private static readonly FrozenDictionary<string, IsoKind> Kinds = new Dictionary<
        string,
        IsoKind
    >(StringComparer.Ordinal)
    {
        ["00"] = IsoKind.Purchase,
        ["01"] = IsoKind.Withdrawal,
        ["21"] = IsoKind.Deposit,
        ["31"] = IsoKind.Inquiry,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static IsoKind KindOf(IsoMessage message) =>
        message.Has(IsoField.ProcessingCode)
            ? Kinds.GetValueOrDefault(message.Text(IsoField.ProcessingCode)[..2])
            : IsoKind.Unknown;

    /// <summary>Whether an answer could be matched by who asked.</summary>
    public static bool CanBeAnswered(IsoMessage message) =>
        message.Mti.IsAsked && ToAnswer.All(message.Has);

    /// <summary>The first field at fault: missing, empty where it must not be, or not allowed; 0 = none.</summary>
    public static int FirstFault(IsoMessage message)
    {
        var mandatory = message.Mti.First switch
        {
            { Value: 800 } => Network,
            { Value: 400 or 420 } => Reversal,
            { Value: 120 or 220 } => Advice,
            _ => KindOf(message) switch
            {
                IsoKind.Withdrawal or IsoKind.Inquiry => AtMachine,
                IsoKind.Deposit => Deposit,
                _ => CardPresent,
            },
        };
        foreach (var field in mandatory)
        {
            if (message[field].IsEmpty)
            {
                return field;
            }
        }
        if (message.Mti.IsAdvice && message.Has(IsoField.PinBlock))
        {
            return IsoField.PinBlock;
        }
        return message.Has(IsoField.ChipData) && !BerTlv.IsWellFormed(message[IsoField.ChipData])
            ? IsoField.ChipData
            : 0;
    }
}
