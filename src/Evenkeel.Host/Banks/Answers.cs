using Evenkeel.Host.CommandLine;
using Evenkeel.Journal;
using Evenkeel.Model;

namespace Evenkeel.Host.Banks;

/// <summary>What a command does with an answer that is not "done".</summary>
internal static class Answers
{
    /// <summary>The value, or the end of the command with words and exit code.</summary>
    /// <param name="onUnknown">How to ask again, for writes; null for reads.</param>
    public static async ValueTask<T> OrFailAsync<T>(
        this ValueTask<Answer<T>> pending,
        string? onUnknown = null
    ) =>
        await pending.ConfigureAwait(false) switch
        {
            Answer<T>.Done done => done.Value,
            Answer<T>.NotDone notDone => throw new CommandFailedException(
                ExitCode.NotDone,
                [Text.NotDone(notDone.Reason, notDone.Detail), .. Hint(notDone.Reason)]
            ),
            Answer<T>.Unknown unknown => throw new CommandFailedException(
                ExitCode.Unknown,
                onUnknown is null
                    ? [Text.UnknownOutcome(unknown.Detail)]
                    : [Text.UnknownOutcome(unknown.Detail), onUnknown]
            ),
            var other => throw new InvariantException($"{other} is not one of three."),
        };

    private static string[] Hint(FrameStatus reason) =>
        reason switch
        {
            FrameStatus.Unauthenticated => [Text.HintUnauthenticated],
            FrameStatus.Forbidden => [Text.HintForbidden],
            FrameStatus.Busy or FrameStatus.NotLeader or FrameStatus.Unavailable =>
            [
                Text.HintRetry,
            ],
            FrameStatus.DiskFull => [Text.HintDiskFull],
            FrameStatus.BudgetExhausted => [Text.HintBudget],
            _ => [],
        };
}
