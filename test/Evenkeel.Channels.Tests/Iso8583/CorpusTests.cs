using System.Text.Json;
using Evenkeel.Channels.Iso8583.Codec;
using Xunit;

namespace Evenkeel.Channels.Tests.Iso8583;

/// <summary>
/// Messages of other people's programs: each one in our dialect decodes to the fields its source
/// states and encodes back to the same bytes; every other one is refused.
/// </summary>
public sealed class CorpusTests
{
    private const string Ascii = "ascii87-hexbitmap";
    private const string AsciiBothBitmaps = "ascii87-hexbitmap-always-128bit";

    /// <summary>
    /// Labelled with our bitmaps, but the name says that they carry EBCDIC text, a month 20 or a track
    /// that is none: not of the dialect, and refused where the bytes say so.
    /// </summary>
    private static readonly Dictionary<string, (IsoFault Fault, int Field)> Malformed = new(
        StringComparer.Ordinal
    )
    {
        ["moov/message_with_character_ebcdic_encoding"] = (IsoFault.Content, 42),
        ["moov/network_management_message_with_track"] = (IsoFault.Content, 35),
        ["moov/network_management_message_with_error_track"] = (IsoFault.Content, 35),
        ["moov/iso_reversal_message_error_date"] = (IsoFault.Date, 13),
    };

    public static TheoryData<string> Ours() =>
        [
            .. Corpus
                .Messages.Where(m => IsAscii(m) && !Malformed.ContainsKey(m.Id))
                .Select(m => m.Name),
        ];

    public static TheoryData<string> Others() =>
        [.. Corpus.Messages.Where(m => !IsAscii(m)).Select(m => m.Name)];

    public static TheoryData<string> MalformedOnes() =>
        [.. Corpus.Messages.Where(m => Malformed.ContainsKey(m.Id)).Select(m => m.Name)];

    [Fact]
    public void The_corpus_is_the_one_we_know()
    {
        Assert.SkipUnless(Corpus.IsThere, Corpus.Missing);
        Assert.Equal(37, Corpus.Messages.Count);
        Assert.Equal(22, Ours().Count);
        Assert.Equal(11, Others().Count);
        Assert.Equal(Malformed.Count, MalformedOnes().Count);
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Ours))]
    public void A_message_of_the_dialect_decodes_to_its_fields_and_encodes_to_its_bytes(string name)
    {
        var sample = Corpus.Find(name);
        var bitmaps = BitmapsOf(sample);
        using IsoMessage message = new();
        Assert.Equal(IsoDecoded.Whole, IsoCodec.Decode(sample.Raw, message, bitmaps));

        foreach (var (field, expected) in sample.Expected)
        {
            var actual = field switch
            {
                "0" => message.Mti.ToString(),
                "1" => SecondaryBits(message),
                _ => System.Text.Encoding.ASCII.GetString(
                    message[int.Parse(field, System.Globalization.CultureInfo.InvariantCulture)]
                ),
            };
            Assert.Equal(expected, actual);
        }
        if (sample.Expected.Count > 0)
        {
            var chip = sample.ExpectedChip.Count > 0 ? new[] { 55 } : [];
            Assert.Equal(
                sample.Expected.Keys.Select(int.Parse).Where(f => f > 1).Concat(chip).Order(),
                message.Fields
            );
        }
        AssertChip(sample, message);

        var encoded = new byte[IsoLimits.MessageBytesMax];
        var length = IsoCodec.Encode(message, encoded, bitmaps);
        Assert.Equal(sample.Raw, encoded[..length]);
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(MalformedOnes))]
    public void A_malformed_message_is_refused_at_its_field(string name)
    {
        var sample = Corpus.Find(name);
        using IsoMessage message = new();
        var decoded = IsoCodec.Decode(sample.Raw, message, BitmapsOf(sample));
        Assert.Equal(Malformed[sample.Id], (decoded.Fault, decoded.Field));
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Others))]
    public void A_message_of_another_dialect_is_refused(string name)
    {
        using IsoMessage message = new();
        foreach (var bitmaps in Enum.GetValues<IsoBitmaps>())
        {
            Assert.False(IsoCodec.Decode(Corpus.Find(name).Raw, message, bitmaps).IsWhole);
        }
    }

    private static bool IsAscii(CorpusMessage sample) =>
        sample.Variant is Ascii or AsciiBothBitmaps;

    private static IsoBitmaps BitmapsOf(CorpusMessage sample) =>
        string.Equals(sample.Variant, AsciiBothBitmaps, StringComparison.Ordinal)
            ? IsoBitmaps.AlwaysBoth
            : IsoBitmaps.Signalled;

    /// <summary>The corpus shows the secondary bitmap as 64 zeros and ones.</summary>
    private static string SecondaryBits(IsoMessage message) =>
        string.Concat(Enumerable.Range(65, 64).Select(f => message.Has(f) ? '1' : '0'));

    private static void AssertChip(CorpusMessage sample, IsoMessage message)
    {
        var rest = message[55];
        Dictionary<string, string> found = new(StringComparer.Ordinal);
        while (
            sample.ExpectedChip.Count > 0 && BerTlv.TryNext(ref rest, out var tag, out var value)
        )
        {
            found.Add($"55.{tag:X2}", Convert.ToHexString(value));
        }
        Assert.Equal(sample.ExpectedChip, found);
    }
}

/// <summary>One line of the corpus.</summary>
internal sealed record CorpusMessage(
    string Id,
    string Name,
    string Variant,
    byte[] Raw,
    IReadOnlyDictionary<string, string> Expected,
    IReadOnlyDictionary<string, string> ExpectedChip
);

/// <summary>The public corpus, which is not part of this repository.</summary>
internal static class Corpus
{
    public const string Missing =
        "The corpus is not there: put it at ../shared/data/iso8583 beside the repository.";

    private static readonly string? FilePath = Find();

    public static bool IsThere => FilePath is not null;

    public static IReadOnlyList<CorpusMessage> Messages { get; } = Read();

    public static CorpusMessage Find(string name) =>
        Messages.Single(m => string.Equals(m.Name, name, StringComparison.Ordinal));

    private static List<CorpusMessage> Read()
    {
        if (FilePath is null)
        {
            return [];
        }
        using var document = JsonDocument.Parse(File.ReadAllBytes(FilePath));
        return
        [
            .. document
                .RootElement.EnumerateArray()
                .Select(
                    (m, i) =>
                        new CorpusMessage(
                            m.GetProperty("id").GetString()!,
                            // Two lines share an id.
                            $"{i:D2} {m.GetProperty("id").GetString()}",
                            m.GetProperty("wire_variant").GetString()!,
                            Convert.FromHexString(m.GetProperty("raw_hex").GetString()!),
                            Texts(m, "expected"),
                            Texts(m, "expected_binary")
                        )
                ),
        ];
    }

    private static Dictionary<string, string> Texts(JsonElement message, string property) =>
        message.TryGetProperty(property, out var texts) && texts.ValueKind == JsonValueKind.Object
            ? texts
                .EnumerateObject()
                .ToDictionary(p => p.Name, p => p.Value.GetString()!, StringComparer.Ordinal)
            : [];

    private static string? Find()
    {
        for (var d = new DirectoryInfo(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            foreach (var near in new[] { d.FullName, Path.Combine(d.FullName, "..") })
            {
                var path = Path.Combine(near, "shared", "data", "iso8583", "corpus.json");
                if (File.Exists(path))
                {
                    return path;
                }
            }
        }
        return null;
    }
}
