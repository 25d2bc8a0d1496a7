using System.Text;
using Xunit;

namespace Evenkeel.CardKeys.Tests;

/// <summary>Against published vectors: what we wrote ourselves must be what the standards mean.</summary>
public sealed class PrimitivesTests
{
    /// <summary>RFC 4493, section 4.</summary>
    [Theory]
    [InlineData(0, "bb1d6929e95937287fa37d129b756746")]
    [InlineData(16, "070a16b46b4d4144f79bdd9dd04a287c")]
    [InlineData(40, "dfa66747de9ae63030ca32611497c827")]
    [InlineData(64, "51f0bebf7e3b9d92fc49741779363cfe")]
    public void CMAC_agrees_with_RFC_4493(int bytes, string expected)
    {
        var key = Convert.FromHexString("2b7e151628aed2a6abf7158809cf4f3c");
        var message = Convert.FromHexString(
            "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
                + "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
        );
        var tag = new byte[16];
        AesCmac.Compute(key, message.AsSpan(0, bytes), tag);
        Assert.Equal(expected, Convert.ToHexStringLower(tag));
    }

    /// <summary>The worked example of format 0 in ISO 9564-1 as it is widely quoted.</summary>
    [Fact]
    public void A_format_0_block_is_the_published_one()
    {
        var field = new byte[8];
        PinBlock.WritePinField("1234"u8, field);
        Assert.Equal("041234FFFFFFFFFF", Convert.ToHexString(field));
        PinBlock.CombineWithPan(field, "43219876543210987"u8);
        Assert.Equal("0412AC89ABCDEF67", Convert.ToHexString(field));
    }

    [Theory]
    [InlineData("041234FFFFFFFFFF", true)]
    [InlineData("0C123456789012FF", true)]
    [InlineData("05123F5FFFFFFFFF", false)]
    [InlineData("031234FFFFFFFFFF", false)]
    [InlineData("0D12345678901234", false)]
    [InlineData("141234FFFFFFFFFF", false)]
    [InlineData("041234FFFFFFFFF0", false)]
    [InlineData("04123AFFFFFFFFFF", false)]
    public void A_PIN_field_is_told_from_noise(string hex, bool valid) =>
        Assert.Equal(valid, PinBlock.IsPinField(Convert.FromHexString(hex)));

    [Theory]
    [InlineData("4111111111111111", true)]
    [InlineData("4242424242424242", true)]
    [InlineData("4111111111111112", false)]
    [InlineData("411111111111", false)]
    [InlineData("41111111111111111111", false)]
    [InlineData("41111111x1111111", false)]
    public void A_card_number_has_its_check_digit(string pan, bool valid) =>
        Assert.Equal(valid, Pan.IsValid(Encoding.ASCII.GetBytes(pan)));

    [Fact]
    public void Only_the_last_four_digits_of_a_number_are_shown()
    {
        Assert.Equal("1111", Pan.LastFour("4111111111111111"u8));
        Assert.Throws<ArgumentException>(() => Pan.LastFour("1111"u8.ToArray()));
    }

    /// <summary>TDES check value of a key of known bytes: all-zero double key is DES of zeros.</summary>
    [Fact]
    public void The_check_value_of_a_PIN_key_is_three_bytes_of_encrypted_zeros()
    {
        var key = Convert.FromHexString("0123456789ABCDEFFEDCBA98765432100123456789ABCDEF");
        Assert.Equal("08D7B4", PinBlock.CheckValue(key));
    }
}
