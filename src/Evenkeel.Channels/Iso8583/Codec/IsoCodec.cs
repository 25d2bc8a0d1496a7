using System.Buffers.Text;
using System.Globalization;
using Evenkeel.Model;

namespace Evenkeel.Channels.Iso8583.Codec;

/// <summary>Why bytes are no message of the dialect.</summary>
public enum IsoFault : byte
{
    None = 0,

    /// <summary>The bytes end inside the type, a bitmap or a field.</summary>
    Short = 1,

    /// <summary>More bytes than a message may have.</summary>
    Long = 2,

    /// <summary>Not four digits of version 0.</summary>
    Type = 3,

    /// <summary>Not upper-case hexadecimal, or it names a field that does not exist.</summary>
    Bitmap = 4,

    /// <summary>The length of a variable field is no number or above the field's limit.</summary>
    Length = 5,

    /// <summary>A byte that the field's format does not allow.</summary>
    Content = 6,

    /// <summary>Digits that are no date or time.</summary>
    Date = 7,

    /// <summary>Bytes after the last field.</summary>
    Trailing = 8,
}

/// <summary>The outcome of decoding.</summary>
/// <param name="Field">The field at fault; 0 when it is the message as a whole.</param>
public readonly record struct IsoDecoded(IsoFault Fault, int Field)
{
    public static readonly IsoDecoded Whole;

    public bool IsWhole => Fault == IsoFault.None;
}

/// <summary>How two ends agree to write bitmaps.</summary>
public enum IsoBitmaps : byte
{
    /// <summary>Bit 1 says whether the secondary bitmap follows: the standard.</summary>
    Signalled = 0,

    /// <summary>Both bitmaps always travel and bit 1 stays clear, as some switches do.</summary>
    AlwaysBoth = 1,
}

/// <summary>
/// ISO 8583:1987 in ASCII: type, hexadecimal bitmaps, fields (docs/formats/iso8583.md). What it decodes
/// it encodes to the same bytes again; what is not exactly of the dialect it does not decode.
/// </summary>
public static class IsoCodec
{
    private const int TypeBytes = 4;
    private const int BitmapDigits = 16;

    /// <summary>
    /// Decodes into an empty message. After a fault the message holds the fields before it, for an
    /// answer that says so.
    /// </summary>
    public static IsoDecoded Decode(
        ReadOnlySpan<byte> bytes,
        IsoMessage message,
        IsoBitmaps bitmaps = IsoBitmaps.Signalled
    )
    {
        message.Clear();
        if (bytes.Length > IsoLimits.MessageBytesMax)
        {
            return new IsoDecoded(IsoFault.Long, 0);
        }
        if (bytes.Length < IsoLimits.MessageBytesMin)
        {
            return new IsoDecoded(IsoFault.Short, 0);
        }
        if (!Mti.TryParse(bytes[..TypeBytes], out var mti))
        {
            return new IsoDecoded(IsoFault.Type, 0);
        }
        message.Mti = mti;
        var rest = bytes[TypeBytes..];
        if (!TryBitmap(ref rest, out var primary))
        {
            return new IsoDecoded(IsoFault.Bitmap, 0);
        }
        var signalled = (primary >> 63) != 0;
        if (signalled && bitmaps == IsoBitmaps.AlwaysBoth)
        {
            return new IsoDecoded(IsoFault.Bitmap, 1);
        }
        ulong secondary = 0;
        if (signalled || bitmaps == IsoBitmaps.AlwaysBoth)
        {
            message.SecondaryBitmap = true;
            if (rest.Length < BitmapDigits)
            {
                return new IsoDecoded(IsoFault.Short, 1);
            }
            if (!TryBitmap(ref rest, out secondary))
            {
                return new IsoDecoded(IsoFault.Bitmap, 1);
            }
        }
        for (var field = 2; field <= IsoFieldTable.FieldMax; field++)
        {
            var map = field <= 64 ? primary : secondary;
            if (((map >> (63 - ((field - 1) % 64))) & 1) == 0)
            {
                continue;
            }
            if (IsoFieldTable.Find(field) is not { } spec)
            {
                return new IsoDecoded(IsoFault.Bitmap, field);
            }
            var fault = DecodeField(ref rest, spec, message);
            if (fault != IsoFault.None)
            {
                return new IsoDecoded(fault, field);
            }
        }
        return rest.IsEmpty ? IsoDecoded.Whole : new IsoDecoded(IsoFault.Trailing, 0);
    }

    /// <summary>Writes a message; all of its fields must be of their format, or the program is wrong.</summary>
    /// <param name="into">At least <see cref="IsoLimits.MessageBytesMax"/> bytes.</param>
    /// <returns>The bytes written.</returns>
    public static int Encode(
        IsoMessage message,
        Span<byte> into,
        IsoBitmaps bitmaps = IsoBitmaps.Signalled
    )
    {
        ulong primary = 0;
        ulong secondary = 0;
        foreach (var field in message.Fields)
        {
            var bit = 1UL << (63 - ((field - 1) % 64));
            primary |= field <= 64 ? bit : 0;
            secondary |= field <= 64 ? 0 : bit;
        }
        var both = bitmaps == IsoBitmaps.AlwaysBoth;
        if (!both && (secondary != 0 || message.SecondaryBitmap))
        {
            both = true;
            primary |= 1UL << 63;
        }
        var at = 0;
        Digits(message.Mti.Value, into[..TypeBytes]);
        at += TypeBytes;
        at += WriteBitmap(primary, into[at..]);
        if (both)
        {
            at += WriteBitmap(secondary, into[at..]);
        }
        foreach (var field in message.Fields)
        {
            var spec = IsoFieldTable.Find(field)!.Value;
            var value = message[field];
            Check.That(ContentOf(spec, value) == IsoFault.None);
            Check.That(
                spec.LengthDigits == 0 ? value.Length == spec.Length : value.Length <= spec.Length
            );
            if (spec.LengthDigits > 0)
            {
                Digits(value.Length, into.Slice(at, spec.LengthDigits));
                at += spec.LengthDigits;
            }
            if (spec.Content == IsoContent.HexBytes)
            {
                at += WriteHex(value, into[at..]);
            }
            else
            {
                value.CopyTo(into[at..]);
                at += value.Length;
            }
        }
        Check.That(at <= IsoLimits.MessageBytesMax);
        return at;
    }

