using Evenkeel.Model;

namespace Evenkeel.Client;

/// <summary>What to do after a "not done".</summary>
public enum RetryAdvice
{
    /// <summary>The same request will be refused again: change it, or the key.</summary>
    Never = 0,

    /// <summary>The same request may succeed in a moment.</summary>
    Later = 1,

    /// <summary>Another node leads; the client looks for it by itself at the next call.</summary>
    Elsewhere = 2,
}

/// <summary>
/// One of three answers: done, not done with the reason, or not known within the time limit.
/// </summary>
public abstract record CallResult<T>
{
    private CallResult() { }

    /// <param name="Value">The answer; each event of a batch has its own status in it.</param>
    /// <param name="AppliedIndex">The log position that the answer reflects; 0 when none.</param>
    public sealed record Done(T Value, ulong AppliedIndex) : CallResult<T>;

    /// <summary>Certainly nothing happened.</summary>
    /// <param name="Detail">For people.</param>
    public sealed record NotDone(FrameStatus Reason, string Detail, RetryAdvice Advice)
        : CallResult<T>;

    /// <summary>
    /// It may have happened or may still happen. Asking again with the same ids is always safe:
    /// what was done answers <c>Exists</c>.
    /// </summary>
    /// <param name="AskAgainWith">Id of the request's first event or operation; 0 for reads.</param>
    public sealed record Unknown(string Detail, UInt128 AskAgainWith) : CallResult<T>;

    /// <summary>The value of a <see cref="Done"/>.</summary>
    /// <exception cref="EvenkeelException">It is another answer.</exception>
    public T Require() =>
        this switch
        {
            Done done => done.Value,
            NotDone refused => throw new EvenkeelException($"{refused.Reason}: {refused.Detail}"),
            Unknown unknown => throw new EvenkeelException($"Not known: {unknown.Detail}"),
            _ => throw new EvenkeelException("An answer of no kind."),
        };
}

/// <summary>An answer other than "done" where the caller accepts no other.</summary>
public sealed class EvenkeelException(string message) : Exception(message);
