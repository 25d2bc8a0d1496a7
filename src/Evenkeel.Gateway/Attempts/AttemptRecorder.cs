using System.Buffers;
using Evenkeel.Model;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Gateway.Attempts;

/// <summary>
/// Writes attempts on one thread: while one group is flushed the next one gathers, so that many
/// payments share a flush and none waits for another's. A disk that fails stops no payment: what is
/// missing is counted and written down as soon as the disk works again.
/// </summary>
internal sealed class AttemptRecorder : IAsyncDisposable
{
    private readonly AttemptOptions _options;
    private readonly IAttemptFiles _files;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SegmentWriter _segments;
    private readonly object _gate = new();
    private readonly Thread _writer;
    private readonly ArrayBufferWriter<byte> _group = new();
    private List<Queued> _queue = [];
    private List<Queued> _taken = [];
    private long _queuedBytes;
    private bool _closing;

    // Of the writer's thread.
    private long _unflushed;
    private long _unflushedSince;
    private long _retryAt;
    private ulong _gapSinceNs;
    private ulong _lostToDisk;

    // Of anybody.
    private ulong _overflowSinceNs;
    private ulong _lostToQueue;
    private long _written;
    private long _flushes;
    private long _lost;
    private long _late;
    private volatile bool _isFailing;

    private readonly record struct Queued(PendingRecord Record, TaskCompletionSource<bool>? Waiter);

    public AttemptRecorder(
        AttemptOptions options,
        IAttemptFiles files,
        TimeProvider time,
        ILogger<AttemptRecorder> log
    )
    {
        _options = options;
        _files = files;
        _time = time;
        _log = log;
        Directory.CreateDirectory(options.Directory);
        Hasher = AttemptHasher.OpenOrCreate(options.Directory);
        _segments = new SegmentWriter(options, files, time, Hasher.KeyCheck);
        _writer = new Thread(Work) { IsBackground = true, Name = "attempts" };
        _writer.Start();
    }

    public AttemptHasher Hasher { get; }

    /// <summary>The disk does not take records; payments go on.</summary>
    public bool IsFailing => _isFailing;

    /// <summary>Records that are on disk.</summary>
    public long Written => Interlocked.Read(ref _written);

    /// <summary>Flushes: far fewer than payments under load.</summary>
    public long Flushes => Interlocked.Read(ref _flushes);

    /// <summary>Records that will never be on disk; gap records say so there.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Payments that went on before their record was known to be on disk.</summary>
    public long Late => Interlocked.Read(ref _late);