    private static IsoFault DecodeField(
        ref ReadOnlySpan<byte> rest,
        IsoFieldSpec spec,
        IsoMessage message
    )
    {
        var length = spec.Length;
        if (spec.LengthDigits > 0)
        {
            if (rest.Length < spec.LengthDigits)
            {
                return IsoFault.Short;
            }
            var digits = rest[..spec.LengthDigits];
            if (
                digits.ContainsAnyExceptInRange((byte)'0', (byte)'9')
                || !Utf8Parser.TryParse(digits, out length, out _)
                || length > spec.Length
            )
            {
                return IsoFault.Length;
            }
            rest = rest[spec.LengthDigits..];
        }
        if (spec.Content == IsoContent.HexBytes)
        {
            return DecodeHex(ref rest, spec, message);
        }
        if (rest.Length < length)
        {
            return IsoFault.Short;
        }
        var value = rest[..length];
        var fault = ContentOf(spec, value);
        if (fault == IsoFault.None)
        {
            message.Set(spec.Number, value);
            rest = rest[length..];
        }
        return fault;
    }

    private static IsoFault DecodeHex(
        ref ReadOnlySpan<byte> rest,
        IsoFieldSpec spec,
        IsoMessage message
    )
    {
        if (rest.Length < 2 * spec.Length)
        {
            return IsoFault.Short;
        }
        Span<byte> value = stackalloc byte[spec.Length];
        if (!TryHex(rest[..(2 * spec.Length)], value))
        {
            return IsoFault.Content;
        }
        message.Set(spec.Number, value);
        value.Clear();
        rest = rest[(2 * spec.Length)..];
        return IsoFault.None;
    }

    private static IsoFault ContentOf(IsoFieldSpec spec, ReadOnlySpan<byte> value)
    {
        var allowed = spec.Content switch
        {
            IsoContent.Digits => AreDigits(value),
            IsoContent.AlphaNumeric => AreAlphaNumeric(value),
            IsoContent.Printable => !value.ContainsAnyExceptInRange((byte)' ', (byte)'~'),
            IsoContent.Track2 => IsTrack2(value),
            IsoContent.SignedDigits => value.Length > 0
                && value[0] is (byte)'C' or (byte)'D'
                && AreDigits(value[1..]),
            IsoContent.HexBytes or IsoContent.RawBytes => true,
            _ => false,
        };
        return !allowed ? IsoFault.Content
            : IsoDates.Are(spec.Shape, value) ? IsoFault.None
            : IsoFault.Date;
    }

    private static bool AreDigits(ReadOnlySpan<byte> value) =>
        !value.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    private static bool AreAlphaNumeric(ReadOnlySpan<byte> value)
    {
        foreach (var b in value)
        {
            if (!char.IsAsciiLetterOrDigit((char)b) && b != ' ')
            {
                return false;
            }
        }
        return true;
    }

    private static bool IsTrack2(ReadOnlySpan<byte> value)
    {
        var separators = 0;
        foreach (var b in value)
        {
            separators += b is (byte)'=' or (byte)'D' ? 1 : 0;
            if (b is not ((byte)'=' or (byte)'D') && !char.IsAsciiDigit((char)b))
            {
                return false;
            }
        }
        return separators <= 1;
    }

    private static bool TryBitmap(ref ReadOnlySpan<byte> rest, out ulong bitmap)
    {
        Span<byte> bytes = stackalloc byte[BitmapDigits / 2];
        var read = TryHex(rest[..BitmapDigits], bytes);
        bitmap = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes);
        rest = rest[BitmapDigits..];
        return read;
    }

    private static int WriteBitmap(ulong bitmap, Span<byte> into)
    {
        Span<byte> bytes = stackalloc byte[BitmapDigits / 2];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, bitmap);
        return WriteHex(bytes, into);
    }

    private static int WriteHex(ReadOnlySpan<byte> value, Span<byte> into)
    {
        for (var i = 0; i < value.Length; i++)
        {
            into[2 * i] = HexDigit(value[i] >> 4);
            into[(2 * i) + 1] = HexDigit(value[i] & 0x0F);
        }
        return 2 * value.Length;
    }

    /// <summary>Upper case only: two ways to write a byte would make two messages of one.</summary>
    private static bool TryHex(ReadOnlySpan<byte> digits, Span<byte> into)
    {
        for (var i = 0; i < into.Length; i++)
        {
            var high = HexValue(digits[2 * i]);
            var low = HexValue(digits[(2 * i) + 1]);
            if (high < 0 || low < 0)
            {
                return false;
            }
            into[i] = (byte)((high << 4) | low);
        }
        return true;
    }

    private static byte HexDigit(int value) => (byte)(value < 10 ? '0' + value : 'A' + value - 10);

    private static int HexValue(byte digit) =>
        digit switch
        {
            >= (byte)'0' and <= (byte)'9' => digit - '0',
            >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
            _ => -1,
        };

    private static void Digits(int value, Span<byte> into)
    {
        for (var i = into.Length - 1; i >= 0; i--)
        {
            into[i] = (byte)('0' + (value % 10));
            value /= 10;
        }
        Check.That(value == 0);
    }
}
