using System.IO.Hashing;
using System.Runtime.InteropServices;
using Evenkeel.Ledger;
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
                var seal = SegmentPass.Run(_segments, segment, _stop.Token);
                DerivedFile.Write(
                    _segments.PathOf(segment, HistoryFormat.SealExtension),
                    MemoryMarshal.AsBytes(new ReadOnlySpan<SegmentSeal>(in seal))
                );
            }
        }
        catch (HistoryDamagedException damaged)
        {
            Report(damaged.Damage);
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

/// <summary>One pass over a full segment: verifies each row and computes the seal.</summary>
internal static class SegmentPass
{
    /// <exception cref="HistoryDamagedException">Names the first damaged row.</exception>
    public static SegmentSeal Run(
        SegmentSet segments,
        ulong segment,
        CancellationToken cancellationToken,
        HistoryRowsHandler? handler = null
    )
    {
        var first = segments.Layout.FirstPosition(segment);
        if (segments.VerifyHeader(segment, out var header) is { } fault)
        {
            throw new HistoryDamagedException(
                new HistoryDamage(
                    HistoryFormat.Name(segment, HistoryFormat.SegmentExtension),
                    0,
                    first,
                    0,
                    fault
                )
            );
        }

        var hash = new XxHash128();
        var seal = new SegmentSeal
        {
            Magic = SegmentSeal.MagicValue,
            Version = SegmentSeal.CurrentVersion,
            RowCount = header.RowsPerSegment,
            Segment = segment,
            FirstPosition = first,
            Lineage = header.Lineage,
        };
        using var reader = new SegmentReader(segments, segment);
        for (var row = 0UL; row < segments.Layout.RowsPerSegment; )
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rows = reader.Read(row);
            if (rows.IsEmpty)
            {
                throw new HistoryDamagedException(segments.DamageAt(first + row, "file is cut"));
            }

            for (var i = 0; i < rows.Length; i++)
            {
                var position = first + row + (ulong)i;
                if (!HistoryFormat.IsWhole(position, rows[i]))
                {
                    throw new HistoryDamagedException(
                        segments.DamageAt(position, "row checksum does not match")
                    );
                }
            }

            if (row == 0)
            {
                seal.FirstTimestamp = rows[0].Timestamp;
                seal.FirstEntry = rows[0].EntryIndex;
            }

            seal.LastTimestamp = rows[^1].Timestamp;
            seal.LastEntry = rows[^1].EntryIndex;
            hash.Append(MemoryMarshal.AsBytes(rows));
            handler?.Invoke(first + row, rows);
            row += (ulong)rows.Length;
        }

        seal.ContentHash = hash.GetCurrentHashAsUInt128();
        seal.Checksum = HistoryFormat.HeaderChecksum(seal);
        return seal;
    }
}

/// <summary>Small files that can be made again: written whole under another name, then renamed.</summary>
internal static class DerivedFile
{
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var temporary = path + ".tmp";
        using (
            var file = File.OpenHandle(
                temporary,
                FileMode.Create,
                FileAccess.Write,
                FileShare.ReadWrite | FileShare.Delete
            )
        )
        {
            RandomAccess.Write(file, bytes, 0);
            RandomAccess.FlushToDisk(file);
        }

        File.Move(temporary, path, overwrite: true);
        Posix.SyncDirectory(Path.GetDirectoryName(path)!);
    }
}
