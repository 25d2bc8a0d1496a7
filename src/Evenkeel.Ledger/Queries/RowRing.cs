using System.Buffers;
using Evenkeel.Model;

namespace Evenkeel.Ledger.Queries;

/// <summary>
/// The last rows that were added, at most <c>limit</c> of them: a walk from new to old ends with the
/// oldest ones, which is the first page of an ascending query.
/// </summary>
internal sealed class RowRing(int limit) : IDisposable
{
    private const int FirstRows = 64;

    private HistoryRow[] _rows = ArrayPool<HistoryRow>.Shared.Rent(Math.Min(limit, FirstRows));
    private int _next;

    public int Count { get; private set; }

    public bool IsFull => Count == limit;

    public void Add(in HistoryRow row)
    {
        if (_next == limit)
        {
            _next = 0;
        }
        else if (_next == _rows.Length)
        {
            Grow();
        }

        _rows[_next++] = row;
        Count = Math.Min(Count + 1, limit);
    }

    /// <summary>Rows in the order in which they were added.</summary>
    public ref readonly HistoryRow Forward(int index)
    {
        Check.That((uint)index < (uint)Count);
        var first = Count == limit ? _next : 0;
        return ref _rows[(first + index) % limit];
    }

    /// <summary>Rows in the opposite order.</summary>
    public ref readonly HistoryRow Backward(int index) => ref Forward(Count - 1 - index);

    public void Clear()
    {
        _next = 0;
        Count = 0;
    }

    public void Dispose()
    {
        ArrayPool<HistoryRow>.Shared.Return(_rows);
        _rows = [];
    }

    private void Grow()
    {
        var grown = ArrayPool<HistoryRow>.Shared.Rent(Math.Min(limit, _rows.Length * 2));
        _rows.AsSpan(0, _next).CopyTo(grown);
        ArrayPool<HistoryRow>.Shared.Return(_rows);
        _rows = grown;
    }
}
