using Evenkeel.Model;

namespace Evenkeel.Replication;

/// <summary>
/// What an <see cref="InMemoryLog"/> remembers. Handing the same store to a new log with a fresh
/// state machine is a restart: the snapshot is restored, later entries are replayed.
/// </summary>
public sealed class InMemoryStore
{
    internal List<byte[]> Entries { get; } = [];

    internal MemorySnapshot? Snapshot { get; set; }

    internal ChainHash Chain { get; set; }

    /// <summary>Entries in the store, all committed.</summary>
    public int Count => Entries.Count;

    /// <summary>Payload of the entry at this index, from 1.</summary>
    public ReadOnlyMemory<byte> this[ulong index] => Entries[checked((int)index) - 1];
}

/// <summary>
/// A log of one member without disk or network: commits at once, applies on the caller's thread.
/// For tests and simulation; deterministic when its callers are.
/// </summary>
public sealed class InMemoryLog : IReplicatedLog
{
    private readonly Lock gate = new();
    private readonly IStateMachine machine;
    private readonly InMemoryStore store;
    private readonly TaskCompletionSource<Exception> faulted;
    private bool started;
    private bool stopped;

    public InMemoryLog(IStateMachine machine, InMemoryStore? store = null)
    {
        ArgumentNullException.ThrowIfNull(machine);
        this.machine = machine;
        this.store = store ?? new InMemoryStore();
        faulted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Faulted = faulted.Task;
    }

    public bool IsLeader => started && !stopped && !faulted.Task.IsCompleted;

    public ulong Term => 1;

    public Task<Exception> Faulted { get; }

    public ReplicationStatus Status
    {
        get
        {
            lock (gate)
            {
                return new ReplicationStatus
                {
                    CommitIndex = (ulong)store.Entries.Count,
                    AppliedIndex = machine.AppliedIndex,
                    SnapshotIndex = store.Snapshot?.Index ?? 0,
                    ArchiveIndex = (ulong)store.Entries.Count,
                    ChainHash = store.Chain.ToString(),
                    Lineage = new string('0', 32),
                    LogBytes = store.Entries.Sum(static entry => (long)entry.Length),
                    ArchiveBytes = 0,
                };
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            Check.That(!started);
            if (store.Snapshot is { } snapshot)
            {
                machine.Restore(snapshot);
                Check.That(machine.AppliedIndex == snapshot.Index);
            }
            while (machine.AppliedIndex < (ulong)store.Entries.Count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Apply(machine.AppliedIndex + 1, context: null);
            }
            started = true;
        }
        return Task.CompletedTask;
    }

    public ValueTask<Leadership> WaitForLeadershipAsync(CancellationToken cancellationToken)
    {
        Check.That(started);
        return ValueTask.FromResult(new Leadership(Term, CancellationToken.None));
    }

    /// <summary>Proposes in the term of now.</summary>
    public ValueTask<ProposalOutcome> ProposeAsync(
        ReadOnlyMemory<byte> payload,
        object? context,
        CancellationToken cancellationToken
    ) => ProposeAsync(payload, context, Term, cancellationToken);

    public ValueTask<ProposalOutcome> ProposeAsync(
        ReadOnlyMemory<byte> payload,
        object? context,
        ulong term,
        CancellationToken cancellationToken
    )
    {
        lock (gate)
        {
            if (!IsLeader || term != Term || cancellationToken.IsCancellationRequested)
            {
                return ValueTask.FromResult(ProposalOutcome.Refused);
            }
            store.Entries.Add(payload.ToArray());
            var index = (ulong)store.Entries.Count;
            store.Chain = store.Chain.Next(index, Term, payload.Span);
            try
            {
                Apply(index, context);
            }
#pragma warning disable CA1031 // Whatever apply throws stops the node, as the seam promises.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                faulted.TrySetResult(failure);
                return ValueTask.FromResult(ProposalOutcome.Unknown);
            }
            return ValueTask.FromResult(ProposalOutcome.Committed);
        }
    }

    public ValueTask ReadBarrierAsync(CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;

    public Task<ulong> SnapshotAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            using var view = machine.CaptureSnapshot();
            store.Snapshot = MemorySnapshot.Take(machine.AppliedIndex, view);
            return Task.FromResult(store.Snapshot.Index);
        }
    }

    public ValueTask DisposeAsync()
    {
        // Behind an entry that is being applied: whoever disposes frees the state next.
        lock (gate)
        {
            stopped = true;
        }
        return ValueTask.CompletedTask;
    }

    private void Apply(ulong index, object? context)
    {
        machine.Apply(new CommittedEntry(index, Term, store[index].Span), context);
        Check.That(machine.AppliedIndex == index);
    }
}

/// <summary>A snapshot whose pieces live in memory.</summary>
internal sealed class MemorySnapshot : ISnapshotReader
{
    private readonly Dictionary<string, byte[]> pieces = new(StringComparer.Ordinal);

    public required ulong Index { get; init; }

    public required UInt128 StateDigest { get; init; }

    public required IReadOnlyList<string> PieceNames { get; init; }

    public Stream OpenPiece(string name) => new MemoryStream(pieces[name], writable: false);

    public static MemorySnapshot Take(ulong index, ISnapshotView view)
    {
        var snapshot = new MemorySnapshot
        {
            Index = index,
            StateDigest = view.StateDigest,
            PieceNames = [.. view.PieceNames],
        };
        foreach (var name in snapshot.PieceNames)
        {
            using var stream = new MemoryStream();
            view.WritePiece(name, stream);
            snapshot.pieces.Add(name, stream.ToArray());
        }
        return snapshot;
    }
}
