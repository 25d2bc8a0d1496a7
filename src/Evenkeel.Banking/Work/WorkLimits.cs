namespace Evenkeel.Banking.Work;

/// <summary>Limits of the resolver, each with its unit.</summary>
public static class WorkLimits
{
    /// <summary>Items worked on at the same time.</summary>
    public const int AtOnceMax = 32;

    /// <summary>Items read in one look at the queue.</summary>
    public const int LookMax = 256;

    /// <summary>Milliseconds between two looks when nothing calls for one.</summary>
    public const int LookEveryMs = 250;

    /// <summary>Seconds that one step of one item may take.</summary>
    public const int StepSecondsMax = 120;

    /// <summary>Seconds before an item whose step failed is tried again: the first time.</summary>
    public const int RetrySecondsFirst = 1;

    /// <summary>Seconds before an item whose step failed is tried again, at most.</summary>
    public const int RetrySecondsMax = 60;

    /// <summary>How long to wait after so many failures in a row: twice as long each time.</summary>
    internal static TimeSpan RetryAfter(int failures) =>
        TimeSpan.FromSeconds(
            Math.Min(RetrySecondsMax, RetrySecondsFirst << Math.Clamp(failures - 1, 0, 6))
        );
}
