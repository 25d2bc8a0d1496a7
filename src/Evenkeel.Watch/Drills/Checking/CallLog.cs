using System.Collections.Concurrent;
using System.Diagnostics;
using Evenkeel.Model;

namespace Evenkeel.Watch.Drills.Checking;

/// <summary>How one try of a call ended, as its caller saw it.</summary>
public enum CallOutcome
{
    /// <summary>Acknowledged; each event has a status.</summary>
    Done,

    /// <summary>The answer promised that nothing happened.</summary>
    NotDone,

    /// <summary>No answer, or one that leaves it open.</summary>
    Unknown,
}

/// <summary>What one transfer of a load does.</summary>
public readonly record struct Movement(UInt128 Id, UInt128 Debit, UInt128 Credit, ulong Amount);

/// <summary>One try of a batch of transfers. Times are of one monotonic clock, nanoseconds.</summary>
/// <param name="By">The caller; a caller makes one call at a time.</param>
/// <param name="Movements">The same object for each try of the same batch.</param>
/// <param name="Answers">One for each movement when <see cref="CallOutcome.Done"/>, else empty.</param>
public sealed record WriteCall(
    string By,
    long StartNs,
    long EndNs,
    IReadOnlyList<Movement> Movements,
    CallOutcome Outcome,
    IReadOnlyList<CreateTransferResult> Answers,
    string Detail
);

/// <summary>The totals of one account as read: posted and held together.</summary>
public readonly record struct SeenAccount(UInt128 Id, UInt128 Debits, UInt128 Credits);

/// <summary>One read that was answered.</summary>
public sealed record ReadCall(
    string By,
    long StartNs,
    long EndNs,
    IReadOnlyList<SeenAccount> Accounts
);

/// <summary>Every call of every client, in memory. Thread-safe.</summary>
public sealed class CallLog
{
    private readonly ConcurrentQueue<WriteCall> _writes = new();
    private readonly ConcurrentQueue<ReadCall> _reads = new();
    private long _acknowledged;
    private long _refusals;

    public IReadOnlyCollection<WriteCall> Writes => _writes;

    public IReadOnlyCollection<ReadCall> Reads => _reads;

    /// <summary>Events acknowledged so far.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>Tries so far whose answer promised that nothing happened.</summary>
    public long Refusals => Interlocked.Read(ref _refusals);

    public void Add(WriteCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        _writes.Enqueue(call);
        if (call.Outcome == CallOutcome.Done)
        {
            Interlocked.Add(ref _acknowledged, call.Movements.Count);
        }
        else if (call.Outcome == CallOutcome.NotDone)
        {
            Interlocked.Increment(ref _refusals);
        }
    }

    public void Add(ReadCall call) => _reads.Enqueue(call);

    /// <summary>Now on the clock of all calls, nanoseconds.</summary>
    public static long NowNs() =>
        (long)(Stopwatch.GetTimestamp() * (1_000_000_000.0 / Stopwatch.Frequency));
}
