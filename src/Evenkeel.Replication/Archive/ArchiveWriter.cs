using System.IO.Hashing;
using Evenkeel.Model;

namespace Evenkeel.Replication;

/// <summary>What an <see cref="ArchiveWriter"/> continues from.</summary>
/// <param name="OpenSegment">Path of the segment to go on with; null begins a new one.</param>
/// <param name="OpenOffset">Where to go on in it, a multiple of the block size.</param>
internal sealed record ArchiveTail(
    ulong Index,
    ulong Term,
    ChainHash Chain,
    string? OpenSegment,
    ulong OpenFirstIndex,
    long OpenOffset
)
{
    public static ArchiveTail Empty { get; } = new(0, 0, default, null, 0, 0);
}

/// <summary>A point that the archive has reached, durably when the writer says so.</summary>
internal readonly record struct ArchivePoint(ulong Index, ulong Term, ChainHash Chain);

/// <summary>
/// Appends committed entries to segments. The apply thread only copies the payload into memory; a
/// thread of its own hashes, chains and writes. Memory is bounded: when all buffers are full the
/// apply thread waits.
/// </summary>
internal sealed class ArchiveWriter : IDisposable
{
    /// <summary>Bytes gathered for one write.</summary>
    private const int BufferSize = 8 << 20;

    /// <summary>Buffers: one being filled, the others waiting or being written.</summary>
    private const int BufferCount = 4;

    /// <summary>How long to wait before trying again on a full disk.</summary>
    private static readonly TimeSpan FullDiskRetry = TimeSpan.FromMilliseconds(200);

    private readonly string directory;
    private readonly LineageId lineage;
    private readonly long segmentBytesMax;
    private readonly IFileLayer files;
    private readonly Action<Exception> onFailure;
    private readonly Lock gate = new();
    private readonly SemaphoreSlim work = new(0);
    private readonly SemaphoreSlim free = new(BufferCount - 1);
    private readonly Queue<Batch> filled = new();
    private readonly Queue<BlockBuffer> spare = new();
    private readonly List<Mark> marks = [];
    private readonly Thread thread;
    private Batch current;
    private ulong appendedIndex;
    private long appendPosition;
    private bool stopping;
    private bool crash;

    // Owned by the writer thread.
    private IBlockFile? file;
    private string filePath = "";
    private ulong fileFirstIndex;
    private ArchivePoint written;
    private bool dirty;
    private volatile Exception? failure;
    private ArchivePoint published;
    private long totalBytes;

    public ArchiveWriter(
        string directory,
        LineageId lineage,
        ArchiveTail tail,
        long segmentBytesMax,
        IFileLayer files,
        Action<Exception> onFailure
    )
    {
        Check.That(segmentBytesMax >= 4 * ArchiveFormat.BlockSize);
        Check.That(
            BufferSize >= ArchiveFormat.RecordSize(Limits.EntryBytesMax) + ArchiveFormat.BlockSize
        );
        this.directory = directory;
        this.lineage = lineage;
        this.segmentBytesMax = segmentBytesMax;
        this.files = files;
        this.onFailure = onFailure;
        written = published = new(tail.Index, tail.Term, tail.Chain);
        appendedIndex = tail.Index;
        totalBytes = Directory
            .EnumerateFiles(directory, "*" + ArchiveFormat.Extension)
            .Sum(static path => new FileInfo(path).Length);
        for (var i = 1; i < BufferCount; i++)
        {
            spare.Enqueue(new BlockBuffer(BufferSize));
        }
        current = new Batch(new BlockBuffer(BufferSize));
        if (tail.OpenSegment is { } open)
        {
            Check.That(tail.OpenOffset % ArchiveFormat.BlockSize == 0);
            file = files.OpenForWriting(open, create: false);
            filePath = open;
            fileFirstIndex = tail.OpenFirstIndex;
            appendPosition = current.Position = tail.OpenOffset;
        }
        thread = new Thread(Run) { IsBackground = true, Name = "archive" };
        thread.Start();
    }

