using Evenkeel.Model;

namespace Evenkeel.Watch.Drills.Checking;

/// <summary>
/// Judges what clients recorded against what the bank has in the end: acknowledged exactly once, in
/// the order of real time, money conserved, reads that never go back, one history on all nodes.
/// </summary>
/// <remarks>
/// It assumes a load whose transfers always succeed: accounts without limits, ids used by one
/// caller, other content never sent under a used id.
/// </remarks>
public sealed class Checker
{
    private const int ViolationsKeptOfAKind = 10;

    private readonly FinalState _final;
    private readonly List<Violation> _violations = [];
    private readonly Dictionary<ViolationKind, long> _counts = [];
    private readonly Dictionary<UInt128, Promise> _promises = [];
    private readonly ReadChecks _reads;
    private long _lost;
    private long _twice;

    private Checker(CallLog log, FinalState final)
    {
        _final = final;
        foreach (WriteCall call in log.Writes)
        {
            Remember(call);
        }
        _reads = new ReadChecks(log.Reads, Report);
    }

    /// <summary>Everything that the clients know of one transfer.</summary>
    private sealed class Promise(Movement movement, long startNs)
    {
        public Movement Movement { get; } = movement;
        public long FirstStartNs { get; set; } = startNs;
        public long AcknowledgedNs { get; set; } = long.MaxValue;
        public ulong Timestamp { get; set; }
        public bool MayHaveHappened { get; set; }
        public bool IsAcknowledged => AcknowledgedNs != long.MaxValue;
    }

