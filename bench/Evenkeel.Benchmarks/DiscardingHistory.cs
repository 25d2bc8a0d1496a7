using Evenkeel.Ledger;
using Evenkeel.Model;

namespace Evenkeel.Benchmarks;

/// <summary>
/// Keeps the newest rows only, in a ring: the cost of making rows without that of storing them.
/// </summary>
internal sealed class DiscardingHistory : IHistory
{
    private const int RingRows = 1 << 17;
    private readonly HistoryRow[] _ring = GC.AllocateArray<HistoryRow>(RingRows, pinned: true);

    public ulong Count { get; private set; }

    private int Offset => (int)(Count % RingRows);

    public Span<HistoryRow> Reserve(int rows)
    {
        // A batch that would wrap starts the ring anew; the skipped places are never read.
        Check.That(rows <= RingRows / 2);
        return Offset + rows <= RingRows ? _ring.AsSpan(Offset, rows) : _ring.AsSpan(0, rows);
    }

    public void Advance(int rows) => Count += (ulong)rows;

    public void TruncateTo(ulong position) => Count = position;

    public void Seal(ulong entryIndex) { }

    public void Read(ulong position, out HistoryRow row) => row = _ring[(int)(position % RingRows)];
}
