using System.Text;
using CsCheck;
using Evenkeel.Channels.Iso8583.Codec;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Channels.Tests.Iso8583;

public sealed class IsoCodecTests
{
    private static readonly string Long = Environment.GetEnvironmentVariable("EVENKEEL_LONG") ?? "";

    /// <summary>One line a fault, in the order in which the codec looks.</summary>
    [Theory]
    [InlineData("", IsoFault.Short, 0)]
    [InlineData("0800822000000000000", IsoFault.Short, 0)]
    [InlineData("1800 0220000000000000 0604123456 123456", IsoFault.Type, 0)]
    [InlineData("0000 0220000000000000 0604123456 123456", IsoFault.Type, 0)]
    [InlineData("08X0 0220000000000000 0604123456 123456", IsoFault.Type, 0)]
    [InlineData("0800 02200000000000g0 0604123456 123456", IsoFault.Bitmap, 0)]
    [InlineData("0800 022000000000000a 0604123456 123456", IsoFault.Bitmap, 0)]
    [InlineData("0800 8220000000000000 0604123456", IsoFault.Short, 1)]
    [InlineData("0800 8220000000000000 060412345612345x", IsoFault.Bitmap, 1)]
    [InlineData("0800 8000000000000000 8000000000000000", IsoFault.Bitmap, 65)]
    [InlineData("0800 0220000000000000 0604123456 12345", IsoFault.Short, 11)]
    [InlineData("0800 0220000000000000 06041234", IsoFault.Short, 7)]
    [InlineData("0800 0220000000000000 0604123456 12345x", IsoFault.Content, 11)]
    [InlineData("0800 0220000000000000 0604123456 1234567", IsoFault.Trailing, 0)]
    [InlineData("0800 0220000000000000 1304123456 123456", IsoFault.Date, 7)]
    [InlineData("0800 0220000000000000 0231123456 123456", IsoFault.Date, 7)]
    [InlineData("0800 0220000000000000 0604243456 123456", IsoFault.Date, 7)]
    [InlineData("0800 0220000000000000 0604126056 123456", IsoFault.Date, 7)]
    [InlineData("0800 0220000000000000 0604125960 123456", IsoFault.Date, 7)]
    [InlineData("0200 0010000000000000 245959", IsoFault.Date, 12)]
    [InlineData("0200 0008000000000000 0000", IsoFault.Date, 13)]
    [InlineData("0200 0004000000000000 2913", IsoFault.Date, 14)]
    [InlineData("0200 4000000000000000 1", IsoFault.Short, 2)]
    [InlineData("0200 4000000000000000 x1", IsoFault.Length, 2)]
    [InlineData("0200 4000000000000000 20 12345678901234567890", IsoFault.Length, 2)]
    [InlineData("0200 4000000000000000 16 123456789012345", IsoFault.Short, 2)]
    [InlineData("0200 4000000000000000 04 12-4", IsoFault.Content, 2)]
    [InlineData("0200 0000000020000000 06 12==56", IsoFault.Content, 35)]
    [InlineData("0200 0000001000000000 E00000000", IsoFault.Content, 28)]
    [InlineData("0200 0000000000001000 0123456789ABCDE", IsoFault.Short, 52)]
    [InlineData("0200 0000000000001000 0123456789ABCDEx", IsoFault.Content, 52)]
    [InlineData("0200 0000000000000200 256", IsoFault.Length, 55)]
    [InlineData("0200 0000000000010000 \u0007\u0007\u0007", IsoFault.Length, 48)]
    public void Bytes_that_are_no_message_are_refused_with_place_and_fault(
        string text,
        IsoFault fault,
        int field
    )
    {
        using IsoMessage message = new();
        var decoded = IsoCodec.Decode(Bytes(text), message);
        Assert.Equal(new IsoDecoded(fault, field), decoded);
    }

    [Fact]
    public void A_message_longer_than_the_limit_is_refused_unread()
    {
        using IsoMessage message = new();
        Assert.Equal(
            new IsoDecoded(IsoFault.Long, 0),
            IsoCodec.Decode(new byte[IsoLimits.MessageBytesMax + 1], message)
        );
    }

    [Fact]
    public void After_a_fault_the_fields_before_it_can_be_echoed()
    {
        using IsoMessage message = new();
        var decoded = IsoCodec.Decode(
            Bytes("0800 0230000000000000 0604123456 123456 12345x"),
            message
        );
        Assert.Equal(12, decoded.Field);
        Assert.Equal([7, 11], message.Fields);
        Assert.Equal("123456", message.Text(11));
    }

