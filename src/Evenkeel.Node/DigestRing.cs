using System.Diagnostics;
using Evenkeel.Ledger;
using Evenkeel.Model;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Node;

/// <summary>A digest of the state right behind one entry.</summary>
/// <param name="Digest">Index and digests; equal on every member that applied the same log.</param>
/// <param name="TakenAt">When this member had it.</param>
/// <param name="ElapsedMs">What it cost, off the applying thread, milliseconds.</param>
public sealed record PositionDigest(NodeDigest Digest, DateTimeOffset TakenAt, long ElapsedMs);

/// <summary>
/// Takes digests at positions that the log itself determines, so that members have digests of the
/// same entries to compare: behind each entry that is the first of another
/// <see cref="NodeLimits.DigestSpanNs"/> of log time.
/// </summary>
/// <remarks>
/// The state is captured copy-on-write between two entries and hashed on another thread. Where that
/// takes long (many accounts), only every 2nd, 4th, ... span counts, so that members of different
/// speed still meet. A snapshot goes first: it ends a digest that is being taken.
/// </remarks>
internal sealed class DigestRing(NodeParts parts, TimeProvider time, ILogger logger)
{
    /// <summary>At most this part of the time goes into hashing.</summary>
    private const int SpansPerCost = 4;

    // Waited on by Monitor, which the newer kind of lock does not do.
    private readonly object _gate = new();
    private readonly Queue<PositionDigest> _ring = new();
    private bool _isHashing;
    private volatile bool _giveWay;
    private ulong _everySpans = 1;

    /// <summary>The digests of the latest positions, oldest first.</summary>
    public IReadOnlyList<PositionDigest> Latest
    {
        get
        {
            lock (_gate)
            {
                return [.. _ring];
            }
        }
    }

    /// <summary>Under the apply lock, behind an entry: takes a digest when the entry is one for it.</summary>
    /// <param name="before">Log time before the entry, nanoseconds.</param>
    /// <param name="after">The entry's timestamp.</param>
    public void Behind(ulong index, ulong before, ulong after)
    {
        ulong span = after / NodeLimits.DigestSpanNs;
        if (
            span == before / NodeLimits.DigestSpanNs
            || span % _everySpans != 0
            || !AreRecordsAt(index)
        )
        {
            return;
        }
        lock (_gate)
        {
            if (_isHashing || !parts.Ledger.CanCapture)
            {
                return;
            }
        }
        LedgerSnapshot view = parts.Ledger.CaptureSnapshot();
        UInt128 records = parts.Records?.Digest ?? 0;
        lock (_gate)
        {
            _isHashing = true;
            _giveWay = false;
        }
        _ = Task.Run(() => Hash(index, view, records));
    }

    /// <summary>
    /// False while a start replays entries that the records on disk hold already: what they say then
    /// is of a later entry, and the member would take itself for a wrong bank.
    /// </summary>
    private bool AreRecordsAt(ulong index) =>
        parts.RecordsPath is null
        || (parts.Records is { } records && records.AppliedIndex <= index);

    /// <summary>Under the apply lock: frees the ledger for a snapshot.</summary>
    public void GiveWay()
    {
        _giveWay = true;
        lock (_gate)
        {
            while (_isHashing)
            {
                Monitor.Wait(_gate);
            }
        }
    }

    private void Hash(ulong index, LedgerSnapshot view, UInt128 records)
    {
        long started = Stopwatch.GetTimestamp();
        try
        {
            using (view)
            {
                view.WriteTo(new Sink(this));
                var digest = new NodeDigest(index, view.Digest, records);
                Keep(
                    new PositionDigest(
                        digest,
                        time.GetUtcNow(),
                        (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds
                    )
                );
            }
        }
        catch (OperationCanceledException)
        {
            // A snapshot, or the end of the node; there will be another position.
        }
#pragma warning disable CA1031 // A check that fails to run must show as missing, not end the node.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            logger.DigestFailed(failure, index);
        }
        finally
        {
            lock (_gate)
            {
                _isHashing = false;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private void ThrowIfAskedToGiveWay()
    {
        if (_giveWay)
        {
            throw new OperationCanceledException("A snapshot goes first.");
        }
    }

    private void Keep(PositionDigest taken)
    {
        ulong spanMs = NodeLimits.DigestSpanNs / 1_000_000;
        ulong every = 1;
        while (every * spanMs < (ulong)taken.ElapsedMs * SpansPerCost)
        {
            every *= 2;
        }
        Volatile.Write(ref _everySpans, every);
        lock (_gate)
        {
            _ring.Enqueue(taken);
            if (_ring.Count > NodeLimits.DigestsKept)
            {
                _ring.Dequeue();
            }
        }
    }

    /// <summary>Takes everything, and ends the writing when asked to.</summary>
    private sealed class Sink(DigestRing ring) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer) => ring.ThrowIfAskedToGiveWay();

        public override void Write(byte[] buffer, int offset, int count) =>
            ring.ThrowIfAskedToGiveWay();

        public override void Flush() { }

        public override int Read(byte[] buffer, int offset, int count) =>
            throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) =>
            throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
