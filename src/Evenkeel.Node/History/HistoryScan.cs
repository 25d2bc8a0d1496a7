using System.Runtime.InteropServices;
using Evenkeel.Ledger;
using Evenkeel.Model;
using Microsoft.Win32.SafeHandles;

namespace Evenkeel.Node.History;

/// <summary>
/// Reads rows in order as fast as the disk gives them: some threads read and verify pieces of 3 MiB
/// past the page cache, the caller's thread receives them in order.
/// </summary>
internal sealed class HistoryScan : IDisposable
{
    private readonly object _gate = new();
    private readonly SegmentSet _segments;
    private readonly ulong _from;
    private readonly ulong _to;
    private readonly ulong _firstPiece;
    private readonly ulong _piecesPerSegment;
    private readonly ulong _pieceEnd;
    private readonly Piece[] _pieces;
    private ulong _next;
    private ulong _done;
    private bool _isStopping;

    private HistoryScan(SegmentSet segments, ulong from, ulong to)
    {
        _segments = segments;
        _from = from;
        _to = to;
        _piecesPerSegment =
            (segments.Layout.RowsPerSegment + HistoryLimits.ScanRows - 1) / HistoryLimits.ScanRows;
        _firstPiece = PieceOf(from);
        _pieceEnd = PieceOf(to - 1) + 1;
        _next = _done = _firstPiece;
        _pieces = new Piece[segments.Options.ScanThreads * 2];
        for (var i = 0; i < _pieces.Length; i++)
        {
            _pieces[i] = new Piece();
        }
    }

    public static void Run(
        SegmentSet segments,
        ulong from,
        ulong to,
        HistoryRowsHandler handler,
        CancellationToken cancellationToken
    )
    {
        if (from == to)
        {
            return;
        }

        using var scan = new HistoryScan(segments, from, to);
        var threads = new Thread[segments.Options.ScanThreads];
        for (var i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(scan.ReadPieces) { IsBackground = true, Name = "history-scan" };
            threads[i].Start();
        }

        try
        {
            scan.HandOver(handler, cancellationToken);
        }
        finally
        {
            scan.Stop();
            foreach (var thread in threads)
            {
                thread.Join();
            }
        }
    }

    private void HandOver(HistoryRowsHandler handler, CancellationToken cancellationToken)
    {
        for (var number = _firstPiece; number < _pieceEnd; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var piece = _pieces[number % (ulong)_pieces.Length];
            lock (_gate)
            {
                while (piece.ReadyNumber != number)
                {
                    Monitor.Wait(_gate);
                }
            }

            if (piece.Error is { } error)
            {
                throw error is HistoryDamagedException damaged
                    ? new HistoryDamagedException(damaged.Damage)
                    : new IOException($"History can't be read: {error.Message}", error);
            }

            var rows = MemoryMarshal.Cast<byte, HistoryRow>(piece.Buffer.Bytes);
            handler(piece.First, rows.Slice(piece.Skip, piece.Count));
            lock (_gate)
            {
                _done = number + 1;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private void ReadPieces()
    {
        SafeFileHandle? file = null;
        var fileSegment = ulong.MaxValue;
        while (TryTake(out var number))
        {
            var piece = _pieces[number % (ulong)_pieces.Length];
            piece.Error = null;
            try
            {
                var segment = number / _piecesPerSegment;
                if (segment != fileSegment)
                {
                    file?.Dispose();
                    file = ReadHandles.Open(_segments.PathOf(segment));
                    Posix.TrySetDirect(file);
                    fileSegment = segment;
                }

                ReadPiece(file!, number, piece);
            }
            catch (Exception error)
            {
                piece.Error = error;
            }

            lock (_gate)
            {
                piece.ReadyNumber = number;
                Monitor.PulseAll(_gate);
            }
        }

        file?.Dispose();
    }

    private bool TryTake(out ulong number)
    {
        lock (_gate)
        {
            while (!_isStopping && _next < _pieceEnd && _next - _done >= (ulong)_pieces.Length)
            {
                Monitor.Wait(_gate);
            }

            number = _next;
            if (_isStopping || _next >= _pieceEnd)
            {
                return false;
            }

            _next++;
            return true;
        }
    }

    private void ReadPiece(SafeFileHandle file, ulong number, Piece piece)
    {
        var layout = _segments.Layout;
        var segment = number / _piecesPerSegment;
        var first =
            layout.FirstPosition(segment) + (number % _piecesPerSegment * HistoryLimits.ScanRows);
        var end = Math.Min(first + HistoryLimits.ScanRows, layout.FirstPosition(segment + 1));
        var bytes = piece.Buffer.Bytes[..((int)(end - first) * HistoryRow.Size)];
        var read = 0;
        while (read < bytes.Length)
        {
            var some = RandomAccess.Read(file, bytes[read..], layout.OffsetOf(first) + read);
            read += some;
            if (some == 0 || read % HistoryLimits.PageBytes != 0)
            {
                break;
            }
        }

        piece.First = Math.Max(first, _from);
        piece.Skip = (int)(piece.First - first);
        piece.Count = (int)(Math.Min(end, _to) - piece.First);
        var rows = MemoryMarshal.Cast<byte, HistoryRow>(bytes).Slice(piece.Skip, piece.Count);
        for (var i = 0; i < rows.Length; i++)
        {
            var isRead = (piece.Skip + i + 1) * HistoryRow.Size <= read;
            var position = piece.First + (ulong)i;
            if (!isRead || !HistoryFormat.IsWhole(position, rows[i]))
            {
                throw new HistoryDamagedException(
                    _segments.DamageAt(
                        position,
                        isRead ? "row checksum does not match" : "file is cut"
                    )
                );
            }
        }
    }

    private ulong PieceOf(ulong position)
    {
        var layout = _segments.Layout;
        var segment = layout.SegmentOf(position);
        var row = position - layout.FirstPosition(segment);
        return (segment * _piecesPerSegment) + (row / HistoryLimits.ScanRows);
    }

    private void Stop()
    {
        lock (_gate)
        {
            _isStopping = true;
            Monitor.PulseAll(_gate);
        }
    }

    public void Dispose()
    {
        foreach (var piece in _pieces)
        {
            piece.Dispose();
        }
    }

    private sealed class Piece : IDisposable
    {
        public readonly PageBuffer Buffer = new(HistoryLimits.ScanRows * HistoryRow.Size);
        public ulong ReadyNumber = ulong.MaxValue;
        public ulong First;
        public int Skip;
        public int Count;
        public Exception? Error;

        public void Dispose() => Buffer.Dispose();
    }
}