    [Fact]
    public void Both_bitmaps_travel_when_so_agreed_and_bit_one_stays_clear()
    {
        using IsoMessage message = new(Mti.NetworkRequest);
        message.Set(IsoField.TransmissionTime, "0604123456");
        message.Set(IsoField.Stan, 123456);
        Assert.Equal("0800022000000000000006041234561234560", Encoded(message) + "0");
        Assert.Equal(
            "080002200000000000000000000000000000" + "0604123456123456",
            Encoded(message, IsoBitmaps.AlwaysBoth)
        );
        message.Set(IsoField.NetworkCode, 301);
        Assert.Equal(
            "080082200000000000000400000000000000" + "0604123456123456301",
            Encoded(message)
        );
        Assert.Equal(
            IsoFault.Bitmap,
            IsoCodec.Decode(Bytes(Encoded(message)), message, IsoBitmaps.AlwaysBoth).Fault
        );
    }

    [Fact]
    public void Card_numbers_tracks_and_PIN_blocks_never_become_text()
    {
        using IsoMessage message = new(Mti.FinancialRequest);
        message.Set(IsoField.Pan, "4111111111111111"u8);
        message.Set(IsoField.Track2, "4111111111111111=2912"u8);
        message.Set(IsoField.PinBlock, new byte[8]);
        Assert.Equal("0200 [2 35 52]", message.ToString());
        foreach (var spec in IsoFieldTable.All.Where(s => s.Secret))
        {
            Assert.Throws<InvariantException>(() => message.Text(spec.Number));
        }
        message.Clear();
        Assert.Empty(message.Fields);
        Assert.True(message[IsoField.Pan].IsEmpty);
    }

    [Fact]
    public void A_program_that_sets_a_field_against_its_format_is_stopped()
    {
        using IsoMessage message = new(Mti.FinancialRequest);
        message.Set(IsoField.Stan, "12345"u8);
        Assert.Throws<InvariantException>(() => Encoded(message));
        message.Set(IsoField.Stan, "12345x"u8);
        Assert.Throws<InvariantException>(() => Encoded(message));
        Assert.Throws<InvariantException>(() => message.Set(IsoField.Stan, 1_234_567));
        Assert.Throws<InvariantException>(() => message.Set(65, "1"u8));
    }

    [Fact]
    public void The_field_table_has_every_field_of_the_standard_but_the_bitmaps()
    {
        Assert.Equal(
            Enumerable.Range(2, 127).Where(f => f != 65),
            IsoFieldTable.All.Select(s => s.Number)
        );
        Assert.Equal(
            [2, 34, 35, 36, 45, 52, 55, 96],
            IsoFieldTable.All.Where(s => s.Secret).Select(s => s.Number)
        );
    }

    [Theory]
    [InlineData(100, 110, false, false)]
    [InlineData(121, 130, true, true)]
    [InlineData(201, 210, true, false)]
    [InlineData(220, 230, false, true)]
    [InlineData(401, 410, true, false)]
    [InlineData(421, 430, true, true)]
    [InlineData(800, 810, false, false)]
    public void A_type_knows_its_answer(int type, int answer, bool repeat, bool advice)
    {
        Mti mti = new((ushort)type);
        Assert.Equal(answer, mti.Response.Value);
        Assert.Equal(repeat, mti.IsRepeat);
        Assert.Equal(advice, mti.IsAdvice);
        Assert.True(mti.IsAsked);
        Assert.False(mti.Response.IsAsked);
        Assert.False(mti.Response.IsRepeat);
    }

    /// <summary>Any message made of the table's fields survives the wire, and a random change of its
    /// bytes either is refused or is a message that encodes to those very bytes.</summary>
    [Fact]
    public void Fuzzed_messages_are_refused_or_encode_to_the_same_bytes()
    {
        var runs = Long.Length > 0 ? 1_000_000 : 5_000;
        Random random = new(8583);
        var bytes = new byte[IsoLimits.MessageBytesMax];
        var again = new byte[IsoLimits.MessageBytesMax];
        using IsoMessage message = new();
        using IsoMessage decoded = new();
        var refused = 0;
        for (var run = 0; run < runs; run++)
        {
            var bitmaps = (IsoBitmaps)random.Next(2);
            RandomMessages.Fill(message, random);
            var length = IsoCodec.Encode(message, bytes, bitmaps);
            Assert.True(IsoCodec.Decode(bytes.AsSpan(0, length), decoded, bitmaps).IsWhole);
            AssertSame(message, decoded);

            var changes = random.Next(1, 4);
            for (var change = 0; change < changes; change++)
            {
                bytes[random.Next(length)] =
                    random.Next(2) == 0 ? (byte)random.Next(256) : (byte)('0' + random.Next(10));
            }
            var cut = random.Next(4) == 0 ? random.Next(length) : length;
            if (!IsoCodec.Decode(bytes.AsSpan(0, cut), decoded, bitmaps).IsWhole)
            {
                refused++;
                continue;
            }
            var encoded = IsoCodec.Encode(decoded, again, bitmaps);
            Assert.True(bytes.AsSpan(0, cut).SequenceEqual(again.AsSpan(0, encoded)), $"run {run}");
        }
        // Both sides of the property were met.
        Assert.InRange(refused, runs / 10, runs - (runs / 100));
    }

