namespace Evenkeel.Host.CommandLine;

/// <summary>
/// Ends a command. The message is for people and says what to do; it goes to standard error.
/// </summary>
internal sealed class CommandFailedException(int exitCode, params string[] lines)
    : Exception(string.Join(Environment.NewLine, lines))
{
    public int ExitCode { get; } = exitCode;
}
