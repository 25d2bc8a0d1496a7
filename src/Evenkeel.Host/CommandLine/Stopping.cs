namespace Evenkeel.Host.CommandLine;

/// <summary>How long a command may take to end after Ctrl-C or SIGTERM.</summary>
internal static class Stopping
{
    /// <summary>After this the process is ended as it is: what is acknowledged is on disk anyway.</summary>
    public static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(30);
}
