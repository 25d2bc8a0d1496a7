using Evenkeel.Model;

namespace Evenkeel.Ledger.Queries;

/// <summary>Finds candidate rows for <c>query_transfers</c>.</summary>
/// <remarks>
/// An index may use one field of the filter or all of them: what it returns may be too much, never
/// too little, since every candidate's row is compared with the whole filter.
/// </remarks>
public interface ITransferIndex
{
    /// <summary>
    /// Opens a walk over the positions in [<paramref name="from"/>, <paramref name="to"/>) that may
    /// match the user data, ledger and code of <paramref name="filter"/>, ascending, or descending
    /// with <see cref="QueryFilterFlags.Reversed"/>. Timestamps and limit of the filter are the
    /// caller's business.
    /// </summary>
    ITransferCursor Open(in QueryFilter filter, ulong from, ulong to);
}

/// <summary>One walk over candidates; used by one thread.</summary>
public interface ITransferCursor : IDisposable
{
    /// <summary>
    /// Writes the next candidates and returns how many; 0 only at the end. Positions are strictly
    /// monotonic in the direction of the walk.
    /// </summary>
    int Next(Span<ulong> positions);
}

/// <summary>No index at all: every position is a candidate.</summary>
public sealed class ScanTransferIndex : ITransferIndex
{
    public static ScanTransferIndex Instance { get; } = new();

    private ScanTransferIndex() { }

    public ITransferCursor Open(in QueryFilter filter, ulong from, ulong to) =>
        new Cursor(from, to, (filter.Flags & QueryFilterFlags.Reversed) != 0);

    private sealed class Cursor(ulong from, ulong to, bool reversed) : ITransferCursor
    {
        private ulong _from = from;
        private ulong _to = to;

        public int Next(Span<ulong> positions)
        {
            if (_from >= _to)
            {
                return 0;
            }

            var count = (int)Math.Min((ulong)positions.Length, _to - _from);
            for (var i = 0; i < count; i++)
            {
                positions[i] = reversed ? --_to : _from++;
            }

            return count;
        }

        public void Dispose() { }
    }
}
