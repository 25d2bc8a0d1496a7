using System.Buffers;
using System.Diagnostics;
using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;
using Evenkeel.Model;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Replication;

/// <summary>
/// Stands between the engine and the state machine: archives each committed entry, applies it, and
/// takes snapshots in the background.
/// </summary>
internal sealed class ReplicaState(
    RaftLogOptions options,
    IStateMachine machine,
    ArchiveWriter archive,
    SnapshotStore store,
    RecoveredState recovered,
    IReadOnlyList<string> members,
    FileHashes hashes,
    ILogger logger,
    Action<Exception> onFailure
) : DotNext.Net.Cluster.Consensus.Raft.StateMachine.IStateMachine
{
    private readonly Lock gate = new();
    private readonly LineageId lineage = recovered.Lineage.Id;
    private volatile SnapshotReference? engineSnapshot =
        recovered.EngineSnapshot.Index == 0
            ? null
            : new(recovered.Lineage.Id, recovered.EngineSnapshot);
    private readonly LogTrail trail = new(
        options.Members.Count > 1 ? options.TrailBytes : 0,
        () => archive.Written
    );
    private Task<ulong>? running;
    private ulong snapshotIndex = recovered.Snapshot.Index;
    private long bytesSinceCapture = recovered.SnapshotSoon ? options.SnapshotEveryBytes : 0;
    private long entriesSinceCapture;
    private long backlogBytes;
    private ulong fromEngine;
    private byte[] joined = [];
    private bool stopped;

    /// <summary>Last index applied.</summary>
    public ulong AppliedIndex { get; private set; } = recovered.Archive.Index;

    public ulong SnapshotIndex => Volatile.Read(ref snapshotIndex);

    /// <summary>Entries that came from the engine's log so far.</summary>
    public ulong FromEngine => Volatile.Read(ref fromEngine);

    /// <summary>Bytes of entries that no finished snapshot covers.</summary>
    public long BacklogBytes => Interlocked.Read(ref backlogBytes);

    ISnapshot? ISnapshotManager.Snapshot => engineSnapshot;

    ValueTask ISnapshotManager.ReclaimGarbageAsync(long watermark, CancellationToken token) =>
        ValueTask.CompletedTask;

    public ValueTask<long> ApplyAsync(LogEntry entry, CancellationToken token)
    {
        try
        {
            if (entry.IsSnapshot)
            {
                return ReceiveSnapshotAsync(entry, token);
            }
            Apply((ulong)entry.Index, (ulong)entry.Term, Payload(entry), entry.Context);
            return new(entry.Index);
        }
        catch (Exception failure)
        {
            onFailure(failure);
            throw;
        }
    }

    /// <summary>Takes a snapshot at or after the entry applied last; returns when it is durable.</summary>
    public async Task<ulong> SnapshotAsync(CancellationToken cancellationToken)
    {
        ulong wanted;
        lock (gate)
        {
            wanted = AppliedIndex;
        }
        while (true)
        {
            Task<ulong> attempt;
            lock (gate)
            {
                if (snapshotIndex >= wanted && wanted > 0)
                {
                    return snapshotIndex;
                }
                ObjectDisposedException.ThrowIf(stopped, this);
                attempt = running ?? BeginSnapshotAsync();
            }
            var taken = await attempt.WaitAsync(cancellationToken);
            if (taken >= wanted)
            {
                return taken;
            }
        }
    }

    /// <summary>Lets a snapshot that is being written finish; none begins any more.</summary>
    public async Task StopAsync()
    {
        Task<ulong>? last;
        lock (gate)
        {
            stopped = true;
            last = running;
        }
        if (last is not null)
        {
            await ((Task)last).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Apply(ulong index, ulong term, ReadOnlySpan<byte> payload, object? context)
    {
        lock (gate)
        {
            if (index <= AppliedIndex)
            {
                // Restart: the archive already gave it. The engine keeps its copy until a snapshot.
                backlogBytes += payload.Length;
                return;
            }
            Check.That(index == AppliedIndex + 1);
            archive.Append(index, term, payload);
            // The engine keeps the context of an entry that was overwritten at the same index.
            var own = context is Proposal proposal && proposal.Term == term ? proposal : null;
            machine.Apply(new(index, term, payload), own?.Context);
            Check.That(machine.AppliedIndex == index);
            own?.MarkApplied();
            AppliedIndex = index;
            fromEngine++;
            bytesSinceCapture += payload.Length + ArchiveFormat.RecordSize(0);
            backlogBytes += payload.Length + ArchiveFormat.RecordSize(0);
            entriesSinceCapture++;
            trail.Applied(payload.Length);
            Release();
            if (
                running is null
                && !stopped
                && (
                    bytesSinceCapture >= options.SnapshotEveryBytes
                    || entriesSinceCapture >= options.SnapshotEveryEntries
                )
            )
            {
                _ = BeginSnapshotAsync();
            }
        }
    }

    /// <summary>Lets the engine forget what a snapshot covers and nobody asks for any more.</summary>
    private void Release()
    {
        var point = trail.Release();
        if (point.Index > 0 && point.Index != (engineSnapshot?.Point.Index ?? 0))
        {
            engineSnapshot = new(lineage, point);
        }
    }

    private ReadOnlySpan<byte> Payload(in LogEntry entry)
    {
        Check.That(entry.TryGetPayload(out var sequence));
        if (sequence.IsSingleSegment)
        {
            return sequence.FirstSpan;
        }
        // The entry lies across two files of the engine.
        var length = checked((int)sequence.Length);
        if (joined.Length < length)
        {
            joined = new byte[length];
        }
        sequence.CopyTo(joined);
        return joined.AsSpan(0, length);
    }

    /// <summary>The caller holds the gate, so that no entry is applied meanwhile.</summary>
    private Task<ulong> BeginSnapshotAsync()
    {
        var view = machine.CaptureSnapshot();
        var point = archive.SyncAsync();
        var covered = backlogBytes;
        bytesSinceCapture = 0;
        entriesSinceCapture = 0;
        running = Task.Run(() => WriteSnapshotAsync(view, point, covered));
        return running;
    }

    private async Task<ulong> WriteSnapshotAsync(
        ISnapshotView view,
        Task<ArchivePoint> archived,
        long covered
    )
    {
        var started = Stopwatch.GetTimestamp();
        var at = 0UL;
        try
        {
            using (view)
            {
                // First the archive, then the snapshot, then the engine may forget.
                var point = await archived;
                at = point.Index;
                if (at > 0)
                {
                    IReadOnlyList<SharedFile> shared = [];
                    store.Write(view, point, members, () => shared = SharedFiles(view));
                    store.RemoveOld();
                    if (options.HasPeers)
                    {
                        // Somebody may have to be seeded: have the hashes ready by then.
                        hashes.ComputeLater(shared);
                    }
                }
                lock (gate)
                {
                    Volatile.Write(ref snapshotIndex, at);
                    backlogBytes -= covered;
                    trail.Covered(point);
                    Release();
                    running = null;
                }
            }
            logger.SnapshotFinished(at, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            return at;
        }
        catch (Exception failed)
        {
            lock (gate)
            {
                running = null;
                // Try again soon, but not at every entry.
                bytesSinceCapture = Math.Max(bytesSinceCapture, options.SnapshotEveryBytes / 2);
            }
            logger.SnapshotFailed(failed, at);
            throw;
        }
    }

    /// <summary>What the snapshot names instead of copying it: sealed segments and files of the state.</summary>
    private IReadOnlyList<SharedFile> SharedFiles(ISnapshotView view)
    {
        var archived = Path.Combine(options.Directory, "archive");
        var segments = SegmentFile.List(archived);
        // All but the newest are sealed.
        return
        [
            .. segments
                .SkipLast(1)
                .Select(segment => new FileInfo(segment.Path))
                .Select(file => new SharedFile("archive/" + file.Name, file.Length))
                .Concat(view.Files)
                .Select(file => file with { Sha256 = hashes.Find(file.Path, file.Length) }),
        ];
    }

    private async ValueTask<long> ReceiveSnapshotAsync(LogEntry entry, CancellationToken token)
    {
        var bytes = await ReadAsync(entry, token);
        var reference = SnapshotReference.TryDecode(bytes);
        if (options.Guards.CheckSnapshots && reference is null)
        {
            throw new InvalidDataException(
                $"The snapshot for entry {entry.Index} arrived damaged or cut short "
                    + $"({bytes.Length} of {SnapshotReference.Size} bytes); nothing was touched."
            );
        }
        var required = new ReseedRequiredException(
            $"Entries {AppliedIndex + 1} to {entry.Index} are no longer in the leader's log: "
                + "seed this member with a snapshot and archive of another."
        );
        MemberStart.MarkReseed(options.Directory, required.Message);
        onFailure(required);
        throw required;
    }

    private static async Task<byte[]> ReadAsync(LogEntry entry, CancellationToken token)
    {
        var writer = new ArrayBufferWriter<byte>();
        await DataTransferObject.WriteToAsync(entry, writer, token);
        return writer.WrittenSpan.ToArray();
    }
}