    /// <summary>Last entry handed to the operating system, and its chain hash.</summary>
    public ArchivePoint Written
    {
        get
        {
            lock (gate)
            {
                return published;
            }
        }
    }

    /// <summary>Bytes in all segments.</summary>
    public long Bytes => Interlocked.Read(ref totalBytes);

    /// <summary>Takes the next entry; blocks while all buffers are full.</summary>
    public void Append(ulong index, ulong term, ReadOnlySpan<byte> payload)
    {
        Check.That(index == appendedIndex + 1);
        var size = ArchiveFormat.RecordSize(payload.Length);
        Check.That(payload.Length <= Limits.EntryBytesMax);
        while (!TryAppend(index, term, payload, size))
        {
            free.Wait();
            free.Release();
            ThrowIfFailed();
        }
        work.Release();
    }

    /// <summary>
    /// Completes with the point at the entry appended last, once all up to it is durable. Called
    /// between appends.
    /// </summary>
    public Task<ArchivePoint> SyncAsync()
    {
        lock (gate)
        {
            if (failure is { } failed)
            {
                return Task.FromException<ArchivePoint>(failed);
            }
            if (stopping)
            {
                return Task.FromException<ArchivePoint>(
                    new ObjectDisposedException(nameof(ArchiveWriter))
                );
            }
            AlignToBlock();
            var mark = new Mark(appendedIndex);
            if (published.Index == appendedIndex)
            {
                mark.Point = published;
            }
            marks.Add(mark);
            work.Release();
            return mark.Completion.Task;
        }
    }

