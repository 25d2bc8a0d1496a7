using Evenkeel.Journal;
using Evenkeel.Model;

namespace Evenkeel.Records;

/// <summary>
/// Applies the operations of committed entries to ledger and records: both or neither. Runs on the
/// apply thread; a pure function of the log, its two halves, and nothing else.
/// </summary>
/// <remarks>
/// <para>
/// The records half of an entry is one database transaction. A crash between the halves leaves the
/// ledger (memory, rebuilt from a snapshot and the log) behind the records. Entries at or below the
/// records' applied index then run only their ledger half, by the stored results.
/// </para>
/// <para>
/// What has no stored result had no effect: a stale guard, a missing approval, bad form.
/// </para>
/// </remarks>
public sealed class OperationApplier(RecordStore store, IOperationLedger ledger)
{
    private ulong _entry;
    private int _ordinal;
    private bool _inEntry;
    private bool _replaying;

    /// <summary>
    /// Begins an entry that bears operations. Every such entry is bracketed by this and
    /// <see cref="CommitEntry"/>; entries without operations don't call either.
    /// </summary>
    /// <exception cref="RecordStoreException">The node must stop.</exception>
    public void BeginEntry(ulong index)
    {
        Check.That(!_inEntry);
        Check.That(index > _entry);
        _entry = index;
        _ordinal = 0;
        _inEntry = true;
        _replaying = index <= store.AppliedIndex;
        if (!_replaying)
        {
            store.BeginEntry(index);
        }
    }

    /// <summary>
    /// True when the records hold this entry already. Only at start: whoever waits for an answer must
    /// never meet it, since then the records are of another log.
    /// </summary>
    public bool IsReplaying => _replaying;

    /// <summary>Commits the records half. Answer nobody before it returned.</summary>
    /// <exception cref="RecordStoreException">The node must stop.</exception>
    public void CommitEntry()
    {
        Check.That(_inEntry);
        _inEntry = false;
        if (!_replaying)
        {
            store.CommitEntry();
        }
    }

    /// <summary>Applies the body of one command of the log.</summary>
    /// <param name="eventCount">The command's count; another one than the operation's is bad form.</param>
    /// <param name="timestamp">Log time of the command's last event.</param>
    public OperationResult Apply(ReadOnlySpan<byte> body, uint eventCount, ulong timestamp)
    {
        var fault = OperationCodec.Decode(body, out var operation);
        if (fault == OperationFault.None && operation!.EventCount != eventCount)
        {
            fault = OperationFault.WrongEventCount;
        }

        if (fault != OperationFault.None)
        {
            Check.That(_inEntry);
            _ordinal++;
            return Invalid(fault, timestamp);
        }

        return Apply(operation!, timestamp);
    }

    /// <summary>
    /// Applies one operation. Its ledger events happen at the timestamps that end at
    /// <paramref name="timestamp"/>. In replay of what is stored already, an operation without a
    /// stored result is answered <see cref="OperationStatus.None"/>: nobody waits for it.
    /// </summary>
    /// <exception cref="RecordStoreException">The node must stop.</exception>
    public OperationResult Apply(Operation operation, ulong timestamp)
    {
        ArgumentNullException.ThrowIfNull(operation);
        Check.That(_inEntry);
        var ordinal = _ordinal++;
        var fault = OperationRules.Judge(operation);
        if (fault != OperationFault.None)
        {
            return Invalid(fault, timestamp);
        }

        var hash = OperationHash.Compute(operation);
        var stored = store.FindOperation(operation.Id);
        if (_replaying)
        {
            return Replay(operation, hash, ordinal, stored, timestamp);
        }

        if (stored is { } known)
        {
            return Repeat(known, hash, timestamp);
        }

        var result = Decide(operation, timestamp);
        if (IsRemembered(result.Status))
        {
            store.Remember(operation.Id, hash, ordinal, result);
        }

        return result;
    }

    private static bool IsRemembered(OperationStatus status) =>
        status
            is OperationStatus.Done
                or OperationStatus.CounterOutOfBounds
                or OperationStatus.TransferRefused
                or OperationStatus.AccountRefused
                or OperationStatus.DecisionRefused;

