using System.Collections.Frozen;
using System.Globalization;

namespace Evenkeel.Channels.Iso8583.Codec;

/// <summary>
/// ISO 8583:1987, ASCII, as data: each line is a field's number, its format in the standard's own
/// notation, and its name. <c>b</c> counts bytes here, <c>raw</c> are bytes that travel as they are.
/// </summary>
internal static class IsoFieldTable
{
    public const int FieldMax = 128;

    private const string Table = """
        2   n..19       primary account number
        3   n 6         processing code
        4   n 12        amount of the transaction
        5   n 12        amount of the settlement
        6   n 12        amount of the cardholder's billing
        7   n 10        transmission date and time, MMDDhhmmss
        8   n 8         amount of the cardholder's billing fee
        9   n 8         conversion rate of the settlement
        10  n 8         conversion rate of the cardholder's billing
        11  n 6         system trace audit number
        12  n 6         local time, hhmmss
        13  n 4         local date, MMDD
        14  n 4         expiry, YYMM
        15  n 4         settlement date, MMDD
        16  n 4         conversion date, MMDD
        17  n 4         capture date, MMDD
        18  n 4         merchant type
        19  n 3         country of the acquirer
        20  n 3         country of the card number
        21  n 3         country of the forwarder
        22  n 3         entry mode
        23  n 3         card sequence number
        24  n 3         network international id
        25  n 2         condition code
        26  n 2         PIN capture code
        27  n 1         length of the authorisation id
        28  x+n 8       fee
        29  x+n 8       settlement fee
        30  x+n 8       processing fee
        31  x+n 8       settlement processing fee
        32  n..11       acquirer
        33  n..11       forwarder
        34  ns..28      extended account number
        35  z..37       track 2
        36  z...104     track 3
        37  an 12       retrieval reference number
        38  an 6        authorisation id
        39  an 2        response code
        40  an 3        service restriction code
        41  ans 8       terminal
        42  ans 15      acceptor
        43  ans 40      acceptor's name and place
        44  ans..25     additional response data
        45  ans..76     track 1
        46  ans...999   additional data, ISO
        47  ans...999   additional data, national
        48  ans...999   additional data, private
        49  an 3        currency of the transaction
        50  an 3        currency of the settlement
        51  an 3        currency of the cardholder's billing
        52  b 8         PIN block
        53  n 16        security control
        54  an...120    additional amounts
        55  raw...255   chip data
        56  ans...999   reserved, ISO
        57  ans...999   reserved, national
        58  ans...999   reserved, national
        59  ans...999   reserved, national
        60  ans...999   reserved, private
        61  ans...999   reserved, private
        62  ans...999   reserved, private
        63  ans...999   reserved, private
        64  b 8         message authentication code
        66  n 1         settlement code
        67  n 2         extended payment code
        68  n 3         country of the receiver
        69  n 3         country of the settler
        70  n 3         network management code
        71  n 4         message number
        72  n 4         last message number
        73  n 6         action date, YYMMDD
        74  n 10        credits, number
        75  n 10        credit reversals, number
        76  n 10        debits, number
        77  n 10        debit reversals, number
        78  n 10        transfers, number
        79  n 10        transfer reversals, number
        80  n 10        inquiries, number
        81  n 10        authorisations, number
        82  n 12        credits, processing fees
        83  n 12        credits, transaction fees
        84  n 12        debits, processing fees
        85  n 12        debits, transaction fees
        86  n 16        credits, amount
        87  n 16        credit reversals, amount
        88  n 16        debits, amount
        89  n 16        debit reversals, amount
        90  n 42        original data elements
        91  an 1        file update code
        92  an 2        file security code
        93  an 5        response indicator
        94  an 7        service indicator
        95  an 42       replacement amounts
        96  b 8         message security code
        97  x+n 16      net settlement amount
        98  ans 25      payee
        99  n..11       settler
        100 n..11       receiver
        101 ans..17     file name
        102 ans..28     from account
        103 ans..28     to account
        104 ans...100   description
        105 ans...999   reserved, ISO
        106 ans...999   reserved, ISO
        107 ans...999   reserved, ISO
        108 ans...999   reserved, ISO
        109 ans...999   reserved, ISO
        110 ans...999   reserved, ISO
        111 ans...999   reserved, ISO
        112 ans...999   reserved, national
        113 ans...999   reserved, national
        114 ans...999   reserved, national
        115 ans...999   reserved, national
        116 ans...999   reserved, national
        117 ans...999   reserved, national
        118 ans...999   reserved, national
        119 ans...999   reserved, national
        120 ans...999   reserved, private
        121 ans...999   reserved, private
        122 ans...999   reserved, private
        123 ans...999   reserved, private
        124 ans...999   reserved, private
        125 ans...999   reserved, private
        126 ans...999   reserved, private
        127 ans...999   reserved, private
        128 b 8         message authentication code
        """;

    /// <summary>Card numbers, tracks, chip data (it holds a track), PIN blocks and their keys.</summary>
    private static readonly FrozenSet<int> Secrets = FrozenSet.Create(
        2,
        34,
        35,
        36,
        45,
        52,
        55,
        96
    );

    private static readonly FrozenDictionary<int, IsoShape> Shapes = new Dictionary<int, IsoShape>
    {
        [7] = IsoShape.MonthDayTime,
        [12] = IsoShape.Time,
        [13] = IsoShape.MonthDay,
        [14] = IsoShape.YearMonth,
        [15] = IsoShape.MonthDay,
        [16] = IsoShape.MonthDay,
        [17] = IsoShape.MonthDay,
        [73] = IsoShape.YearMonthDay,
    }.ToFrozenDictionary();

    private static readonly IsoFieldSpec?[] Specs = Read();

    /// <summary>Null for the bitmaps (1 and 65), which are no fields of a message here.</summary>
    public static IsoFieldSpec? Find(int field) => Specs[field];

    public static IEnumerable<IsoFieldSpec> All => Specs.OfType<IsoFieldSpec>();

    private static IsoFieldSpec?[] Read()
    {
        var specs = new IsoFieldSpec?[FieldMax + 1];
        foreach (var line in Table.Split('\n'))
        {
            var number = int.Parse(line.AsSpan(0, 4), CultureInfo.InvariantCulture);
            specs[number] = Parse(number, line[4..16].Trim(), line[16..].Trim());
        }
        return specs;
    }

    private static IsoFieldSpec Parse(int number, string format, string name)
    {
        var lengthDigits =
            format.Contains("...", StringComparison.Ordinal) ? 3
            : format.Contains("..", StringComparison.Ordinal) ? 2
            : 0;
        var parts = format.Split([' ', '.'], StringSplitOptions.RemoveEmptyEntries);
        var length = int.Parse(parts[1], CultureInfo.InvariantCulture);
        var content = parts[0] switch
        {
            "n" => IsoContent.Digits,
            "an" => IsoContent.AlphaNumeric,
            "ans" or "ns" => IsoContent.Printable,
            "z" => IsoContent.Track2,
            "x+n" => IsoContent.SignedDigits,
            "b" => IsoContent.HexBytes,
            "raw" => IsoContent.RawBytes,
            _ => throw new FormatException($"Field {number}: unknown format {format}."),
        };
        return new IsoFieldSpec(
            number,
            name,
            content,
            lengthDigits,
            content == IsoContent.SignedDigits ? length + 1 : length,
            Shapes.GetValueOrDefault(number, IsoShape.Any),
            Secrets.Contains(number)
        );
    }
}
