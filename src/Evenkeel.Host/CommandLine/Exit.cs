using System.CommandLine;

namespace Evenkeel.Host.CommandLine;

/// <summary>The exit status of a parsed and invoked command line.</summary>
internal static class Exit
{
    public static int Code(ParseResult parsed, int invoked) =>
        parsed.Errors.Count > 0 ? ExitCode.Usage : invoked;
}