    [Fact]
    public void Noise_is_refused()
    {
        using IsoMessage message = new();
        Gen.Byte.Array[0, 300]
            .Sample(b => !IsoCodec.Decode(b, message).IsWhole, iter: 1_000, threads: 1);
    }

    [Theory]
    [InlineData("9F0206000000005000", true)]
    [InlineData("82023900" + "DF812904AABBCCDD", true)]
    [InlineData("", true)]
    [InlineData("9F02060000000050", false)]
    [InlineData("9F", false)]
    [InlineData("9F02", false)]
    [InlineData("82830000010000", false)]
    [InlineData("8280", false)]
    [InlineData("9FFFFFFF0100", false)]
    [InlineData("0001AA", false)]
    public void Chip_data_is_well_formed_or_not(string hex, bool wellFormed) =>
        Assert.Equal(wellFormed, BerTlv.IsWellFormed(Convert.FromHexString(hex)));

    private static void AssertSame(IsoMessage expected, IsoMessage actual)
    {
        Assert.Equal(expected.Mti, actual.Mti);
        Assert.Equal(expected.Fields, actual.Fields);
        foreach (var field in expected.Fields)
        {
            Assert.True(expected[field].SequenceEqual(actual[field]));
        }
    }

    private static string Encoded(IsoMessage message, IsoBitmaps bitmaps = IsoBitmaps.Signalled)
    {
        var bytes = new byte[IsoLimits.MessageBytesMax];
        var length = IsoCodec.Encode(message, bytes, bitmaps);
        return Encoding.ASCII.GetString(bytes, 0, length);
    }

    private static byte[] Bytes(string text) =>
        Encoding.Latin1.GetBytes(text.Replace(" ", "", StringComparison.Ordinal));
}

/// <summary>Messages with any fields of the table, each of its format.</summary>
internal static class RandomMessages
{
    private static readonly IsoFieldSpec[] Specs = [.. IsoFieldTable.All];

    public static void Fill(IsoMessage message, Random random)
    {
        message.Clear();
        message.Mti = new Mti((ushort)random.Next(100, 1000));
        var room = 3_000;
        for (var i = random.Next(1, 20); i > 0; i--)
        {
            var spec = Specs[random.Next(Specs.Length)];
            var value = Value(spec, random);
            room -= 2 * (value.Length + 3);
            if (room < 0)
            {
                break;
            }
            if (!message.Has(spec.Number))
            {
                message.Set(spec.Number, value);
            }
        }
    }

    private static byte[] Value(IsoFieldSpec spec, Random random)
    {
        var length =
            spec.LengthDigits == 0 ? spec.Length : random.Next(Math.Min(spec.Length, 200) + 1);
        var value = new byte[length];
        for (var i = 0; i < length; i++)
        {
            value[i] = spec.Content switch
            {
                IsoContent.Digits or IsoContent.Track2 => (byte)('0' + random.Next(10)),
                IsoContent.SignedDigits => (byte)(i == 0 ? 'C' + random.Next(2) : '0'),
                IsoContent.AlphaNumeric => (byte)"AZaz09 "[random.Next(7)],
                IsoContent.Printable => (byte)random.Next(' ', '~' + 1),
                _ => (byte)random.Next(256),
            };
        }
        var date = spec.Shape switch
        {
            IsoShape.MonthDayTime => "0229235959"u8,
            IsoShape.Time => "000000"u8,
            IsoShape.MonthDay => "1231"u8,
            IsoShape.YearMonth => "0012"u8,
            IsoShape.YearMonthDay => "991130"u8,
            _ => value,
        };
        return date.ToArray();
    }
}
