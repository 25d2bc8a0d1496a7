using System.Runtime.CompilerServices;
using Evenkeel.Ledger.Holds;
using Evenkeel.Ledger.Index;
using Evenkeel.Ledger.Memory;
using Evenkeel.Model;

namespace Evenkeel.Ledger;

/// <summary>
/// Accounts, transfers and holds: a pure function of the commands it was given, in order. No clock,
/// no I/O of its own, one thread. Refusals are statuses; a broken invariant throws
/// <see cref="InvariantException"/> and the state must not be used any more.
/// </summary>
/// <remarks>
/// Semantics follow the published TigerBeetle data model with the differences of ADR 0001 and 0002.
/// A caller brackets each log entry by <see cref="BeginEntry"/> and <see cref="EndEntry"/>.
/// </remarks>
public sealed unsafe partial class LedgerState : IDisposable
{
    private readonly IHistory _history;
    private readonly NativeMemoryBlocks _memory;
    private readonly NativeChunks<HotAccount> _hot;
    private readonly NativeChunks<ColdAccount> _cold;
    private readonly IdHash _hash;
    private readonly IdIndex _accountIds;
    private readonly IdIndex _transferIds;
    private readonly HoldTable _holds;
    private readonly ResolvedHolds _resolved;
    private readonly ForcedPosts _forcedPosts;

    private uint _accountCount;
    private bool _disposed;

    // Of transfers and expiries; rows never go back in time.
    private ulong _lastRowTimestamp;
    private ulong _entryIndex;

    // Debits less credits that were moved in this entry, modulo 2^64: must be zero at its end.
    private ulong _postedSkew;
    private ulong _pendingSkew;

    /// <param name="options">Memory layout.</param>
    /// <param name="history">Empty, or about to be indexed after <see cref="Restore"/>.</param>
    public LedgerState(LedgerOptions options, IHistory history)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(history);
        _history = history;
        _hash = new IdHash(options.HashSeed);
        _memory = new NativeMemoryBlocks(options.HugePages);

