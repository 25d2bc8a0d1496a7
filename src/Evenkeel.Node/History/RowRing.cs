using Evenkeel.Ledger;
using Evenkeel.Model;

namespace Evenkeel.Node.History;

/// <summary>
/// The newest rows in RAM: position p lies at slot p mod capacity. The applying thread fills slots,
/// the writer copies them to files, readers copy rows out without a lock.
/// </summary>
/// <remarks>
/// A reader copies first and then asks whether the slot may have been reused meanwhile: the filling
/// thread publishes <see cref="_published"/> before it touches a slot. Memory is a pinned array, so
/// that a reader that outlives the history reads old rows, not freed memory.
/// </remarks>
internal sealed unsafe class RowRing
{
    private const int HugePageBytes = 2 << 20;

    private readonly byte[] _memory;
    private readonly HistoryRow* _rows;
    private readonly ulong _mask;
    private readonly ulong _start;
    private ulong _published;

    /// <param name="capacity">Rows, a power of two.</param>
    /// <param name="start">The first position that will be put into the ring.</param>
    public RowRing(int capacity, ulong start)
    {
        Check.That(int.IsPow2(capacity) && start % HistoryLimits.UnitRows == 0);
        var bytes = (long)capacity * HistoryRow.Size;
        var alignment = bytes >= HugePageBytes ? HugePageBytes : HistoryLimits.PageBytes;
        _memory = GC.AllocateUninitializedArray<byte>(
            checked((int)(bytes + alignment)),
            pinned: true
        );
        fixed (byte* address = _memory)
        {
            var aligned = ((nuint)address + (nuint)alignment - 1) & ~((nuint)alignment - 1);
            _rows = (HistoryRow*)aligned;
        }

        Capacity = (ulong)capacity;
        _mask = Capacity - 1;
        _start = start;
        _published = start;
        Posix.AdviseHuge(_rows, (nuint)bytes);

        // Touch every page now: a first touch costs 1.8 s a GiB, on the thread that applies.
        new Span<byte>(_rows, checked((int)bytes)).Clear();
    }

    public ulong Capacity { get; }

    /// <summary>Slots up to this position may be in use by the filling thread.</summary>
    public ulong Published => Volatile.Read(ref _published);

    /// <summary>The lowest position whose slot was not reused yet.</summary>
    public ulong OldestReadable => Math.Max(_start, Published - Math.Min(Published, Capacity));

    /// <summary>Filling thread: slots below <paramref name="end"/> are about to be overwritten.</summary>
    public void Publish(ulong end)
    {
        Volatile.Write(ref _published, end);
        Interlocked.MemoryBarrier();
    }

    /// <summary>Rows from a position on that lie side by side.</summary>
    public ulong ContiguousFrom(ulong position) => Capacity - (position & _mask);

    /// <summary>The slots of some positions, which must not run past the ring's end.</summary>
    public Span<HistoryRow> Slots(ulong position, int count)
    {
        var slot = position & _mask;
        Check.That(slot + (ulong)count <= Capacity);
        return new Span<HistoryRow>(_rows + slot, count);
    }

    /// <summary>Copies a row if it is still there.</summary>
    public bool TryRead(ulong position, out HistoryRow row)
    {
        if (position < _start || Published > position + Capacity)
        {
            row = default;
            return false;
        }

        row = _rows[position & _mask];
        Interlocked.MemoryBarrier();
        return Published <= position + Capacity;
    }

    /// <summary>
    /// Finds the transfers that match among rows that may lie in RAM, without copying them out.
    /// </summary>
    /// <param name="found">Receives positions, ascending; at least <paramref name="count"/> long.</param>
    /// <returns>How many; -1 when some of the rows are not in RAM (any more).</returns>
    public int Find(in QueryFilter filter, ulong position, int count, Span<ulong> found)
    {
        if (position < _start || Published > position + Capacity)
        {
            return -1;
        }

        var matches = 0;
        for (var i = 0; i < count; i++)
        {
            if (RowMatch.Matches(filter, in _rows[(position + (ulong)i) & _mask]))
            {
                found[matches++] = position + (ulong)i;
            }
        }

        Interlocked.MemoryBarrier();
        return Published <= position + Capacity ? matches : -1;
    }
}