    private OperationResult Replay(
        Operation operation,
        UInt128 hash,
        int ordinal,
        OperationRow? stored,
        ulong timestamp
    )
    {
        if (stored is not { } row || (row.Entry, row.Ordinal).CompareTo((_entry, ordinal)) > 0)
        {
            // It left no trace then, even if a later attempt under the same id did.
            return Answer(OperationStatus.None, timestamp);
        }

        if ((row.Entry, row.Ordinal) != (_entry, ordinal))
        {
            return Repeat(row, hash, timestamp);
        }

        Check.That(row.ContentHash == hash);
        if (row.Result.Status == OperationStatus.Done)
        {
            var refusal = ApplyToLedger(operation, timestamp);
            Check.That(refusal is null);
        }

        return row.Result;
    }

    private static OperationResult Repeat(in OperationRow row, UInt128 hash, ulong timestamp) =>
        row.ContentHash == hash
            ? row.Result with
            {
                Replayed = true,
            }
            : Answer(OperationStatus.IdReusedWithOtherContent, timestamp);

    private OperationResult Decide(Operation operation, ulong timestamp)
    {
        if (!ApprovalRules.Allow(operation, key => store.FindRecord(key)?.Json is not null))
        {
            return Answer(OperationStatus.NotAuthorised, timestamp);
        }

        // All guards of the decision come first: a bound that no longer counts must not refuse for good.
        for (var i = 0; i < operation.Guards.Count; i++)
        {
            if (!Holds(operation.Guards[i]))
            {
                return Answer(OperationStatus.StaleGuard, timestamp, failedIndex: i);
            }
        }

        if (operation.RefusalCode != 0)
        {
            return Answer(
                OperationStatus.DecisionRefused,
                timestamp,
                failedStatus: operation.RefusalCode
            );
        }

        // No counter is guarded twice, so that each sum is still right when it is written.
        List<(RecordKey Key, long Value)> counters = [];
        for (var i = 0; i < operation.Guards.Count; i++)
        {
            if (operation.Guards[i] is not Guard.Counter counter)
            {
                continue;
            }

            if (Add(counter) is not { } sum)
            {
                return Answer(OperationStatus.CounterOutOfBounds, timestamp, failedIndex: i);
            }

            counters.Add((counter.Key, sum));
        }

        if (ApplyToLedger(operation, timestamp) is { } refusal)
        {
            return refusal;
        }

        // After this point the operation must succeed.
        foreach (var (key, value) in counters)
        {
            store.WriteCounter(key, value, timestamp);
        }

        foreach (var write in operation.Writes)
        {
            store.Write(write, timestamp);
        }

        foreach (var message in operation.Messages)
        {
            store.AppendMessage(message, timestamp);
        }

        return Answer(OperationStatus.Done, timestamp);
    }

    private bool Holds(Guard guard) =>
        guard switch
        {
            Guard.Version version => store.FindRecord(version.Key) is { Json: { } json } row
                && row.Version == version.Expected
                && (version.Content == 0 || version.Content == OperationHash.OfDocument(json)),
            Guard.Absent absent => store.FindRecord(absent.Key)?.Json is null,
            Guard.BusinessDate date => store.FindRecord(SystemRecords.BusinessDate)
                is { Json: { } json }
                && SystemRecords.DecodeDate(json) == date.Expected,
            _ => true,
        };

    /// <summary>The counter after the addition; null when that is out of its bounds.</summary>
    private long? Add(Guard.Counter counter)
    {
        var sum = (Int128)(store.FindCounter(counter.Key)?.Value ?? 0) + counter.Delta;
        return sum >= counter.Min && sum <= counter.Max ? (long)sum : null;
    }

