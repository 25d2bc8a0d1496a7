using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Evenkeel.Model;

namespace Evenkeel.Ledger;

/// <content>
/// Applying is bound by memory latency, so ids are hashed and cache lines requested a few events
/// before they are needed. Hints only: where a hint is wrong, the rules look up again.
/// </content>
public sealed unsafe partial class LedgerState
{
    // Measured: 8 to 16 events hide most of the latency, more evict each other.
    private const int BucketsAhead = 16;
    private const int LinesAhead = 8;

    private Ahead[] _ahead = GC.AllocateArray<Ahead>(64, pinned: true);
    private Transfer* _events;
    private int _eventCount;

    private void BeginLookahead(Transfer* events, int count)
    {
        if (_ahead.Length < count)
        {
            _ahead = GC.AllocateArray<Ahead>(Math.Max(count, Limits.BatchEventsMax), pinned: true);
        }

        _events = events;
        _eventCount = count;
        for (int i = 0; i < Math.Min(count, BucketsAhead); i++)
        {
            RequestBuckets(i);
        }

        for (int i = 0; i < Math.Min(count, LinesAhead); i++)
        {
            RequestLines(i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Lookahead(int index)
    {
        if (index + BucketsAhead < _eventCount)
        {
            RequestBuckets(index + BucketsAhead);
        }

        if (index + LinesAhead < _eventCount)
        {
            RequestLines(index + LinesAhead);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void RequestBuckets(int index)
    {
        Transfer* t = _events + index;
        ref Ahead ahead = ref _ahead[index];
        ahead.Id = _hash.Of(t->Id);
        ahead.Debit = _hash.Of(t->DebitAccountId);
        ahead.Credit = _hash.Of(t->CreditAccountId);
        _transferIds.Prefetch(ahead.Id);
        _accountIds.Prefetch(ahead.Debit);
        _accountIds.Prefetch(ahead.Credit);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void RequestLines(int index)
    {
        ref Ahead ahead = ref _ahead[index];
        ahead.DebitSlot = RequestLine(ahead.Debit);
        ahead.CreditSlot = RequestLine(ahead.Credit);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long RequestLine(ulong hash)
    {
        long slot = _accountIds.Guess(hash);
        if (slot >= 0 && Sse.IsSupported)
        {
            Sse.Prefetch0(_hot[(ulong)slot]);
        }

        return slot;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryFindSlot(UInt128 id, ulong hash, long guess, out uint slot)
    {
        if (guess >= 0 && _hot[(ulong)guess]->Id == id)
        {
            slot = (uint)guess;
            return true;
        }

        bool found = _accountIds.TryFind(hash, id, new AccountIds(this), out ulong value);
        slot = (uint)value;
        return found;
    }

    /// <summary>Of one event: its hashes, and the slots its accounts seem to have; -1 = unknown.</summary>
    private struct Ahead
    {
        public ulong Id;
        public ulong Debit;
        public ulong Credit;
        public long DebitSlot;
        public long CreditSlot;
    }
}
