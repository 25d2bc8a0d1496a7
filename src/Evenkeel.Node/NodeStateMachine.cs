using System.Diagnostics;
using System.Runtime.InteropServices;
using Evenkeel.Journal;
using Evenkeel.Ledger;
using Evenkeel.Model;
using Evenkeel.Node.Batching;
using Evenkeel.Node.Entries;
using Evenkeel.Node.Quarantine;
using Evenkeel.Node.Telemetry;
using Evenkeel.Records;
using Evenkeel.Replication;

namespace Evenkeel.Node;

/// <summary>Sees what each command of an entry answered, in order; valid during the call.</summary>
/// <param name="results">
/// One result of 16 bytes for each event of a batch; the encoded result (24 bytes) of an operation;
/// empty for commands that answer nothing.
/// </param>
internal delegate void CommandObserver(
    in CommandHeader command,
    ReadOnlySpan<byte> body,
    ReadOnlySpan<byte> results
);

/// <summary>
/// Ledger, history and records as one state that is a pure function of the log (DESIGN section 5).
/// </summary>
internal sealed class NodeStateMachine : IStateMachine
{
    /// <summary>The highest state version that this program can apply.</summary>
    public const uint StateVersionMax = StateVersions.Newest;

    private readonly NodeParts _parts;
    private OperationApplier? _operations;
    private readonly NodeMetrics _metrics;
    private readonly CreateTransferResult[] _unread = new CreateTransferResult[
        Limits.BatchEventsMax
    ];
    private ulong _appliedIndex;
    private uint _stateVersion = StateVersions.First;
    private ulong _nextExpiry = ulong.MaxValue;
    private bool _hasEntries;
    private ulong _lastEntryTime;

    public NodeStateMachine(NodeParts parts, NodeMetrics metrics)
    {
        _parts = parts;
        _metrics = metrics;
    }

    public ulong AppliedIndex => Volatile.Read(ref _appliedIndex);

    /// <summary>Anything at all has happened in this bank.</summary>
    public bool HasEntries => Volatile.Read(ref _hasEntries);

    /// <summary>What this node applies; below the program's own only to play an older program.</summary>
    public uint KnownStateVersion { get; init; } = StateVersionMax;

    /// <summary>Set by replays that look at every result; null while serving.</summary>
    public CommandObserver? Observer { get; init; }

    /// <summary>
    /// Earliest deadline of an open hold as of the last entry, for threads that must not look into
    /// the ledger's memory while it is applying.
    /// </summary>
    public ulong NextExpiry => Volatile.Read(ref _nextExpiry);

    /// <summary>
    /// The timestamp of the last entry that had one; 0 when none was applied since the start.
    /// </summary>
    public ulong LastEntryTime => Volatile.Read(ref _lastEntryTime);

    /// <summary>Takes digests at positions that members share; null = not.</summary>
    public DigestRing? Digests { get; init; }

    /// <summary>What entries are stamped with; raised by an activation.</summary>
    public uint StateVersion => Volatile.Read(ref _stateVersion);

    public void Apply(in CommittedEntry entry, object? context)
    {
        var group = context as EntryGroup;
        long started = Stopwatch.GetTimestamp();
        lock (_parts.ApplyLock)
        {
            // The log's applier may outlive a stop; the ledger's memory does not.
            _parts.ThrowIfClosed();
            Check.That(entry.Index == _appliedIndex + 1, "entries come in order, each once");
            if (_appliedIndex == 0)
            {
                // No snapshot: every row is made again from the first entry on.
                _parts.Files?.TruncateTo(0);
            }
            if (!entry.Payload.IsEmpty)
            {
                ApplyOrRefuse(entry.Index, entry.Payload, group, started);
                Volatile.Write(ref _hasEntries, true);
            }
            Volatile.Write(ref _nextExpiry, _parts.Ledger.NextExpiry);
            Volatile.Write(ref _appliedIndex, entry.Index);
        }
        group?.MarkApplied(entry.Index);
    }

    public ISnapshotView CaptureSnapshot()
    {
        lock (_parts.ApplyLock)
        {
            _parts.ThrowIfClosed();
            Digests?.GiveWay();
            return NodeSnapshot.Capture(_parts, _appliedIndex, _stateVersion);
        }
    }

    public void Restore(ISnapshotReader snapshot)
    {
        lock (_parts.ApplyLock)
        {
            Check.That(_appliedIndex == 0, "a snapshot is restored before any entry");
            UnknownStateVersionException.ThrowIfAbove(
                KnownStateVersion,
                NodeSnapshot.StateVersionOf(snapshot),
                snapshot.Index
            );
            Volatile.Write(ref _stateVersion, NodeSnapshot.Restore(_parts, snapshot));
            Check.That(_parts.Ledger.StateVersion == _stateVersion);
            Volatile.Write(ref _nextExpiry, _parts.Ledger.NextExpiry);
            Volatile.Write(ref _appliedIndex, snapshot.Index);
            Volatile.Write(ref _hasEntries, true);
        }
    }

    private void ApplyOrRefuse(
        ulong index,
        ReadOnlySpan<byte> payload,
        EntryGroup? group,
        long started
    )
    {
        if (_parts.Quarantine.Covers(index, payload))
        {
            _parts.Quarantine.MarkApplied(index);
            group?.FailAll(FrameStatus.Unavailable, "its entry is in quarantine; nothing was done");
            return;
        }
        try
        {
            ApplyPayload(index, payload, group, started);
        }
        catch (Exception broken) when (IsOfTheEntry(broken))
        {
            // Half applied: the caller ends the process, and a restart begins before it.
            throw new PoisonEntryException(index, QuarantineSet.Hash(payload), broken);
        }
    }

