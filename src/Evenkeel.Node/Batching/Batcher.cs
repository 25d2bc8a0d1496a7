using Evenkeel.Model;
using Evenkeel.Node.Clock;
using Evenkeel.Node.Entries;
using Evenkeel.Node.Telemetry;
using Evenkeel.Replication;

namespace Evenkeel.Node.Batching;

/// <summary>
/// Gathers requests into entries while earlier entries are being flushed: group commit. A request's
/// events are copied once, from the network's buffer into the entry. It takes requests only while
/// this node leads.
/// </summary>
internal sealed class Batcher : IAsyncDisposable
{
    private const string NotKnown = "not known within the time limit; ask again with the same ids";

    private const string Unsure = "the outcome is not known; ask again with the same ids";

    private const string NotLeading = "this node does not lead";

    private readonly Lock _gate = new();
    private readonly IReplicatedLog _log;
    private readonly LogClock _clock;
    private readonly TimeProvider _time;
    private readonly Func<uint> _stateVersion;
    private readonly Func<uint> _newBankVersion;
    private readonly NodeMetrics _metrics;
    private readonly long _started;
    private readonly Queue<EntryGroup> _full = new();
    private readonly Stack<EntryGroup> _free = new();
    private readonly List<EntryGroup> _inFlight = [];
    private readonly AsyncSignal _work = new();
    private readonly ITimer _sweep;
    private readonly Task _pump;
    private EntryGroup _open = new();
    private ulong _lastTimestamp;
    private ulong _term;
    private bool _held;
    private long _eventsPending;
    private bool _stopped;

    /// <param name="newBankVersion">
    /// What a bank begins with, as long as nothing at all has happened in it; else 0.
    /// </param>
    public Batcher(
        IReplicatedLog log,
        LogClock clock,
        TimeProvider time,
        Func<uint> stateVersion,
        Func<uint> newBankVersion,
        NodeMetrics metrics
    )
    {
        _log = log;
        _clock = clock;
        _time = time;
        _stateVersion = stateVersion;
        _newBankVersion = newBankVersion;
        _metrics = metrics;
        _started = time.GetTimestamp();
        var period = TimeSpan.FromMilliseconds(NodeLimits.TimeoutSweepMs);
        _sweep = time.CreateTimer(static self => ((Batcher)self!).Sweep(), this, period, period);
        _pump = Task.Run(PumpAsync);
    }

    /// <summary>Events that were taken and are not applied yet.</summary>
    public long EventsPending
    {
        get
        {
            lock (_gate)
            {
                return _eventsPending;
            }
        }
    }

    /// <summary>Requests that wait for their entry to be proposed.</summary>
    public int QueueDepth
    {
        get
        {
            lock (_gate)
            {
                int depth = _open.Count;
                foreach (EntryGroup group in _full)
                {
                    depth += group.Count;
                }
                return depth;
            }
        }
    }

    /// <summary>Whether writes are taken: this node leads and has applied all earlier terms.</summary>
    public bool IsLeading
    {
        get
        {
            lock (_gate)
            {
                return _term != 0;
            }
        }
    }

    /// <summary>This node leads from now on.</summary>
    /// <param name="lastTimestamp">
    /// The latest log time in the state, everything of earlier terms being applied: stamps go on
    /// from there.
    /// </param>
    public void BeginLeading(ulong term, ulong lastTimestamp)
    {
        Check.That(term != 0);
        _clock.Observe(lastTimestamp);
        _clock.Lead(leads: true);
        lock (_gate)
        {
            Check.That(_term == 0, "a leadership begins when the one before has ended");
            _term = term;
            _lastTimestamp = Math.Max(_lastTimestamp, lastTimestamp);
            if (_newBankVersion() is > StateVersions.First and var first)
            {
                // Before anything else: the first entry of a new bank activates what is known.
                _open.Add(
                    request: null,
                    OperationCode.Activate,
                    count: 0,
                    principal: 0,
                    ActivateBody.Encode(first, maker: 0)
                );
            }
        }
    }

