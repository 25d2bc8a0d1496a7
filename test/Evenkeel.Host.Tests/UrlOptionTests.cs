using System.CommandLine;
using Evenkeel.Host.CommandLine;
using Xunit;

namespace Evenkeel.Host.Tests;

public sealed class UrlOptionTests
{
    [Fact]
    public void An_address_on_the_command_line_is_one_that_can_be_called_or_is_refused()
    {
        Command command = new("any") { CommonOptions.Rest };

        Assert.Equal(
            new Uri("http://127.0.0.91:4180/"),
            command.Parse(["--rest", "http://127.0.0.91:4180/"]).GetValue(CommonOptions.Rest)
        );
        Assert.Null(command.Parse([]).GetValue(CommonOptions.Rest));
        Assert.NotEmpty(command.Parse(["--rest", "nowhere"]).Errors);
        Assert.NotEmpty(command.Parse(["--rest", "file:///etc"]).Errors);
    }
}
