using Evenkeel.Ledger;
using Evenkeel.Ledger.Queries;
using Evenkeel.Model;

namespace Evenkeel.Host.LedgerExec;

/// <summary>A fresh ledger in memory with a clock that only its requests move.</summary>
/// <remarks>
/// Time T starts at 0. A request of n events moves it by 1 + n, so that event i happens at
/// T - n + i + 1. Due holds expire before a request and at the end of a tick, at most 8,190 at a
/// time, each time moving T by 1 + 8,190.
/// </remarks>
internal sealed class ExecLedger : IDisposable
{
    private readonly MemoryHistory _history = new();
    private ulong _entryIndex;

    public ExecLedger()
    {
        State = new LedgerState(new LedgerOptions(), _history);
        // As a new bank begins.
        State.Activate(StateVersions.Newest);
        Queries = new LedgerQueries(
            _history,
            new LedgerAccountReader(State),
            ScanTransferIndex.Instance
        );
    }

    public LedgerState State { get; }

    public LedgerQueries Queries { get; }

    /// <summary>Log time T, nanoseconds.</summary>
    public ulong Now { get; private set; }

    public delegate void Apply<TEvent, TResult>(
        ulong timestamp,
        ReadOnlySpan<TEvent> events,
        Span<TResult> results
    );

    public TResult[] Write<TEvent, TResult>(TEvent[] events, Apply<TEvent, TResult> apply)
    {
        Read(events.Length);
        var results = new TResult[events.Length];
        State.BeginEntry(++_entryIndex);
        apply(Now, events, results);
        State.EndEntry();
        return results;
    }

    /// <summary>Moves the clock by what a request takes that asks for nothing but an answer.</summary>
    public void Read(int events = 0)
    {
        ExpireDue();
        Now = After(1 + (ulong)events);
    }

    /// <summary>Moves the clock, then expires what is due. Returns how many holds expired.</summary>
    public int Tick(ulong nanoseconds)
    {
        Now = After(nanoseconds);
        return ExpireDue();
    }

    public void Dispose() => State.Dispose();

    private int ExpireDue()
    {
        var expired = 0;
        while (State.NextExpiry <= Now)
        {
            Now = After(1 + (ulong)Limits.ExpiriesPerEntryMax);
            State.BeginEntry(++_entryIndex);
            expired += State.ExpireHolds(Now);
            State.EndEntry();
        }

        return expired;
    }

    private ulong After(ulong nanoseconds) =>
        nanoseconds <= Limits.TimestampMax - Now
            ? Now + nanoseconds
            : throw new ExecInputException(
                $"The clock stands at {Now} and can't pass {Limits.TimestampMax}."
            );
}