    /// <summary>What every node meets at this entry again, unlike a full disk or a damaged file.</summary>
    private static bool IsOfTheEntry(Exception broken) =>
        broken
            is InvariantException
                or MalformedEntryException
                or ArithmeticException
                or ArgumentException
                or IndexOutOfRangeException
                or NullReferenceException
                or InvalidCastException
                or FormatException
                or KeyNotFoundException
        || broken is InvalidOperationException and not ObjectDisposedException;

    private void ApplyPayload(
        ulong index,
        ReadOnlySpan<byte> payload,
        EntryGroup? group,
        long started
    )
    {
        EntryReader reader = EntryReader.Open(payload, out string? problem);
        if (problem is not null)
        {
            throw new MalformedEntryException(index, problem);
        }
        // Before anything of it is applied: a state that is half new rules would be nobody's.
        UnknownStateVersionException.ThrowIfAbove(
            KnownStateVersion,
            Math.Max(reader.Header.StateVersion, reader.Activates),
            index
        );
        LedgerState ledger = _parts.Ledger;
        ulong before = Math.Max(_lastEntryTime, ledger.LastTimestamp);
        ulong timestamp = reader.Header.Timestamp - reader.EventCount;
        Check.That(timestamp >= ledger.LastTimestamp, "log time never goes back");

        bool bearsOperations = false;
        ulong rows = ledger.HistoryCount;
        ledger.BeginEntry(index);
        ledger.ExpireHolds(timestamp);
        long expired = (long)(ledger.HistoryCount - rows);
        long transfers = 0;
        long accounts = 0;
        long operations = 0;
        for (int i = 0; reader.TryRead(out CommandHeader command, out var body); i++)
        {
            timestamp += command.Count;
            PendingRequest? request = group?.Claim(i);
            Span<byte> results = default;
            switch (command.Operation)
            {
                case OperationCode.CreateTransfers:
                    transfers += command.Count;
                    ledger.CreateTransfers(
                        timestamp,
                        MemoryMarshal.Cast<byte, Transfer>(body),
                        Results<CreateTransferResult>(request, command.Count, out results),
                        rememberFailedIds: true
                    );
                    break;
                case OperationCode.CreateAccounts:
                    accounts += command.Count;
                    ledger.CreateAccounts(
                        timestamp,
                        MemoryMarshal.Cast<byte, Account>(body),
                        Results<CreateAccountResult>(request, command.Count, out results)
                    );
                    break;
                case OperationCode.UpdateAccounts:
                    accounts += command.Count;
                    ledger.UpdateAccounts(
                        timestamp,
                        MemoryMarshal.Cast<byte, AccountUpdate>(body),
                        Results<UpdateAccountResult>(request, command.Count, out results)
                    );
                    break;
                case OperationCode.Operation:
                    operations++;
                    _operations ??= OpenOperations();
                    if (!bearsOperations)
                    {
                        bearsOperations = true;
                        _operations.BeginEntry(index);
                    }
                    // Records that are ahead of the log are of another log: skipping would be silent.
                    Check.That(request is null || !_operations.IsReplaying);
                    OperationResult result = _operations.Apply(body, command.Count, timestamp);
                    if (request is not null || Observer is not null)
                    {
                        results = Room(request, OperationCodec.ResultSize);
                        OperationCodec.EncodeResult(result, results);
                    }
                    break;
                case OperationCode.Activate:
                    Activate(MemoryMarshal.Read<ActivateBody>(body), command.Principal);
                    break;
                default:
                    Check.That(command.Operation == OperationCode.Tick);
                    break;
            }
            Observer?.Invoke(command, body, results);
        }
        Check.That(timestamp == reader.Header.Timestamp);
        if (bearsOperations)
        {
            _operations!.CommitEntry();
        }
        ledger.EndEntry();
        Volatile.Write(ref _lastEntryTime, reader.Header.Timestamp);
        Digests?.Behind(index, before, reader.Header.Timestamp);
        _metrics.EntryApplied(
            Stopwatch.GetElapsedTime(started),
            transfers,
            accounts,
            operations,
            expired
        );
    }

    private OperationApplier OpenOperations()
    {
        _parts.OpenRecords();
        Check.That(_parts.Records is not null, "this node keeps records");
        return new OperationApplier(_parts.Records, new OperationLedger(_parts.Ledger));
    }

    /// <summary>
    /// Raises the rules in force. Needs two people, except in a bank in which nothing has happened
    /// yet: there the node that leads first begins with what it knows. Else nothing changes.
    /// </summary>
    private void Activate(in ActivateBody body, ulong checker)
    {
        LedgerState ledger = _parts.Ledger;
        bool isByTwoPeople = body.Maker != 0 && checker != 0 && body.Maker != checker;
        bool isNewBank = ledger.LastTimestamp == 0 && body.Maker == 0 && checker == 0;
        if ((isByTwoPeople || isNewBank) && body.Version > ledger.StateVersion)
        {
            ledger.Activate(body.Version);
            Volatile.Write(ref _stateVersion, body.Version);
        }
    }

    private Span<T> Results<T>(PendingRequest? request, uint count, out Span<byte> room)
        where T : unmanaged
    {
        room = Room(request, (int)count * CreateTransferResult.Size);
        return MemoryMarshal.Cast<byte, T>(room);
    }

    // In replay, and for requests that were given up, nobody waits for the results.
    private Span<byte> Room(PendingRequest? request, int bytes) =>
        request is null ? MemoryMarshal.AsBytes(_unread.AsSpan())[..bytes] : request.Results(bytes);
}
