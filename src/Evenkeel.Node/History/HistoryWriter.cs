using System.Diagnostics;
using System.Runtime.InteropServices;
using Evenkeel.Ledger;
using Evenkeel.Model;
using Microsoft.Win32.SafeHandles;

namespace Evenkeel.Node.History;

/// <summary>
/// The side thread that checksums sealed rows and writes them out. It never drops a row: when a
/// write fails it says so, tries again, and the applying thread waits once the ring is full.
/// </summary>
internal sealed class HistoryWriter : IDisposable
{
    private readonly Lock _lifecycle = new();
    private readonly object _gate = new();
    private readonly SegmentSet _segments;
    private readonly RowRing _ring;
    private readonly Action<ulong> _segmentFull;
    private readonly Thread _thread;
    private readonly PageBuffer _tail = new(HistoryLimits.UnitBytes);
    private readonly ulong _writeRowsMin;

    private SafeFileHandle? _file;
    private ulong _fileSegment;
    private ulong _checksummed;

    private ulong _sealed;
    private ulong _written;
    private ulong _synced;
    private ulong _flushTo;
    private ulong _failures;
    private long _waitedTicks;
    private volatile bool _isIdle;
    private volatile bool _isApplyWaiting;
    private volatile string? _blocked;
    private volatile Exception? _fault;
    private bool _isStopping;
    private bool _isDisposed;

    /// <param name="count">Rows that are on disk already.</param>
    /// <param name="tailFile">The segment that holds the last of them, unless it is full.</param>
    /// <param name="segmentFull">Called on the side thread with each segment that is full and synced.</param>
    public HistoryWriter(
        SegmentSet segments,
        RowRing ring,
        ulong count,
        SafeFileHandle? tailFile,
        Action<ulong> segmentFull
    )
    {
        _segments = segments;
        _ring = ring;
        _segmentFull = segmentFull;
        _file = tailFile;
        _fileSegment = segments.Layout.SegmentOf(count);
        _writeRowsMin = (ulong)segments.Options.WriteRowsMin;
        _sealed = _written = _checksummed = _synced = count;
        _thread = new Thread(Run) { IsBackground = true, Name = "history-writer" };
        _thread.Start();
    }

    /// <summary>Rows that a read of the files finds.</summary>
    public ulong Written => Volatile.Read(ref _written);

    /// <summary>
    /// Rows that the writer won't need from the ring again: the unit that holds the last written
    /// row is written once more when the rows after it are ready.
    /// </summary>
    public ulong Reusable => FloorToUnit(Written);

    /// <summary>Rows on stable storage.</summary>
    public ulong Synced => Volatile.Read(ref _synced);

    /// <summary>Why writes don't succeed at the moment; null when they do.</summary>
    public string? Blocked => _blocked;

    /// <summary>What ended the writer for good.</summary>
    public Exception? Fault => _fault;

    /// <summary>How long the applying thread has waited for the disk in all.</summary>
    public TimeSpan Waited => Stopwatch.GetElapsedTime(0, Volatile.Read(ref _waitedTicks));

