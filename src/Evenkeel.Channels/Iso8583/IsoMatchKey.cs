using Evenkeel.Channels.Iso8583.Codec;
using Evenkeel.Payments;

namespace Evenkeel.Channels.Iso8583;

/// <summary>
/// By what two messages are the same: class, transmission time, trace number, acquirer, terminal,
/// retrieval reference. The bank's instruction id is made from it, so a repeat finds the first one's
/// answer in the bank, after any restart.
/// </summary>
internal readonly record struct IsoMatchKey(
    int Class,
    string TransmissionTime,
    string Stan,
    string Acquirer,
    string Terminal,
    string Rrn
)
{
    private const int AcquirerDigits = 11;

    public static IsoMatchKey Of(IsoMessage message) =>
        new(
            message.Mti.Class,
            message.Text(IsoField.TransmissionTime),
            message.Text(IsoField.Stan),
            Padded(message.Text(IsoField.Acquirer)),
            message.Text(IsoField.Terminal).Trim(),
            message.Text(IsoField.Rrn)
        );

    /// <summary>
    /// The key of the message that field 90 names: its type, trace number, time and acquirer are in
    /// there, terminal and retrieval reference stay the same through the life of a payment.
    /// </summary>
    /// <returns>Null when field 90 names no message.</returns>
    public static IsoMatchKey? OfOriginal(IsoMessage message)
    {
        var original = message[IsoField.OriginalData];
        if (original.Length != 42 || !Mti.TryParse(original[..4], out var mti))
        {
            return null;
        }
        var text = message.Text(IsoField.OriginalData);
        return new IsoMatchKey(
            mti.Class,
            TransmissionTime: text[10..20],
            Stan: text[4..10],
            Acquirer: text[20..31],
            message.Text(IsoField.Terminal).Trim(),
            message.Text(IsoField.Rrn)
        );
    }

    /// <summary>
    /// One channel number for the whole dialect, whatever the processing code says: a reversal must
    /// find its original by the key alone.
    /// </summary>
    public InstructionId ToInstructionId() =>
        InstructionId.From(
            Channel.CashMachine,
            $"iso8583/{Acquirer}/{Terminal}",
            $"{Class}/{TransmissionTime}/{Stan}/{Rrn}"
        );

    private static string Padded(string acquirer) => acquirer.PadLeft(AcquirerDigits, '0');
}