    /// <summary>
    /// Records that a request is about to be forwarded, and returns when that is durable. False: it
    /// is not, and the payment goes on all the same.
    /// </summary>
    public async ValueTask<bool> BeginAsync(AttemptRequest request)
    {
        var waiter = new TaskCompletionSource<bool>(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        PendingRecord record = AttemptFormat.Encode(AttemptKind.Begun, NowNs(), request);
        if (!TryQueue(new Queued(record, waiter)) || _isFailing)
        {
            return false;
        }
        try
        {
            return await waiter.Task.WaitAsync(_options.RecordWaitMax, _time);
        }
        catch (TimeoutException)
        {
            Interlocked.Increment(ref _late);
            return false;
        }
    }

    /// <summary>Records how a begun request ended, soon.</summary>
    public void End(AttemptEnd end) =>
        TryQueue(new Queued(AttemptFormat.Encode(AttemptKind.Ended, NowNs(), end: end), null));

    /// <summary>Records a request with its end, soon.</summary>
    public void Whole(AttemptRequest request, AttemptEnd end) =>
        TryQueue(new Queued(AttemptFormat.Encode(AttemptKind.Whole, NowNs(), request, end), null));

    /// <summary>Writes what waits, and that the end is in order.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _closing = true;
            Monitor.Pulse(_gate);
        }
        await Task.Run(_writer.Join);
    }

    private bool TryQueue(Queued queued)
    {
        lock (_gate)
        {
            if (
                !_closing
                && _queue.Count < _options.QueuedRecordsMax
                && _queuedBytes + queued.Record.Length <= _options.QueuedBytesMax
            )
            {
                _queue.Add(queued);
                _queuedBytes += queued.Record.Length;
                if (_queue.Count == 1)
                {
                    Monitor.Pulse(_gate);
                }
                return true;
            }
            if (_lostToQueue++ == 0)
            {
                _overflowSinceNs = NowNs();
            }
        }
        Interlocked.Increment(ref _lost);
        queued.Record.Release();
        return false;
    }

    private void Work()
    {
        while (true)
        {
            bool isLast;
            (ulong SinceNs, ulong Lost) overflow;
            lock (_gate)
            {
                if (_queue.Count == 0 && !_closing)
                {
                    WaitForWork();
                }
                (_queue, _taken) = (_taken, _queue);
                _queuedBytes = 0;
                isLast = _closing;
                overflow = (_overflowSinceNs, _lostToQueue);
                _lostToQueue = 0;
            }
            WriteGroup(overflow, isLast);
            _taken.Clear();
            if (isLast)
            {
                _segments.Dispose();
                return;
            }
        }
    }

    /// <summary>Sleeps until there are records, or until something is due without any.</summary>
    private void WaitForWork()
    {
        TimeSpan? due =
            _isFailing ? _options.RetryEvery
            : _unflushed > 0 ? _options.FlushEvery - _time.GetElapsedTime(_unflushedSince)
            : null;
        if (due is null)
        {
            Monitor.Wait(_gate);
        }
        else if (due > TimeSpan.Zero)
        {
            Monitor.Wait(_gate, due.Value);
        }
    }

    private void WriteGroup((ulong SinceNs, ulong Lost) overflow, bool isLast)
    {
        if (_isFailing && !isLast && _time.GetTimestamp() < _retryAt)
        {
            Lose(overflow);
            return;
        }
        try
        {
            Append(overflow, isLast);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Fail(failure);
            Lose(overflow);
            return;
        }
        foreach (Queued queued in _taken)
        {
            queued.Waiter?.TrySetResult(true);
            queued.Record.Release();
        }
    }

    private void Append((ulong SinceNs, ulong Lost) overflow, bool isLast)
    {
        bool wasFailing = _isFailing;
        bool mustFlush = wasFailing || isLast || overflow.Lost > 0;
        _group.ResetWrittenCount();
        _segments.Begin();
        long records = 0;
        if (_lostToDisk > 0)
        {
            Put(AttemptFormat.EncodeGap(NowNs(), _gapSinceNs, _lostToDisk, GapCause.Disk));
        }
        foreach (Queued queued in _taken)
        {
            mustFlush |= queued.Waiter is not null;
            Copy(queued.Record);
            records++;
        }
        if (overflow.Lost > 0)
        {
            Put(AttemptFormat.EncodeGap(NowNs(), overflow.SinceNs, overflow.Lost, GapCause.Queue));
        }
        if (isLast)
        {
            Put(AttemptFormat.Encode(AttemptKind.Closed, NowNs()));
        }
        if (_group.WrittenCount > 0)
        {
            _segments.Append(_group.WrittenSpan);
            if (_unflushed == 0)
            {
                _unflushedSince = _time.GetTimestamp();
            }
            _unflushed += records;
        }
        bool isDue = _unflushed > 0 && _time.GetElapsedTime(_unflushedSince) >= _options.FlushEvery;
        if (mustFlush || isDue)
        {
            _segments.Flush();
            Interlocked.Increment(ref _flushes);
            Interlocked.Add(ref _written, _unflushed);
            _unflushed = 0;
        }
        if (wasFailing)
        {
            _log.RecorderWorksAgain((long)_lostToDisk);
            _isFailing = false;
        }
        _lostToDisk = 0;
        RemoveOld();
    }

    private void Put(PendingRecord record)
    {
        Copy(record);
        record.Release();
    }

    private void Copy(PendingRecord record)
    {
        Span<byte> to = _group.GetSpan(record.Length)[..record.Length];
        record.Bytes.CopyTo(to);
        AttemptFormat.Finish(to, _segments.NextSequence());
        _group.Advance(record.Length);
    }

    /// <summary>
    /// After a failed write or flush nobody knows what is in the file: it is left, and what was not
    /// flushed counts as lost.
    /// </summary>
    private void Fail(Exception failure)
    {
        if (!_isFailing)
        {
            _log.RecorderFailed(failure);
        }
        if (_lostToDisk == 0)
        {
            _gapSinceNs = NowNs();
        }
        _isFailing = true;
        _retryAt =
            _time.GetTimestamp()
            + (long)(_options.RetryEvery.TotalSeconds * _time.TimestampFrequency);
        _lostToDisk += (ulong)_unflushed;
        Interlocked.Add(ref _lost, _unflushed);
        _unflushed = 0;
        _segments.Abandon();
    }

    private void Lose((ulong SinceNs, ulong Lost) overflow)
    {
        Check.That(_isFailing);
        // Those of the queue are counted already, by whoever could not queue them.
        _lostToDisk += (ulong)_taken.Count + overflow.Lost;
        Interlocked.Add(ref _lost, _taken.Count);
        foreach (Queued queued in _taken)
        {
            queued.Waiter?.TrySetResult(false);
            queued.Record.Release();
        }
    }

    private void RemoveOld()
    {
        foreach (string path in _segments.BeyondRetention())
        {
            try
            {
                _files.Delete(path);
                _log.AttemptsRemoved(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Kept too long is a smaller fault than payments without records.
                _log.AttemptsNotRemoved(e, path);
            }
        }
    }

    private ulong NowNs() => AttemptFormat.Nanoseconds(_time.GetUtcNow());
}
