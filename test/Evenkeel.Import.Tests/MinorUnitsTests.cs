using Xunit;

namespace Evenkeel.Import.Tests;

public sealed class MinorUnitsTests
{
    [Theory]
    [InlineData("0", 2, 0)]
    [InlineData("12", 2, 1200)]
    [InlineData("12.3", 2, 1230)]
    [InlineData("-0.05", 2, -5)]
    [InlineData("1500", 0, 1500)]
    [InlineData("9999999999999999.99", 2, 999_999_999_999_999_999)]
    public void Text_becomes_minor_units_exactly(string text, int decimals, long expected)
    {
        Assert.True(MinorUnits.TryParse(text, decimals, out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData("1.005")]
    [InlineData("1,5")]
    [InlineData("1e3")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("--1")]
    [InlineData("1.-5")]
    [InlineData("99999999999999999.99")]
    public void Text_that_would_need_guessing_is_refused(string text)
    {
        Assert.False(MinorUnits.TryParse(text, 2, out _));
    }

    [Theory]
    [InlineData(5, 2, "0.05")]
    [InlineData(500, 2, "5.00")]
    [InlineData(-3336175, 2, "-33361.75")]
    [InlineData(7, 0, "7")]
    public void Minor_units_are_shown_with_the_decimals_of_the_currency(
        long minorUnits,
        int decimals,
        string expected
    )
    {
        Assert.Equal(expected, MinorUnits.ToDecimal(minorUnits, decimals).ToString());
    }

    [Fact]
    public void Ids_name_their_source_and_come_apart_again()
    {
        SourceIds source = new("berka", "berka");
        var id = source.Id(SourceKind.Movement, 3_682_926, leg: 1);

        Assert.True(source.TryParse(id, out var kind, out var number, out var leg));
        Assert.Equal((SourceKind.Movement, 3_682_926UL, (byte)1), (kind, number, leg));
        Assert.False(new SourceIds("amlsim", "amlsim").TryParse(id, out _, out _, out _));
        Assert.Equal("6265726b61000301000000000038326e", id.ToString("x32"));
    }
}
