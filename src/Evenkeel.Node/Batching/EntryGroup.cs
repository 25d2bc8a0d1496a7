using Evenkeel.Model;
using Evenkeel.Node.Entries;

namespace Evenkeel.Node.Batching;

/// <summary>Requests that travel in one entry; attached to its proposal as the context.</summary>
internal sealed class EntryGroup
{
    private PendingRequest?[] _requests = new PendingRequest?[64];

    public EntryWriter Writer { get; } = new();

    public ReadOnlyMemory<byte> Payload { get; private set; }

    /// <summary>The leadership that it was stamped in.</summary>
    public ulong Term { get; private set; }

    public ulong Timestamp { get; private set; }

    /// <summary>The earliest moment at which one of its requests is overdue, milliseconds.</summary>
    public long EarliestDeadlineMs { get; private set; } = long.MaxValue;

    /// <summary>Index of the entry once the state machine has taken it; 0 before.</summary>
    public ulong AppliedIndex { get; private set; }

    public int Count => Writer.CommandCount;

    public void Add(
        PendingRequest? request,
        OperationCode operation,
        uint count,
        ulong principal,
        ReadOnlySpan<byte> body
    )
    {
        if (Count == _requests.Length)
        {
            Array.Resize(ref _requests, _requests.Length * 2);
        }
        _requests[Count] = request;
        Writer.Append(operation, count, principal, body);
        if (request is not null)
        {
            EarliestDeadlineMs = Math.Min(EarliestDeadlineMs, request.DeadlineMs);
        }
    }

    public void Stamp(ulong term, ulong timestamp) => (Term, Timestamp) = (term, timestamp);

    public void Seal(uint stateVersion) => Payload = Writer.Seal(Timestamp, stateVersion);

    /// <summary>The request behind a command, if it still waits; the caller then owns its results.</summary>
    public PendingRequest? Claim(int command) =>
        _requests[command] is { } request && request.TryClaim() ? request : null;

    /// <summary>The whole entry is applied; results may be handed out once it is also flushed.</summary>
    public void MarkApplied(ulong index) => AppliedIndex = index;

    /// <summary>Answers what was claimed: the entry is flushed and applied.</summary>
    public void CompleteAll()
    {
        Check.That(AppliedIndex != 0, "a committed entry is applied");
        for (int i = 0; i < Count; i++)
        {
            if (_requests[i] is { IsClaimed: true } request)
            {
                // An answered request may be used again at once: forget it first.
                _requests[i] = null;
                request.Complete(AppliedIndex);
            }
        }
    }

    /// <summary>Answers everything that waits, the entry being lost or its fate not known.</summary>
    public void FailAll(FrameStatus status, string detail)
    {
        for (int i = 0; i < Count; i++)
        {
            _requests[i]?.TryFail(status, detail);
        }
    }

    /// <summary>
    /// Answers what was claimed and applied, though nobody knows whether it is safe on disk.
    /// </summary>
    public void FailClaimed(FrameStatus status, string detail)
    {
        for (int i = 0; i < Count; i++)
        {
            if (_requests[i] is { IsClaimed: true } request)
            {
                _requests[i] = null;
                request.FailClaimed(status, detail);
            }
        }
    }

    /// <summary>Gives up on requests that are overdue.</summary>
    public void FailOverdue(long nowMs, FrameStatus status, string detail)
    {
        if (EarliestDeadlineMs > nowMs)
        {
            return;
        }
        long earliest = long.MaxValue;
        for (int i = 0; i < Count; i++)
        {
            if (_requests[i] is not { } request)
            {
                continue;
            }
            if (request.DeadlineMs <= nowMs)
            {
                request.TryFail(status, detail);
            }
            else
            {
                earliest = Math.Min(earliest, request.DeadlineMs);
            }
        }
        EarliestDeadlineMs = earliest;
    }

    public void Reset()
    {
        Array.Clear(_requests, 0, Count);
        Writer.Reset();
        Payload = default;
        (Term, Timestamp) = (0, 0);
        EarliestDeadlineMs = long.MaxValue;
        AppliedIndex = 0;
    }
}