    /// <summary>Applying thread: rows below <paramref name="count"/> are final.</summary>
    public void Offer(ulong count)
    {
        Volatile.Write(ref _sealed, count);
        if (count - Volatile.Read(ref _written) < _writeRowsMin)
        {
            return;
        }

        // The writer says it is idle and then looks again; we say and then look: one sees the other.
        Interlocked.MemoryBarrier();
        if (_isIdle)
        {
            lock (_gate)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>Applying thread: returns when the slots of the first <paramref name="count"/> rows are free.</summary>
    public void WaitUntilReusable(ulong count)
    {
        ThrowIfFaulted();
        if (Reusable >= count)
        {
            return;
        }

        var start = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            _isApplyWaiting = true;
            while (Reusable < count)
            {
                ThrowIfFaulted();
                ObjectDisposedException.ThrowIf(_isStopping, this);
                Monitor.PulseAll(_gate);
                Monitor.Wait(_gate);
            }

            _isApplyWaiting = false;
        }

        Volatile.Write(ref _waitedTicks, _waitedTicks + Stopwatch.GetTimestamp() - start);
    }

    /// <summary>Returns when the first <paramref name="count"/> rows are on stable storage.</summary>
    /// <exception cref="IOException">The disk refused; the rows are kept and tried again.</exception>
    public void FlushTo(ulong count, CancellationToken cancellationToken)
    {
        Check.That(count <= Volatile.Read(ref _sealed));
        using var onCancel = cancellationToken.Register(Pulse);
        lock (_gate)
        {
            var failures = _failures;
            while (Synced < count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                ThrowIfFaulted();
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                if (_failures != failures)
                {
                    throw new IOException($"History can't be flushed: {_blocked}");
                }

                _flushTo = Math.Max(_flushTo, count);
                Monitor.PulseAll(_gate);
                Monitor.Wait(_gate);
            }
        }
    }

    private void Run()
    {
        try
        {
            while (WaitForWork())
            {
                try
                {
                    WriteAvailable();
                    _blocked = null;
                }
                catch (IOException error) when (!WaitToRetry(error))
                {
                    return;
                }
                catch (IOException)
                {
                    // Waited; the loop tries again.
                }
            }
        }
        catch (Exception error)
        {
            _fault = error;
        }
        finally
        {
            lock (_gate)
            {
                _isDisposed = true;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private bool WaitForWork()
    {
        lock (_gate)
        {
            while (true)
            {
                _isIdle = true;
                Interlocked.MemoryBarrier();
                var ready = Volatile.Read(ref _sealed);
                if (_isStopping)
                {
                    // The last thing a clean stop does is to make everything durable.
                    _flushTo = ready;
                    _isIdle = false;
                    return _synced < ready;
                }

                if (ready - _written >= _writeRowsMin || _flushTo > _synced)
                {
                    _isIdle = false;
                    return true;
                }

                Monitor.Wait(_gate);
            }
        }
    }

    private bool WaitToRetry(IOException error)
    {
        lock (_gate)
        {
            _blocked = error.Message;
            _failures++;
            _flushTo = 0;
            Monitor.PulseAll(_gate);
            if (_isStopping)
            {
                return false;
            }

            Monitor.Wait(_gate, _segments.Options.WriteRetryMs);
            return !_isStopping;
        }
    }

    private void WriteAvailable()
    {
        ulong flushTo;
        lock (_gate)
        {
            flushTo = _flushTo;
        }

        var ready = Volatile.Read(ref _sealed);
        var isFlush = flushTo > _synced;
        var end = isFlush ? ready : FloorToUnit(ready);
        while (_written < end)
        {
            WriteSome(end);
        }

        if (isFlush && _file is not null)
        {
            SyncFile();
        }
    }

    // One write: rows of one segment that lie side by side in the ring.
    private void WriteSome(ulong limit)
    {
        var start = FloorToUnit(_written);
        var segment = _segments.Layout.SegmentOf(start);
        var file = FileOf(segment);
        var segmentEnd = _segments.Layout.FirstPosition(segment + 1);
        var end = Math.Min(limit, segmentEnd);
        end = Math.Min(end, start + _ring.ContiguousFrom(start));
        end = Math.Min(end, start + HistoryLimits.WriteRowsMax);
        SetChecksums(end);

        var whole = FloorToUnit(end);
        if (whole > start)
        {
            var rows = _ring.Slots(start, (int)(whole - start));
            Write(file, start, MemoryMarshal.AsBytes(rows));
        }

        if (end > whole)
        {
            // What follows in the ring is not final: the unit goes out with zeros behind its rows.
            _tail.Bytes.Clear();
            _ring.Slots(whole, (int)(end - whole)).CopyTo(_tail.Rows);
            Write(file, whole, _tail.Bytes);
        }

        PublishWritten(end);
        if (end == segmentEnd)
        {
            FinishFile();
        }
    }

    private void SetChecksums(ulong end)
    {
        if (end <= _checksummed)
        {
            return;
        }

        var first = _checksummed;
        var rows = _ring.Slots(first, (int)(end - first));
        for (var i = 0; i < rows.Length; i++)
        {
            Check.That(rows[i].Kind != HistoryRowKind.None);
            rows[i].Checksum = HistoryFormat.Checksum(first + (ulong)i, rows[i]);
        }

        _checksummed = end;
    }

    private void Write(SafeFileHandle file, ulong position, ReadOnlySpan<byte> bytes) =>
        _segments.Options.Files.Write(file, bytes, _segments.Layout.OffsetOf(position));

    private SafeFileHandle FileOf(ulong segment)
    {
        if (_file is not null && _fileSegment == segment)
        {
            return _file;
        }

        if (_file is not null)
        {
            FinishFile();
        }

        _file = _segments.Create(segment);
        _fileSegment = segment;
        return _file;
    }

    private void FinishFile()
    {
        SyncFile();
        _file!.Dispose();
        _file = null;
        _segmentFull(_fileSegment);
    }

    private void SyncFile()
    {
        try
        {
            _segments.Options.Files.Sync(_file!);
        }
        catch (IOException error)
        {
            // After a sync that failed nobody knows what is on the disk: go on is not an option.
            throw new HistoryFaultException($"History can't be synced: {error.Message}", error);
        }

        lock (_gate)
        {
            _synced = _written;
            Monitor.PulseAll(_gate);
        }
    }

    private void PublishWritten(ulong end)
    {
        Volatile.Write(ref _written, end);
        Interlocked.MemoryBarrier();
        if (_isApplyWaiting)
        {
            Pulse();
        }
    }

    private void Pulse()
    {
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }
    }

    private void ThrowIfFaulted()
    {
        if (_fault is { } fault)
        {
            throw new HistoryFaultException($"The history writer ended: {fault.Message}", fault);
        }
    }

    private static ulong FloorToUnit(ulong position) =>
        position - (position % HistoryLimits.UnitRows);

    /// <summary>Writes and syncs what is sealed, then stops.</summary>
    public void Dispose()
    {
        lock (_lifecycle)
        {
            lock (_gate)
            {
                _isStopping = true;
                Monitor.PulseAll(_gate);
            }

            _thread.Join();
            _file?.Dispose();
            _file = null;
            _tail.Dispose();
        }
    }
}

/// <summary>The history can't go on; the node must stop and recover by a restart.</summary>
public sealed class HistoryFaultException(string message, Exception inner)
    : Exception(message, inner);
