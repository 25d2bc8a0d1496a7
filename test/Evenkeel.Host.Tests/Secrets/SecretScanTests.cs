using System.Text;
using Xunit;

namespace Evenkeel.Host.Tests.Secrets;

/// <summary>The scan can fail: what is planted is found, in each form.</summary>
public sealed class SecretScanTests
{
    private const string Card = "6228000000000011";
    private const string Other = "6228000000000029";

    [Theory]
    [InlineData("36323238303030303030303030303131", "UTF-8")]
    [InlineData("3600320032003800300030003000300030003000300030003000300031003100", "UTF-16")]
    [InlineData("6228000000000011", "BCD")]
    [InlineData("56228000000000011D4912", "BCD, shifted")]
    public void A_card_number_is_found_wherever_it_stands(string hexadecimal, string form)
    {
        SecretScan scan = new();
        scan.PlantCard("card", Card);
        var bytes = Convert.FromHexString(hexadecimal);

        // Across the end of what is read at once, too.
        foreach (var before in (ReadOnlySpan<int>)[0, 7, (1 << 20) - 5])
        {
            using MemoryStream file = new([.. new byte[before], .. bytes, 0x20]);
            Assert.Contains(new Finding("file", "card", form), scan.Stream("file", file));
        }
    }

    [Theory]
    [InlineData("number=6228000000000029;", "ASCII")]
    [InlineData("6\02\02\08\00\00\00\00\00\00\00\00\00\00\02\09\0", "UTF-16")]
    public void A_number_of_the_issuer_is_found_though_nobody_planted_it(string text, string form)
    {
        Assert.Equal(16, Other.Length);
        using MemoryStream file = new(Encoding.Latin1.GetBytes(text));
        Assert.Equal(
            [new Finding("file", "a number of the issuer", form)],
            new SecretScan().Stream("file", file)
        );
    }

    [Fact]
    public void A_number_with_a_wrong_check_digit_is_none()
    {
        using MemoryStream file = new("6228000000000024"u8.ToArray());
        Assert.Empty(new SecretScan().Stream("file", file));
    }

    [Theory]
    [InlineData("欧阳静怡的房租", "GB18030")]
    [InlineData("歐陽靜怡的房租", "big5")]
    [InlineData("Aunt Petunia", "utf-8")]
    public void A_name_is_found_in_each_encoding(string name, string encoding)
    {
        SecretScan scan = new();
        scan.PlantText("name", name);
        using MemoryStream file = new([1, .. Encoding.GetEncoding(encoding).GetBytes(name), 2]);
        Assert.Contains(scan.Stream("file", file), static f => f.Secret == "name");
        foreach (var before in (ReadOnlySpan<string>)["", "x", "xy"])
        {
            var inside = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{before}{name}xyz"));
            using MemoryStream text = new(Encoding.ASCII.GetBytes($"\"{inside}\""));
            Assert.Contains(new Finding("text", "name", "Base64"), scan.Stream("text", text));
        }
    }

    [Fact]
    public void A_clear_PIN_block_is_found()
    {
        SecretScan scan = new();
        // The example of ISO 9564-1 format 0: PIN 1234, card 5432101234567891.
        scan.PlantPin("PIN", "1234", "5432101234567891");
        using MemoryStream file = new("..041215FEDCBA9876.."u8.ToArray());
        Assert.NotEmpty(scan.Stream("file", file));
    }
}
