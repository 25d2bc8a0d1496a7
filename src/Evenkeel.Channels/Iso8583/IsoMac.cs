using Evenkeel.CardKeys;
using Evenkeel.Channels.Iso8583.Codec;

namespace Evenkeel.Channels.Iso8583;

/// <summary>Writes the 8 bytes that authenticate a message.</summary>
public delegate void IsoMacMaker(ReadOnlySpan<byte> message, Span<byte> mac);

/// <summary>
/// The MAC is the last field of a message, 64 when there is no secondary bitmap and 128 when there is,
/// and covers every byte before it.
/// </summary>
public static class IsoMac
{
    private const int DigitsOnWire = 2 * CardKeyLimits.MacBytes;

    /// <summary>The field that holds the message's MAC; 0 when it has none where one may be.</summary>
    public static int FieldOf(IsoMessage message)
    {
        var last = message.Fields.LastOrDefault();
        return last is IsoField.Mac or IsoField.MacSecondary ? last : 0;
    }

    /// <summary>Encodes with a MAC, behind two bytes of room for the length.</summary>
    /// <param name="maker">Null: without a MAC.</param>
    public static byte[] Frame(IsoMessage message, IsoBitmaps bitmaps, IsoMacMaker? maker)
    {
        if (maker is not null)
        {
            var needsSecondary = message.SecondaryBitmap || message.Fields.LastOrDefault() > 64;
            message.Set(
                needsSecondary ? IsoField.MacSecondary : IsoField.Mac,
                stackalloc byte[CardKeyLimits.MacBytes]
            );
        }
        Span<byte> bytes = stackalloc byte[IsoLimits.MessageBytesMax];
        var length = IsoCodec.Encode(message, bytes, bitmaps);
        if (maker is not null)
        {
            Span<byte> mac = stackalloc byte[CardKeyLimits.MacBytes];
            maker(bytes[..(length - DigitsOnWire)], mac);
            Convert.TryToHexString(mac, bytes.Slice(length - DigitsOnWire, DigitsOnWire), out _);
        }
        var frame = new byte[IsoLimits.PrefixBytes + length];
        bytes[..length].CopyTo(frame.AsSpan(IsoLimits.PrefixBytes));
        bytes[..length].Clear();
        return frame;
    }

    /// <summary>What the MAC of encoded bytes covers.</summary>
    public static ReadOnlySpan<byte> Covered(ReadOnlySpan<byte> bytes) => bytes[..^DigitsOnWire];
}