    /// <summary>
    /// This node leads no more: what was not proposed was certainly not done, and what is on its way
    /// is answered by its proposal, as not known.
    /// </summary>
    public void EndLeading()
    {
        _clock.Lead(leads: false);
        lock (_gate)
        {
            _term = 0;
            _held = false;
            while (_full.TryDequeue(out EntryGroup? group))
            {
                Drop(group);
            }
            if (_open.Count > 0)
            {
                Drop(_open);
                _open = Rent();
            }
        }
    }

    /// <summary>
    /// Takes a request: <see cref="FrameStatus.Ok"/> when it will be answered; else nothing was done.
    /// </summary>
    /// <param name="request">Who is answered; null for the node's own commands.</param>
    /// <param name="timeoutMs">How long it may wait; 0 = the default.</param>
    public FrameStatus Submit(
        PendingRequest? request,
        OperationCode operation,
        uint count,
        ulong principal,
        ReadOnlySpan<byte> body,
        uint timeoutMs = 0
    )
    {
        if (request is not null)
        {
            uint wait = timeoutMs == 0 ? NodeLimits.RequestTimeoutMsDefault : timeoutMs;
            request.DeadlineMs = NowMs() + Math.Min(wait, NodeLimits.RequestTimeoutMsMax);
        }
        lock (_gate)
        {
            if (_stopped)
            {
                return FrameStatus.Unavailable;
            }
            if (_term == 0)
            {
                return FrameStatus.NotLeader;
            }
            if (!_open.Writer.Fits(body.Length))
            {
                if (_full.Count == NodeLimits.EntriesQueuedMax)
                {
                    _metrics.RequestsRefusedBusy.Add(1);
                    return FrameStatus.Busy;
                }
                _full.Enqueue(_open);
                _open = Rent();
            }
            _open.Add(request, operation, count, principal, body);
            _eventsPending += count;
        }
        _work.Set();
        return FrameStatus.Ok;
    }

