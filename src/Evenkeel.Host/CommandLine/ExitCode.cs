namespace Evenkeel.Host.CommandLine;

/// <summary>What a command's exit status means (docs/cli.md). The numbers never change.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>Certainly not done; the message says why and what to do.</summary>
    public const int NotDone = 1;

    /// <summary>The command line was not understood; nothing was tried.</summary>
    public const int Usage = 2;

    /// <summary>It may or may not have happened: ask again with the same id.</summary>
    public const int Unknown = 3;

    /// <summary>
    /// A member of a cluster is too far behind to go on as it is: started again, it makes itself whole
    /// from the others first.
    /// </summary>
    public const int StartAgain = 4;
}
