using Evenkeel.Model;

namespace Evenkeel.Node.Batching;

/// <summary>
/// A request on its way through the log. It is answered exactly once: by the apply thread, or by
/// whoever gives up on it first.
/// </summary>
internal abstract class PendingRequest
{
    private const int Waiting = 0;
    private const int Claimed = 1;
    private const int Answered = 2;

    private int _state;

    /// <summary>When to give up, milliseconds of the batcher's clock.</summary>
    public long DeadlineMs { get; set; }

    /// <summary>The apply thread has taken it and will complete it.</summary>
    public bool IsClaimed => Volatile.Read(ref _state) == Claimed;

    /// <summary>The apply thread takes it to write results; false when it was given up.</summary>
    public bool TryClaim() => Interlocked.CompareExchange(ref _state, Claimed, Waiting) == Waiting;

    /// <summary>Where the results go, as one piece; only after <see cref="TryClaim"/>.</summary>
    public abstract Span<byte> Results(int bytes);

    /// <summary>Answers with the results written; only after <see cref="TryClaim"/>.</summary>
    public void Complete(ulong appliedIndex)
    {
        Check.That(_state == Claimed);
        Volatile.Write(ref _state, Answered);
        Answer(FrameStatus.Ok, detail: "", appliedIndex);
    }

    /// <summary>Answers a claimed request whose entry is applied here but not known to be safe.</summary>
    public void FailClaimed(FrameStatus status, string detail)
    {
        Check.That(_state == Claimed);
        Volatile.Write(ref _state, Answered);
        Answer(status, detail, appliedIndex: 0);
    }

    /// <summary>Answers without results, unless it is claimed or answered already.</summary>
    public bool TryFail(FrameStatus status, string detail)
    {
        if (Interlocked.CompareExchange(ref _state, Answered, Waiting) != Waiting)
        {
            return false;
        }
        Answer(status, detail, appliedIndex: 0);
        return true;
    }

    /// <summary>Makes the object ready for another request; only when no entry refers to it.</summary>
    protected void Reset() => Volatile.Write(ref _state, Waiting);

    /// <summary>Hands the answer over; must not block and must not throw.</summary>
    protected abstract void Answer(FrameStatus status, string detail, ulong appliedIndex);
}
