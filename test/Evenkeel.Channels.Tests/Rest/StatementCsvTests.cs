using Evenkeel.Channels.Rest;
using Xunit;

namespace Evenkeel.Channels.Tests.Rest;

public sealed class StatementCsvTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("rent", "\"rent\"")]
    [InlineData("a, \"b\"", "\"a, \"\"b\"\"\"")]
    [InlineData("=1+1", "\"'=1+1\"")]
    [InlineData("  =1+1", "\"'  =1+1\"")]
    [InlineData("+49 30", "\"'+49 30\"")]
    [InlineData("-2", "\"'-2\"")]
    [InlineData("@SUM(A1)", "\"'@SUM(A1)\"")]
    [InlineData("\t=1", "\"'\t=1\"")]
    [InlineData("\r\n=1", "\"'\r\n=1\"")]
    public void What_others_wrote_computes_nothing_in_a_spreadsheet(string? text, string field) =>
        Assert.Equal(field, StatementCsv.FieldOf(text));
}