    /// <summary>Writes and syncs what was appended, then closes.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            stopping = true;
        }
        work.Release();
        thread.Join();
        file?.Dispose();
        foreach (var buffer in spare)
        {
            buffer.Dispose();
        }
        current.Buffer.Dispose();
    }

    /// <summary>For tests: stops at once, as if the process had ended here.</summary>
    internal void Crash()
    {
        lock (gate)
        {
            crash = true;
        }
        Dispose();
    }

    /// <summary>False when a free buffer is needed and there is none.</summary>
    private bool TryAppend(ulong index, ulong term, ReadOnlySpan<byte> payload, int size)
    {
        lock (gate)
        {
            ThrowIfFailed();
            var seal = appendPosition > 0 && appendPosition + size > segmentBytesMax;
            if (seal || current.End + size > BufferSize)
            {
                if (!free.Wait(0))
                {
                    return false;
                }
                Swap(seal);
            }
            if (appendPosition == 0)
            {
                current.BeginsSegment = index;
                appendPosition = ArchiveFormat.BlockSize;
            }
            var record = current.Buffer.Span.Slice(current.End, size);
            // Length, index and term now; checksums and chain by the writer thread.
            new RecordHeader
            {
                Magic = RecordHeader.MagicValue,
                Length = (uint)payload.Length,
                Index = index,
                Term = term,
            }.Write(record);
            payload.CopyTo(record[RecordHeader.Size..]);
            record[(RecordHeader.Size + payload.Length)..].Clear();
            current.End += size;
            appendPosition += size;
            appendedIndex = index;
            return true;
        }
    }

    /// <summary>
    /// What follows begins in a block of its own, so that no block which was promised to be
    /// durable is ever written again: a torn rewrite would harm it.
    /// </summary>
    private void AlignToBlock()
    {
        var aligned = ArchiveFormat.RoundUpToBlock(appendPosition);
        if (aligned == appendPosition)
        {
            return;
        }
        if (current.End == current.Start)
        {
            current.Start = current.End = 0;
            current.Position = aligned;
        }
        else
        {
            var end = (int)ArchiveFormat.RoundUpToBlock(current.End);
            current.Buffer.Span[current.End..end].Clear();
            current.End = end;
        }
        appendPosition = aligned;
    }

    /// <summary>Hands the current buffer over. The caller holds the gate and a free buffer.</summary>
    private void Swap(bool seal)
    {
        current.Seal = seal;
        filled.Enqueue(current);
        BeginBatch(spare.Dequeue(), seal);
    }

    private void BeginBatch(BlockBuffer buffer, bool afterSeal)
    {
        if (afterSeal)
        {
            appendPosition = 0;
        }
        // The block in which the last write ended is written again by the next one, with what
        // follows; the writer thread copies it to the front of that buffer.
        var carry = (int)(appendPosition % ArchiveFormat.BlockSize);
        current = new Batch(buffer)
        {
            Position = appendPosition - carry,
            Start = carry,
            End = carry,
        };
    }

    private void Run()
    {
        var tail = new byte[ArchiveFormat.BlockSize];
        try
        {
            while (true)
            {
                work.Wait();
                while (work.CurrentCount > 0 && work.Wait(0)) { }
                while (TakeBatch() is { } batch)
                {
                    tail.AsSpan(0, batch.Start).CopyTo(batch.Buffer.Span);
                    WriteBatch(batch);
                    var rest = batch.End % ArchiveFormat.BlockSize;
                    batch.Buffer.Span.Slice(batch.End - rest, rest).CopyTo(tail);
                    lock (gate)
                    {
                        spare.Enqueue(batch.Buffer);
                    }
                    free.Release();
                }
                CompleteMarks();
                lock (gate)
                {
                    if (crash || (stopping && filled.Count == 0 && current.End == current.Start))
                    {
                        break;
                    }
                }
            }
            if (!crash && dirty)
            {
                WithRetry(() => file!.Flush());
            }
        }
#pragma warning disable CA1031 // Whatever stops the archive stops the node.
        catch (Exception stopped)
#pragma warning restore CA1031
        {
            Fail(stopped);
        }
    }

    /// <summary>The oldest filled buffer, or what the current one holds so far.</summary>
    private Batch? TakeBatch()
    {
        lock (gate)
        {
            if (crash)
            {
                return null;
            }
            if (filled.TryDequeue(out var batch))
            {
                return batch;
            }
            if (current.End == current.Start || spare.Count == 0)
            {
                return null;
            }
            // One permit belongs to each spare buffer; taking one here must not wait.
            if (!free.Wait(0))
            {
                return null;
            }
            batch = current;
            BeginBatch(spare.Dequeue(), afterSeal: false);
            return batch;
        }
    }

    private void WriteBatch(Batch batch)
    {
        if (batch.BeginsSegment > 0)
        {
            OpenSegment(batch.BeginsSegment);
            batch.Position = ArchiveFormat.BlockSize;
        }
        Finish(batch);
        var blocks = (int)ArchiveFormat.RoundUpToBlock(batch.End);
        if (blocks > 0)
        {
            batch.Buffer.Span[batch.End..blocks].Clear();
            WithRetry(() => file!.Write(batch.Buffer.Span[..blocks], batch.Position));
            dirty = true;
            Interlocked.Add(ref totalBytes, batch.End - batch.Start);
        }
        if (batch.Seal)
        {
            Seal(batch.Position + blocks);
        }
        lock (gate)
        {
            published = written;
            foreach (var mark in marks.Where(mark => mark.Index == written.Index))
            {
                mark.Point = written;
            }
        }
    }

    /// <summary>Fills in checksums and chain of each record.</summary>
    private void Finish(Batch batch)
    {
        Mark[] within;
        lock (gate)
        {
            within = [.. marks];
        }
        var span = batch.Buffer.Span;
        for (var at = batch.Start; at < batch.End; )
        {
            if (ArchiveFormat.IsZero(span.Slice(at, sizeof(uint))))
            {
                at = (int)ArchiveFormat.RoundUpToBlock(at);
                continue;
            }
            var header = RecordHeader.Read(span[at..]);
            Check.That(header.IsValid && header.Index == written.Index + 1);
            var payload = span.Slice(at + RecordHeader.Size, (int)header.Length);
            header.PayloadChecksum = XxHash3.HashToUInt64(payload);
            header.Chain = written.Chain.Next(header.Index, header.Term, payload);
            header.Write(span[at..]);
            written = new(header.Index, header.Term, header.Chain);
            foreach (var mark in within)
            {
                if (mark.Index == written.Index)
                {
                    mark.Point = written;
                }
            }
            at += ArchiveFormat.RecordSize(payload.Length);
        }
    }

    private void OpenSegment(ulong firstIndex)
    {
        filePath = Path.Combine(directory, ArchiveFormat.FileName(firstIndex));
        fileFirstIndex = firstIndex;
        file?.Dispose();
        using var block = new BlockBuffer(ArchiveFormat.BlockSize);
        new SegmentHeader
        {
            Magic = SegmentHeader.MagicValue,
            FirstIndex = firstIndex,
            Lineage = lineage.Value,
            PreviousChain = written.Chain,
        }.Write(block.Span);
        WithRetry(() =>
        {
            file = files.OpenForWriting(filePath, create: true);
            file.Write(block.Span, 0);
            files.FlushDirectory(directory);
        });
        Interlocked.Add(ref totalBytes, ArchiveFormat.BlockSize);
    }

    private void Seal(long offset)
    {
        using var block = new BlockBuffer(ArchiveFormat.BlockSize);
        new SegmentFooter
        {
            Magic = SegmentFooter.MagicValue,
            FirstIndex = fileFirstIndex,
            LastIndex = written.Index,
            Offset = (ulong)offset,
            LastChain = written.Chain,
            LastTerm = written.Term,
        }.Write(block.Span);
        WithRetry(() =>
        {
            file!.Write(block.Span, offset);
            file.Flush();
        });
        file!.Dispose();
        file = null;
        dirty = false;
        Interlocked.Add(ref totalBytes, ArchiveFormat.BlockSize);
    }

    private void CompleteMarks()
    {
        List<Mark>? reached = null;
        lock (gate)
        {
            if (marks.Count == 0 || crash)
            {
                return;
            }
            reached = marks.FindAll(mark => mark.Index <= written.Index);
            marks.RemoveAll(mark => mark.Index <= written.Index);
        }
        if (reached.Count > 0 && dirty)
        {
            WithRetry(() => file!.Flush());
            dirty = false;
        }
        foreach (var mark in reached)
        {
            Check.That(mark.Point.Index == mark.Index);
            mark.Completion.TrySetResult(mark.Point);
        }
    }

    /// <summary>A full disk is waited out: the entries are committed and must be archived.</summary>
    private void WithRetry(Action action)
    {
        while (true)
        {
            try
            {
                action();
                return;
            }
            catch (IOException full) when (IsDiskFull(full))
            {
                lock (gate)
                {
                    if (stopping)
                    {
                        throw;
                    }
                }
                Thread.Sleep(FullDiskRetry);
            }
        }
    }

    private static bool IsDiskFull(IOException exception) =>
        (exception.HResult & 0xFFFF) is 28 or 112 // ENOSPC, ERROR_DISK_FULL
        || exception.Message.Contains("No space left", StringComparison.Ordinal);

    private void Fail(Exception exception)
    {
        failure = exception;
        lock (gate)
        {
            foreach (var mark in marks)
            {
                mark.Completion.TrySetException(exception);
            }
            marks.Clear();
        }
        // Wakes an apply thread that waits for a buffer.
        free.Release(BufferCount);
        onFailure(exception);
    }

    private void ThrowIfFailed()
    {
        if (failure is { } exception)
        {
            throw new IOException($"The archive can't be written: {exception.Message}", exception);
        }
    }

    private sealed class Mark(ulong index)
    {
        public ulong Index { get; } = index;

        /// <summary>The point at <see cref="Index"/> itself, though the writer may be further.</summary>
        public ArchivePoint Point { get; set; }

        public TaskCompletionSource<ArchivePoint> Completion { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Batch(BlockBuffer buffer)
    {
        public BlockBuffer Buffer { get; } = buffer;

        /// <summary>File offset of the buffer's first byte.</summary>
        public long Position { get; set; }

        /// <summary>Records begin here; before it the tail of the block written last.</summary>
        public int Start { get; set; }

        public int End { get; set; }

        /// <summary>First entry of a new segment; 0 when the batch goes on with the open one.</summary>
        public ulong BeginsSegment { get; set; }

        public bool Seal { get; set; }
    }
}