        // Small ledgers (tests, tools) should not pay for megabytes; large ones want huge pages.
        bool large = options.HugePages || options.InitialAccounts > 1 << 14;
        int chunk = large ? 1 << 15 : 1 << 9;
        int bucketBits = large ? 12 : 6;
        _hot = new NativeChunks<HotAccount>(_memory, chunk);
        _cold = new NativeChunks<ColdAccount>(_memory, chunk);
        _hot.EnsureCapacity((ulong)options.InitialAccounts);
        _cold.EnsureCapacity((ulong)options.InitialAccounts);
        _accountIds = new IdIndex(_memory, bucketBits);
        _transferIds = new IdIndex(_memory, bucketBits, options.InitialTransfers);
        _holds = new HoldTable(_memory, chunk, Math.Min(bucketBits, 9), _hash);
        _resolved = new ResolvedHolds(_memory, chunk);
        _forcedPosts = new ForcedPosts(_memory, chunk);
    }

    /// <summary>The rules in force; part of the state and of its digest.</summary>
    public uint StateVersion { get; private set; } = StateVersions.First;

    /// <summary>Highest log time of any event so far, nanoseconds.</summary>
    public ulong LastTimestamp { get; private set; }

    /// <summary>Earliest deadline of an open hold; <see cref="ulong.MaxValue"/> when none.</summary>
    public ulong NextExpiry => _holds.NextDeadline;

    public long AccountCount => _accountCount;

    /// <summary>Rows made so far.</summary>
    public ulong HistoryCount => _rowsBase + (ulong)_rowCount;

    /// <summary>Transfer ids that are remembered, failed ones included.</summary>
    public long IdCount => _transferIds.Count;

    public long OpenHoldCount => _holds.Count;

    /// <summary>Native memory in use, bytes.</summary>
    public long MemoryBytes => _memory.Bytes;

    /// <summary>The entry whose commands follow; its index is written into every row.</summary>
    public void BeginEntry(ulong entryIndex)
    {
        Check.That(_scopes.Count == 0);
        Check.That(_postedSkew == 0 && _pendingSkew == 0);
        Check.That(_rowsIndexed == _rowsBase, "ids are rebuilt before the first entry");
        Check.That(_history.Count == _rowsBase, "history and ledger are at the same row");
        _entryIndex = entryIndex;
        DropReleasedSnapshot();
    }

    /// <summary>Ends the entry: its debits equal its credits, and its rows become final.</summary>
    public void EndEntry()
    {
        Check.That(_scopes.Count == 0);
        Check.That(_postedSkew == 0, "posted debits equal posted credits");
        Check.That(_pendingSkew == 0, "pending debits equal pending credits");
        _history.Seal(_entryIndex);
    }

    /// <summary>Raises the rules in force; between commands. Never lowers them.</summary>
    public void Activate(uint stateVersion)
    {
        Check.That(_scopes.Count == 0 && _rows == null, "rules change between commands");
        Check.That(stateVersion >= StateVersion && stateVersion <= StateVersions.Newest);
        StateVersion = stateVersion;
    }

    public bool TryGetSlot(UInt128 id, out uint slot)
    {
        bool found = _accountIds.TryFind(_hash.Of(id), id, new AccountIds(this), out ulong value);
        slot = (uint)value;
        return found;
    }

    public bool TryGetAccount(UInt128 id, out Account account)
    {
        if (!TryGetSlot(id, out uint slot))
        {
            account = default;
            return false;
        }

        return TryGetAccountBySlot(slot, out account);
    }

    /// <summary>Slots count accounts in order of creation, from 0.</summary>
    public bool TryGetAccountBySlot(uint slot, out Account account)
    {
        if (slot >= _accountCount)
        {
            account = default;
            return false;
        }

        HotAccount* hot = _hot[slot];
        ColdAccount* cold = _cold[slot];
        account = new Account
        {
            Id = hot->Id,
            DebitsPending = hot->DebitsPending,
            DebitsPosted = hot->DebitsPosted,
            CreditsPending = hot->CreditsPending,
            CreditsPosted = hot->CreditsPosted,
            UserData128 = cold->UserData128,
            UserData64 = cold->UserData64,
            UserData32 = cold->UserData32,
            Ledger = hot->Ledger,
            Code = hot->Code,
            Flags = hot->PublicFlags,
            Timestamp = cold->Timestamp,
        };
        return true;
    }

    public bool TryGetLimits(UInt128 id, out AccountLimits limits)
    {
        if (!TryGetSlot(id, out uint slot))
        {
            limits = default;
            return false;
        }

        ColdAccount* cold = _cold[slot];
        limits = new AccountLimits
        {
            Id = id,
            Allowance = cold->Allowance,
            Version = cold->Version,
            Flags = _hot[slot]->PublicFlags,
            UpdatedTimestamp = cold->UpdatedTimestamp,
        };
        return true;
    }

    /// <summary>Position + 1 of the account's newest row; 0 when it has none.</summary>
    public ulong ChainHead(uint slot)
    {
        Check.That(slot < _accountCount);
        return _hot[slot]->ChainHead;
    }

    /// <summary>
    /// Position of the row that a transfer id made. False for unknown ids; a failed id that is
    /// remembered is found as a row of kind <see cref="HistoryRowKind.FailedId"/>.
    /// </summary>
    public bool TryGetTransferPosition(UInt128 id, out ulong position) =>
        _transferIds.TryFind(_hash.Of(id), id, new TransferIds(this), out position);

    /// <summary>State of the hold at a position; none when the row there is not a hold.</summary>
    public TransferPendingStatus GetPendingStatus(ulong position)
    {
        TransferPendingStatus resolved = _resolved[position];
        if (resolved != TransferPendingStatus.None)
        {
            return resolved;
        }

        return _holds.TryFind(position, out _)
            ? TransferPendingStatus.Pending
            : TransferPendingStatus.None;
    }

    /// <summary>
    /// Sets an account's balances without a transfer. Only for <c>ledger exec</c>, where it sets up
    /// a case; no entry of a log does this, and conservation does not hold afterwards.
    /// </summary>
    public void ForceBalances(UInt128 id, StoredBalance balance, bool? closed = null)
    {
        Check.That(TryGetSlot(id, out uint slot), "the account exists");
        Check.That(balance.DebitsPending <= ulong.MaxValue - balance.DebitsPosted);
        Check.That(balance.CreditsPending <= ulong.MaxValue - balance.CreditsPosted);
        HotAccount* hot = TouchHot(slot);
        hot->Balance = balance;
        if (closed is { } value)
        {
            hot->Flags = value
                ? hot->Flags | AccountFlags.Closed
                : hot->Flags & ~AccountFlags.Closed;
        }
    }

    /// <summary>
    /// Frees the memory. A snapshot that is still being written keeps it until it is disposed of.
    /// </summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            DropReleasedSnapshot();
            _memory.Release();
            _accountCount = 0;
        }
    }

    private readonly struct AccountIds(LedgerState ledger) : IIdSource
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool Matches(ulong position, UInt128 id) => ledger._hot[position]->Id == id;
    }

    private readonly struct TransferIds(LedgerState ledger) : IIdSource
    {
        public bool Matches(ulong position, UInt128 id) => ledger.RowId(position) == id;
    }
}