    public static CheckReport Check(CallLog log, FinalState final)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(final);
        var checker = new Checker(log, final);
        checker.CheckPresence();
        checker.CheckRealTimeOrder();
        checker.CheckBalances();
        checker.CheckReads();
        long compared = ForkCheck.Compare(final.Nodes, checker.Report);
        return new CheckReport
        {
            Acknowledged = checker._promises.Values.Count(p => p.IsAcknowledged),
            AcknowledgedLost = checker._lost,
            PostedTwice = checker._twice,
            UnknownAnswers = log.Writes.Count(w => w.Outcome == CallOutcome.Unknown),
            CleanRefusals = log.Writes.Count(w => w.Outcome == CallOutcome.NotDone),
            ReadsChecked = log.Reads.Count,
            PositionsCompared = compared,
            Violations = checker._violations,
            Counts = checker._counts,
        };
    }

    private void Remember(WriteCall call)
    {
        for (int i = 0; i < call.Movements.Count; i++)
        {
            Movement movement = call.Movements[i];
            if (!_promises.TryGetValue(movement.Id, out Promise? promise))
            {
                promise = new Promise(movement, call.StartNs);
                _promises.Add(movement.Id, promise);
            }
            promise.FirstStartNs = Math.Min(promise.FirstStartNs, call.StartNs);
            promise.MayHaveHappened |= call.Outcome != CallOutcome.NotDone;
            if (call.Outcome == CallOutcome.Done)
            {
                Acknowledge(promise, call.Answers[i], call.EndNs);
            }
        }
    }

    private void Acknowledge(Promise promise, CreateTransferResult answer, long endNs)
    {
        if (answer.Status is not (CreateTransferStatus.Created or CreateTransferStatus.Exists))
        {
            Report(ViolationKind.WrongStatus, $"{promise.Movement.Id}: {answer.Status}");
            return;
        }
        if (promise.IsAcknowledged && promise.Timestamp != answer.Timestamp)
        {
            Report(
                ViolationKind.OtherTimestamp,
                $"{promise.Movement.Id}: {promise.Timestamp} and then {answer.Timestamp}"
            );
        }
        promise.Timestamp = answer.Timestamp;
        promise.AcknowledgedNs = Math.Min(promise.AcknowledgedNs, endNs);
    }

    private void CheckPresence()
    {
        var seen = new HashSet<UInt128>(_final.Transfers.Count);
        ulong last = 0;
        foreach (KeptTransfer kept in _final.Transfers)
        {
            if (!seen.Add(kept.Id))
            {
                _twice++;
                Report(ViolationKind.Doubled, $"{kept.Id} is in the history again");
                continue;
            }
            if (kept.Timestamp <= last)
            {
                Report(
                    ViolationKind.HistoryUnordered,
                    $"{kept.Id} has time {kept.Timestamp}, the one before {last}"
                );
            }
            last = kept.Timestamp;
            CheckKept(kept);
        }
        foreach (Promise promise in _promises.Values)
        {
            if (promise.IsAcknowledged && !seen.Contains(promise.Movement.Id))
            {
                _lost++;
                Report(ViolationKind.Lost, $"{promise.Movement.Id} was acknowledged");
            }
        }
    }

    private void CheckKept(KeptTransfer kept)
    {
        if (!_promises.TryGetValue(kept.Id, out Promise? promise))
        {
            Report(ViolationKind.Ghost, $"nobody asked for {kept.Id}");
            return;
        }
        if (new Movement(kept.Id, kept.Debit, kept.Credit, kept.Amount) != promise.Movement)
        {
            Report(ViolationKind.OtherContent, $"{kept} instead of {promise.Movement}");
        }
        if (!promise.MayHaveHappened)
        {
            Report(ViolationKind.KeptAfterRefusal, $"{kept.Id} was refused each time");
        }
        if (promise.IsAcknowledged && promise.Timestamp != kept.Timestamp)
        {
            Report(
                ViolationKind.OtherTimestamp,
                $"{kept.Id}: answered {promise.Timestamp}, kept with {kept.Timestamp}"
            );
        }
    }

    /// <summary>
    /// What was acknowledged before another began comes before it in the bank's order. Log time is
    /// that order: it rises with each event.
    /// </summary>
    private void CheckRealTimeOrder()
    {
        Dictionary<UInt128, ulong> kept = [];
        foreach (KeptTransfer transfer in _final.Transfers)
        {
            kept.TryAdd(transfer.Id, transfer.Timestamp);
        }
        Promise[] byStart =
        [
            .. _promises
                .Values.Where(p => kept.ContainsKey(p.Movement.Id))
                .OrderBy(p => p.FirstStartNs),
        ];
        Promise[] byEnd = [.. byStart.Where(p => p.IsAcknowledged).OrderBy(p => p.AcknowledgedNs)];
        int ended = 0;
        ulong latest = 0;
        UInt128 latestId = 0;
        foreach (Promise promise in byStart)
        {
            for (
                ;
                ended < byEnd.Length && byEnd[ended].AcknowledgedNs < promise.FirstStartNs;
                ended++
            )
            {
                ulong time = kept[byEnd[ended].Movement.Id];
                if (time > latest)
                {
                    latest = time;
                    latestId = byEnd[ended].Movement.Id;
                }
            }
            if (kept[promise.Movement.Id] <= latest)
            {
                Report(
                    ViolationKind.OrderBroken,
                    $"{latestId} was acknowledged before {promise.Movement.Id} began, and is later"
                );
            }
        }
    }

    private void CheckBalances()
    {
        Dictionary<UInt128, (UInt128 Debits, UInt128 Credits)> sums = [];
        foreach (KeptTransfer transfer in _final.Transfers.DistinctBy(t => t.Id))
        {
            Add(transfer.Debit, debit: transfer.Amount, credit: 0);
            Add(transfer.Credit, debit: 0, credit: transfer.Amount);
        }
        UInt128 debits = 0;
        UInt128 credits = 0;
        foreach (SeenAccount account in _final.Accounts)
        {
            debits += account.Debits;
            credits += account.Credits;
            var sum = sums.GetValueOrDefault(account.Id);
            if (sum != (account.Debits, account.Credits))
            {
                Report(
                    ViolationKind.BalanceDiffers,
                    $"account {account.Id}: {account.Debits}/{account.Credits}, its transfers "
                        + $"{sum.Debits}/{sum.Credits}"
                );
                _twice += account.Debits > sum.Debits ? 1 : 0;
            }
        }
        if (debits != credits)
        {
            Report(ViolationKind.MoneyNotConserved, $"debits {debits}, credits {credits}");
        }

        void Add(UInt128 account, UInt128 debit, UInt128 credit)
        {
            var (d, c) = sums.GetValueOrDefault(account);
            sums[account] = (d + debit, c + credit);
        }
    }

    private void CheckReads()
    {
        _reads.CheckMonotonic();
        _reads.CheckBounds([
            .. _promises
                .Values.Where(p => p.MayHaveHappened)
                .Select(p => new TimedMovement(p.Movement, p.FirstStartNs, p.AcknowledgedNs)),
        ]);
    }

    private void Report(ViolationKind kind, string what)
    {
        _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
        if (_counts[kind] <= ViolationsKeptOfAKind)
        {
            _violations.Add(new Violation(kind, what));
        }
    }
}
