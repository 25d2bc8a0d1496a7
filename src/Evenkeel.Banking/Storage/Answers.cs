using Evenkeel.Journal;
using Evenkeel.Model;

namespace Evenkeel.Banking.Storage;

/// <summary>The journal could not answer a read; nothing was changed by it.</summary>
internal sealed class BankUnavailableException(FrameStatus reason, string detail)
    : Exception(detail)
{
    public FrameStatus Reason { get; } = reason;
}

internal static class Answers
{
    /// <summary>The value of a read.</summary>
    /// <exception cref="BankUnavailableException">There is none.</exception>
    public static T Value<T>(Answer<T> answer) =>
        answer switch
        {
            Answer<T>.Done done => done.Value,
            Answer<T>.NotDone notDone => throw new BankUnavailableException(
                notDone.Reason,
                notDone.Detail
            ),
            Answer<T>.Unknown unknown => throw new BankUnavailableException(
                FrameStatus.Unavailable,
                unknown.Detail
            ),
            _ => throw new InvalidOperationException("A fourth kind of answer."),
        };
}
