using Evenkeel.Journal.Access;
using Xunit;

namespace Evenkeel.LedgerApi.Tests.Access;

public sealed class ApiKeyTokenTests
{
    [Fact]
    public void A_token_reads_back_with_its_number_and_the_same_hash()
    {
        var token = ApiKeyToken.Create(42);
        Assert.StartsWith("ek_42_", token.Reveal(), StringComparison.Ordinal);
        Assert.True(ApiKeyToken.TryParse(token.Reveal(), out var read));
        Assert.Equal(42ul, read.Number);
        Assert.Equal(token.Hash(), read.Hash());
    }

    [Fact]
    public void The_highest_number_makes_the_longest_token_that_is_read()
    {
        var token = ApiKeyToken.Create(ulong.MaxValue);
        Assert.Equal(ApiKeyToken.CharsMax, token.Reveal().Length);
        Assert.True(ApiKeyToken.TryParse(token.Reveal(), out _));
    }

    [Fact]
    public void Two_tokens_of_one_number_differ()
    {
        Assert.NotEqual(ApiKeyToken.Create(1).Reveal(), ApiKeyToken.Create(1).Reveal());
    }

    [Fact]
    public void A_token_shown_as_text_keeps_its_secret()
    {
        Assert.Equal("ek_7_***", ApiKeyToken.Create(7).ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ek_")]
    [InlineData("ek_1")]
    [InlineData("ek_1_")]
    [InlineData("ek_1_short")]
    [InlineData("ek__AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("ek_01_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("ek_-1_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("ek_18446744073709551616_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("ek_1_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA ")]
    [InlineData("EK_1_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void Text_that_is_no_token_is_refused(string? text)
    {
        Assert.False(ApiKeyToken.TryParse(text, out _));
    }
}
