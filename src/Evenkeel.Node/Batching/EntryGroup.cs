using Evenkeel.Model;
using Evenkeel.Node.Entries;

namespace Evenkeel.Node.Batching;

/// <summary>Requests that travel in one entry; attached to its proposal as the context.</summary>
internal sealed class EntryGroup
{
    private PendingRequest?[] _requests = new PendingRequest?[64];

    public EntryWriter Writer { get; } = new();

    public ReadOnlyMemory<byte> Payload { get; private set; }

    /// <summary>The earliest moment at which one of its requests is overdue, milliseconds.</summary>
    public long EarliestDeadlineMs { get; private set; } = long.MaxValue;

    /// <summary>Set by the apply thread once the state machine has taken the entry.</summary>
    public bool Applied { get; private set; }

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

    public void Seal(ulong timestamp, uint stateVersion) =>
        Payload = Writer.Seal(timestamp, stateVersion);

    /// <summary>The request behind a command, if it still waits; the caller then owns its results.</summary>
    public PendingRequest? Claim(int command) =>
        _requests[command] is { } request && request.TryClaim() ? request : null;

    /// <summary>Answers what was claimed, after the whole entry is applied.</summary>
    public void CompleteAll(ulong appliedIndex)
    {
        Applied = true;
        for (int i = 0; i < Count; i++)
        {
            if (_requests[i] is { IsClaimed: true } request)
            {
                // An answered request may be used again at once: forget it first.
                _requests[i] = null;
                request.Complete(appliedIndex);
            }
        }
    }

    public void FailAll(FrameStatus status, string detail)
    {
        for (int i = 0; i < Count; i++)
        {
            _requests[i]?.TryFail(status, detail);
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
        EarliestDeadlineMs = long.MaxValue;
        Applied = false;
    }
}