    /// <summary>
    /// Proposes nothing more, while requests are still taken into the queue, and completes when
    /// everything on its way is answered. Ended by <see cref="Resume"/> or by the leadership's end.
    /// </summary>
    public async Task HoldAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _held = true;
        }
        while (true)
        {
            lock (_gate)
            {
                if (_inFlight.Count == 0 || _term == 0)
                {
                    return;
                }
            }
            await Task.Delay(TimeSpan.FromMilliseconds(1), _time, cancellationToken);
        }
    }

    public void Resume()
    {
        lock (_gate)
        {
            _held = false;
        }
        _work.Set();
    }

    /// <summary>Why <see cref="Submit"/> took a request not, in words.</summary>
    public static string WhyNot(FrameStatus status) =>
        status switch
        {
            FrameStatus.Busy => "the queue is full; retry in a moment",
            FrameStatus.NotLeader => NotLeading,
            _ => "the node is stopping",
        };

    /// <summary>Proposes a tick, unless an entry is on its way that does the same.</summary>
    public void Tick()
    {
        lock (_gate)
        {
            if (_stopped || _open.Count > 0 || _full.Count > 0 || _inFlight.Count > 0)
            {
                return;
            }
        }
        Submit(request: null, OperationCode.Tick, count: 0, principal: 0, body: []);
    }

    /// <summary>Answers everything that waits; entries on their way become unknown.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_stopped)
            {
                return;
            }
            _stopped = true;
            foreach (EntryGroup group in _full)
            {
                group.FailAll(FrameStatus.Unavailable, "the node is stopping");
            }
            _open.FailAll(FrameStatus.Unavailable, "the node is stopping");
            foreach (EntryGroup group in _inFlight)
            {
                group.FailAll(FrameStatus.Unknown, "the node is stopping; ask again");
            }
        }
        _work.Set();
        await _sweep.DisposeAsync();
    }

    private async Task PumpAsync()
    {
        while (true)
        {
            EntryGroup? group;
            while ((group = TakeNext(out bool stopped)) is null)
            {
                if (stopped)
                {
                    return;
                }
                await _work.WaitAsync();
            }
            _ = ProposeAsync(group);
        }
    }

    private EntryGroup? TakeNext(out bool stopped)
    {
        EntryGroup? group;
        lock (_gate)
        {
            stopped = _stopped;
            if (_stopped || _term == 0 || _held)
            {
                return null;
            }
            if (_inFlight.Count >= NodeLimits.EntriesInFlightMax)
            {
                return null;
            }
            if (!_full.TryDequeue(out group))
            {
                // What waits goes on growing: one more small entry would only cost a flush.
                if (_open.Count == 0 || _inFlight.Count >= NodeLimits.EntriesInFlightOpenMax)
                {
                    return null;
                }
                group = _open;
                _open = Rent();
            }
            _inFlight.Add(group);
            // Under the gate: term and stamp belong to the same leadership.
            ulong earliest = _lastTimestamp + Limits.ExpiriesPerEntryMax + group.Writer.EventCount;
            _lastTimestamp = Math.Max(_clock.Now(), earliest);
            group.Stamp(_term, _lastTimestamp);
        }
        _clock.Observe(group.Timestamp);
        group.Seal(_stateVersion());
        _metrics.EntryProposed(group.Payload.Length, group.Count, group.Writer.EventCount);
        return group;
    }

    private async Task ProposeAsync(EntryGroup group)
    {
        long started = _time.GetTimestamp();
        ProposalOutcome outcome;
        try
        {
            outcome = await _log.ProposeAsync(
                group.Payload,
                group,
                group.Term,
                CancellationToken.None
            );
        }
#pragma warning disable CA1031 // Whatever broke: the entry may be in the log, and that is the answer.
        catch (Exception)
#pragma warning restore CA1031
        {
            outcome = ProposalOutcome.Unknown;
        }
        _metrics.EntryCommitted(_time.GetElapsedTime(started));
        switch (outcome)
        {
            case ProposalOutcome.Committed:
                // Only now: an apply may run ahead of the flush.
                group.CompleteAll();
                break;
            case ProposalOutcome.Refused when _log.IsLeader:
                group.FailAll(FrameStatus.Unavailable, "the log does not take entries now");
                break;
            case ProposalOutcome.Refused:
                group.FailAll(FrameStatus.NotLeader, NotLeading);
                break;
            default:
                group.FailAll(FrameStatus.Unknown, Unsure);
                if (group.AppliedIndex != 0)
                {
                    group.FailClaimed(FrameStatus.Unknown, Unsure);
                }
                break;
        }
        lock (_gate)
        {
            _eventsPending -= group.Writer.EventCount;
            _inFlight.Remove(group);
            // The log may still read the buffer of an entry whose outcome is not known.
            if (outcome != ProposalOutcome.Unknown && _free.Count < NodeLimits.EntriesQueuedMax)
            {
                group.Reset();
                _free.Push(group);
            }
        }
        _work.Set();
    }

    /// <summary>The caller holds the gate.</summary>
    private void Drop(EntryGroup group)
    {
        group.FailAll(FrameStatus.NotLeader, NotLeading);
        _eventsPending -= group.Writer.EventCount;
        if (_free.Count < NodeLimits.EntriesQueuedMax)
        {
            group.Reset();
            _free.Push(group);
        }
    }

    private EntryGroup Rent() => _free.TryPop(out EntryGroup? group) ? group : new EntryGroup();

    private long NowMs() => (long)_time.GetElapsedTime(_started).TotalMilliseconds;

    private void Sweep()
    {
        long now = NowMs();
        lock (_gate)
        {
            _open.FailOverdue(now, FrameStatus.Unknown, NotKnown);
            foreach (EntryGroup group in _full)
            {
                group.FailOverdue(now, FrameStatus.Unknown, NotKnown);
            }
            foreach (EntryGroup group in _inFlight)
            {
                group.FailOverdue(now, FrameStatus.Unknown, NotKnown);
            }
        }
    }
}
