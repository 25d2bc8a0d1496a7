namespace Evenkeel.Banking.Rails;

/// <summary>What to do next with a credit on its way.</summary>
internal enum RailAction
{
    /// <summary>It is settled, rejected or returned.</summary>
    Nothing = 0,
    Send = 1,

    /// <summary>The same UETR goes out again: the clearing has never seen it.</summary>
    SendAgain = 2,
    AskLater = 3,

    /// <summary>The clearing has it: wait for the end.</summary>
    Await = 4,
    Settle = 5,
    GiveBack = 6,
}

/// <summary>
/// The whole of what may happen to an outgoing credit. Between "may have been sent" and "sent again"
/// there is always an answer of the clearing that it never saw it.
/// </summary>
internal static class RailMachine
{
    /// <param name="answer">To the question or the message; null when nothing was asked yet.</param>
    public static RailAction Next(RailStage stage, ClearingStatus? answer) =>
        (stage, answer) switch
        {
            (RailStage.Settled or RailStage.Rejected or RailStage.Returned, _) =>
                RailAction.Nothing,
            (RailStage.ToSend, null) => RailAction.Send,
            (_, ClearingStatus.Settled) => RailAction.Settle,
            (_, ClearingStatus.Rejected) => RailAction.GiveBack,
            (_, ClearingStatus.Pending) => RailAction.Await,
            (RailStage.Asking, ClearingStatus.NotFound) => RailAction.SendAgain,
            _ => RailAction.AskLater,
        };

    /// <summary>When to ask, after so many steps without an end.</summary>
    public static TimeSpan Patience(int steps) =>
        TimeSpan.FromSeconds(
            Math.Min(RailLimits.AskSecondsMax, RailLimits.AskSecondsFirst << Math.Min(steps, 6))
        );
}