    /// <summary>One chain over accounts, updates and transfers; null when all of it succeeded.</summary>
    private OperationResult? ApplyToLedger(Operation operation, ulong timestamp)
    {
        var events =
            operation.Accounts.Count + operation.AccountUpdates.Count + operation.Transfers.Count;
        if (events == 0)
        {
            return null;
        }

        ledger.BeginScope();
        var refusal =
            CreateAccounts(
                operation,
                timestamp - (ulong)events + (ulong)operation.Accounts.Count,
                timestamp
            )
            ?? UpdateAccounts(operation, timestamp - (ulong)operation.Transfers.Count, timestamp)
            ?? CreateTransfers(operation, timestamp);
        if (refusal is null)
        {
            ledger.CommitScope();
        }
        else
        {
            ledger.RollbackScope();
        }

        return refusal;
    }

    private OperationResult? CreateAccounts(Operation operation, ulong lastEvent, ulong timestamp)
    {
        if (operation.Accounts.Count == 0)
        {
            return null;
        }

        var events = operation.Accounts.ToArray();
        for (var i = 0; i < events.Length - 1; i++)
        {
            events[i].Flags |= AccountFlags.Linked;
        }

        var results = new CreateAccountResult[events.Length];
        ledger.CreateAccounts(events, lastEvent, results);
        var failed = Culprit(
            results,
            result => result.Status == CreateAccountStatus.Created,
            result => result.Status == CreateAccountStatus.LinkedEventFailed
        );
        return failed < 0
            ? null
            : Answer(
                OperationStatus.AccountRefused,
                timestamp,
                failed,
                (uint)results[failed].Status
            );
    }

    private OperationResult? UpdateAccounts(Operation operation, ulong lastEvent, ulong timestamp)
    {
        if (operation.AccountUpdates.Count == 0)
        {
            return null;
        }

        var events = operation.AccountUpdates.ToArray();
        for (var i = 0; i < events.Length - 1; i++)
        {
            events[i].Flags |= AccountUpdateFlags.Linked;
        }

        var results = new UpdateAccountResult[events.Length];
        ledger.UpdateAccounts(events, lastEvent, results);
        var failed = Culprit(
            results,
            result => result.Status == UpdateAccountStatus.Updated,
            result => result.Status == UpdateAccountStatus.LinkedEventFailed
        );
        return failed < 0
            ? null
            : Answer(
                OperationStatus.AccountRefused,
                timestamp,
                operation.Accounts.Count + failed,
                (uint)results[failed].Status
            );
    }

    private OperationResult? CreateTransfers(Operation operation, ulong timestamp)
    {
        if (operation.Transfers.Count == 0)
        {
            return null;
        }

        var events = operation.Transfers.ToArray();
        for (var i = 0; i < events.Length - 1; i++)
        {
            events[i].Flags |= TransferFlags.Linked;
        }

        var results = new CreateTransferResult[events.Length];
        ledger.CreateTransfers(events, timestamp, results);
        var failed = Culprit(
            results,
            result => result.Status == CreateTransferStatus.Created,
            result => result.Status == CreateTransferStatus.LinkedEventFailed
        );
        return failed < 0
            ? null
            : Answer(
                OperationStatus.TransferRefused,
                timestamp,
                failed,
                (uint)results[failed].Status
            );
    }

    /// <summary>The event that broke the chain, not those that fell with it; -1 when none did.</summary>
    private static int Culprit<T>(T[] results, Predicate<T> succeeded, Predicate<T> fellWithIt)
    {
        if (Array.TrueForAll(results, succeeded))
        {
            return -1;
        }

        var culprit = Array.FindIndex(results, x => !succeeded(x) && !fellWithIt(x));
        return culprit >= 0 ? culprit : Array.FindIndex(results, x => !succeeded(x));
    }

    private static OperationResult Invalid(OperationFault fault, ulong timestamp) =>
        Answer(OperationStatus.Invalid, timestamp, failedStatus: (uint)fault);

    private static OperationResult Answer(
        OperationStatus status,
        ulong timestamp,
        int failedIndex = -1,
        uint failedStatus = 0
    ) =>
        new()
        {
            Status = status,
            Timestamp = timestamp,
            FailedIndex = failedIndex,
            FailedStatus = failedStatus,
        };
}
