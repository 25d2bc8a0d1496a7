using DotNext.IO.Log;
using DotNext.Net.Cluster;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;

namespace Evenkeel.Replication;

/// <summary>
/// The engine's write-ahead log with the guards it needs (ADR 0005): entries are durable before an
/// append returns, one caller at a time waits for a flush, what a peer is handed at once is capped,
/// and every entry reaches the state machine, so that it sees no gaps.
/// </summary>
internal sealed class DurableLog(
    WriteAheadLog.Options options,
    DotNext.Net.Cluster.Consensus.Raft.StateMachine.IStateMachine machine,
    GuardSwitches guards,
    int readPageBytesMax
) : WriteAheadLog(options, machine), IPersistentState, IAuditTrail<IRaftLogEntry>
{
    /// <summary>
    /// Marks entries of ours. The engine hands entries without payload and mark to nobody.
    /// </summary>
    public const int EntryMark = 1;

    // The engine wakes only one of those who wait for a flush.
    private readonly SemaphoreSlim flushGate = new(1);

    /// <summary>The engine's own, which is private: one call of ours comes before it.</summary>
    private static readonly Func<
        WriteAheadLog,
        ClusterMemberId,
        CancellationToken,
        ValueTask<long>
    > EngineIncrementTerm = FindIncrementTerm();

    private long ownTerm;

    /// <summary>Throws when this member must not stand for election. Asked before each candidacy.</summary>
    public Func<CancellationToken, ValueTask>? MayStand { get; set; }

    /// <summary>
    /// The term that this member was elected in last: while it leads, the one that it leads in. The
    /// log's term may be a later one of somebody else by then.
    /// </summary>
    public ulong OwnTerm => (ulong)Interlocked.Read(ref ownTerm);

    /// <summary>Without an election: a member that has no others leads in the term as stored.</summary>
    public void LeadInStoredTerm() =>
        Interlocked.Exchange(ref ownTerm, ((IPersistentState)this).Term);

    async ValueTask<long> IPersistentState.IncrementTermAsync(
        ClusterMemberId member,
        CancellationToken token
    )
    {
        // A candidate votes for itself here, durably, before it asks anybody.
        if (MayStand is { } mayStand)
        {
            await mayStand(token);
        }
        return await EngineIncrementTerm(this, member, token);
    }

    private static Func<
        WriteAheadLog,
        ClusterMemberId,
        CancellationToken,
        ValueTask<long>
    > FindIncrementTerm()
    {
        var map = typeof(WriteAheadLog).GetInterfaceMap(typeof(IPersistentState));
        var at = Array.FindIndex(
            map.InterfaceMethods,
            static m =>
                string.Equals(
                    m.Name,
                    nameof(IPersistentState.IncrementTermAsync),
                    StringComparison.Ordinal
                )
        );
        return map.TargetMethods[at]
            .CreateDelegate<
                Func<WriteAheadLog, ClusterMemberId, CancellationToken, ValueTask<long>>
            >();
    }

    async ValueTask<long> IAuditTrail<IRaftLogEntry>.AppendAsync<TEntry>(
        TEntry entry,
        CancellationToken token
    )
    {
        // The leader's own entries are flushed before they are committed, by the engine itself.
        if (entry is EmptyLogEntry empty)
        {
            // The first entry of whoever was just elected.
            Interlocked.Exchange(ref ownTerm, empty.Term);
            return await AppendAsync(
                new BinaryLogEntry
                {
                    Term = empty.Term,
                    Content = default,
                    CommandId = EntryMark,
                },
                token
            );
        }
        if (entry.Term != Interlocked.Read(ref ownTerm))
        {
            throw new OtherTermException();
        }
        return await AppendAsync(entry, token);
    }

    async ValueTask IAuditTrail<IRaftLogEntry>.AppendAsync<TEntry>(
        TEntry entry,
        long startIndex,
        CancellationToken token
    )
    {
        await AppendAsync(entry, startIndex, token);
        await FlushAppendedAsync(token);
    }

    async ValueTask IAuditTrail<IRaftLogEntry>.AppendAsync<TEntry>(
        ILogEntryProducer<TEntry> entries,
        long startIndex,
        bool skipCommitted,
        CancellationToken token
    )
    {
        // A follower answers the leader when this returns, and the leader counts the answer.
        var some = entries.RemainingCount > 0;
        await AppendAsync(entries, startIndex, skipCommitted, token);
        if (some)
        {
            await FlushAppendedAsync(token);
        }
    }

    async ValueTask<long> IAuditTrail.CommitAsync(long endIndex, CancellationToken token)
    {
        if (!guards.SerialFlush)
        {
            return await CommitAsync(endIndex, token);
        }
        await flushGate.WaitAsync(token);
        try
        {
            return await CommitAsync(endIndex, token);
        }
        finally
        {
            flushGate.Release();
        }
    }

    ValueTask<TResult> IAuditTrail<IRaftLogEntry>.ReadAsync<TResult>(
        ILogEntryConsumer<IRaftLogEntry, TResult> reader,
        long startIndex,
        long endIndex,
        CancellationToken token
    ) =>
        guards.CapReads && !reader.LogEntryMetadataOnly && startIndex < endIndex
            ? ReadPageAsync(reader, startIndex, endIndex, token)
            : ReadAsync(reader, startIndex, endIndex, token);

    /// <summary>Returns when everything appended so far is durable. Any number may wait.</summary>
    public async Task FlushAllAsync(CancellationToken token)
    {
        if (!guards.SerialFlush)
        {
            await FlushAsync(token);
            return;
        }
        await flushGate.WaitAsync(token);
        try
        {
            await FlushAsync(token);
        }
        finally
        {
            flushGate.Release();
        }
    }

    private Task FlushAppendedAsync(CancellationToken token) =>
        guards.FlushAppends ? FlushAllAsync(token) : Task.CompletedTask;

    private async ValueTask<TResult> ReadPageAsync<TResult>(
        ILogEntryConsumer<IRaftLogEntry, TResult> reader,
        long startIndex,
        long endIndex,
        CancellationToken token
    )
    {
        // One request must fit the request timeout, however far behind the peer is.
        var pageEnd = await ReadAsync(
            new PageEndFinder(startIndex, readPageBytesMax),
            startIndex,
            Math.Min(endIndex, startIndex + PageEndFinder.EntriesMax),
            token
        );
        return await ReadAsync(reader, startIndex, Math.Min(endIndex, pageEnd), token);
    }

    /// <summary>Finds the last entry that still fits a page; at least the first one does.</summary>
    private sealed class PageEndFinder(long startIndex, int bytesMax)
        : ILogEntryConsumer<IRaftLogEntry, long>
    {
        /// <summary>Entries in one page at most.</summary>
        public const int EntriesMax = 4096;

        public bool LogEntryMetadataOnly => true;

        public ValueTask<long> ReadAsync<TEntry, TList>(
            TList entries,
            long? snapshotIndex,
            CancellationToken token
        )
            where TEntry : IRaftLogEntry
            where TList : IReadOnlyList<TEntry>
        {
            if (snapshotIndex is not null)
            {
                return new(long.MaxValue);
            }
            var bytes = 0L;
            for (var i = 0; i < entries.Count; i++)
            {
                bytes += entries[i].Length ?? 0;
                if (bytes > bytesMax && i > 0)
                {
                    return new(startIndex + i - 1);
                }
            }
            return new(startIndex + entries.Count - 1);
        }
    }
}
