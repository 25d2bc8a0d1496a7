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
    private ulong _full;
    private ulong _sealed;
    private Exception? _fault;

    /// <param name="full">Segments from 0 that are full and synced.</param>
    public SegmentSealer(SegmentSet segments, ulong full)
    {
        _segments = segments;
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

    /// <summary>Returns when all full segments are sealed.</summary>
    public void WaitUntilIdle(CancellationToken cancellationToken)
    {
        using var onCancel = cancellationToken.Register(Pulse);
        lock (_gate)
        {
            while (_sealed < _full)
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
                    lock (_gate)
                    {
                        _sealed = segment + 1;
                        Monitor.PulseAll(_gate);
                    }
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
            while (_sealed >= _full && !_stop.IsCancellationRequested)
            {
                Monitor.Wait(_gate);
            }

            segment = _sealed;
            return !_stop.IsCancellationRequested;
        }
    }

    // False: the disk refused; the segment is tried again.
    private bool SealOne(ulong segment)
    {
        try
        {
            if (!_segments.TryReadSeal(segment, out _))
            {
                var pass = SegmentPass.Run(_segments, segment, _stop.Token);
                foreach (var damage in pass.Damages)
                {
                    Report(damage);
                }

                if (pass.IsWhole)
                {
                    DerivedFile.Write(
                        _segments.PathOf(segment, HistoryFormat.SealExtension),
                        MemoryMarshal.AsBytes(new ReadOnlySpan<SegmentSeal>(in pass.Seal))
                    );
                }
            }
        }
        catch (IOException)
        {
            _stop.Token.WaitHandle.WaitOne(_segments.Options.WriteRetryMs);
            return false;
        }

        return true;
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
