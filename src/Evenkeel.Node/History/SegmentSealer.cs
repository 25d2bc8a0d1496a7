using System.Runtime.InteropServices;
using Evenkeel.Model;

namespace Evenkeel.Node.History;

/// <summary>
/// The side thread that reads full segments back from the disk, verifies every row, and writes what
/// is derived from them: the seal and the index. A damaged segment is reported and stays unsealed.
/// </summary>
internal sealed class SegmentSealer : IDisposable
{
    private readonly object _gate = new();
    private readonly SegmentSet _segments;
    private readonly Thread _thread;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<HistoryDamage> _damages = [];
    private readonly SortedSet<ulong> _again = [];
    private readonly IndexBuilder _builder;
    private readonly SegmentIndexes _indexes;
    private ulong _full;
    private ulong _sealed;
    private Exception? _fault;

    /// <param name="full">Segments from 0 that are full and synced.</param>
    public SegmentSealer(SegmentSet segments, SegmentIndexes indexes, ulong full)
    {
        _segments = segments;
        _indexes = indexes;
        _builder = new IndexBuilder(segments);
        _full = full;
        _thread = new Thread(Run) { IsBackground = true, Name = "history-sealer" };
        _thread.Start();
    }

    /// <summary>Segments from 0 that were looked at; damaged ones are named in <see cref="Damages"/>.</summary>
    public ulong SealedSegments => Volatile.Read(ref _sealed);

    public IReadOnlyList<HistoryDamage> Damages
    {
        get
        {
            lock (_gate)
            {
                return [.. _damages];
            }
        }
    }

    /// <summary>What ended the thread; appending goes on, queries look at rows instead.</summary>
    public Exception? Fault
    {
        get
        {
            lock (_gate)
            {
                return _fault;
            }
        }
    }

    /// <summary>A segment is full and synced.</summary>
    public void Offer(ulong segment)
    {
        lock (_gate)
        {
            Check.That(segment == _full);
            _full = segment + 1;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>The index of a sealed segment was damaged and dropped: it is made again.</summary>
    public void Remake(ulong segment)
    {
        lock (_gate)
        {
            _again.Add(segment);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Returns when all full segments are sealed and indexed.</summary>
    public void WaitUntilIdle(CancellationToken cancellationToken)
    {
        using var onCancel = cancellationToken.Register(Pulse);
        lock (_gate)
        {
            while (_sealed < _full || _again.Count > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (_fault is { } fault)
                {
                    throw new IOException($"Sealing ended: {fault.Message}", fault);
                }

                Monitor.Wait(_gate);
            }
        }
    }

    private void Run()
    {
        try
        {
            while (WaitForSegment(out var segment))
            {
                if (SealOne(segment))
                {
                    Done(segment);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping: what is left is sealed after the next start.
        }
        catch (Exception error)
        {
            lock (_gate)
            {
                _fault = error;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private bool WaitForSegment(out ulong segment)
    {
        lock (_gate)
        {
            while (_sealed >= _full && _again.Count == 0 && !_stop.IsCancellationRequested)
            {
                Monitor.Wait(_gate);
            }

            segment = _sealed < _full ? _sealed : _again.Min;
            return !_stop.IsCancellationRequested;
        }
    }

    private void Done(ulong segment)
    {
        lock (_gate)
        {
            _again.Remove(segment);
            if (segment == _sealed)
            {
                _sealed = segment + 1;
            }

            Monitor.PulseAll(_gate);
        }
    }

    // False: the disk refused; the segment is tried again.
    private bool SealOne(ulong segment)
    {
        try
        {
            if (_indexes.Find(segment) is null)
            {
                SealAndIndex(segment);
            }
        }
        catch (IOException)
        {
            _stop.Token.WaitHandle.WaitOne(_segments.Options.WriteRetryMs);
            return false;
        }

        return true;
    }

    private void SealAndIndex(ulong segment)
    {
        _builder.Begin();
        var pass = SegmentPass.Run(_segments, segment, _stop.Token, _builder.Add);
        foreach (var damage in pass.Damages)
        {
            Report(damage);
        }

        if (!pass.IsWhole)
        {
            return;
        }

        if (!_segments.TryReadSeal(segment, out var seal))
        {
            seal = pass.Seal;
            DerivedFile.Write(
                _segments.PathOf(segment, HistoryFormat.SealExtension),
                MemoryMarshal.AsBytes(new ReadOnlySpan<SegmentSeal>(in seal))
            );
        }

        if (seal.ContentHash != pass.Seal.ContentHash)
        {
            Report(_segments.DamageOfHeader(segment, "rows are not those that were sealed"));
            return;
        }

        _builder.Write(seal);
        _indexes.Find(segment);
    }

    /// <summary>Remembers a finding, each place once.</summary>
    public void Report(HistoryDamage damage)
    {
        lock (_gate)
        {
            if (_damages.Count < HistoryLimits.DamagesKeptMax && !_damages.Contains(damage))
            {
                _damages.Add(damage);
            }
        }
    }

    private void Pulse()
    {
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        Pulse();
        _thread.Join();
        _stop.Dispose();
    }
}
