using Evenkeel.Model;

namespace Evenkeel.Ledger.Queries;

/// <summary>Positions [From, To) of history rows.</summary>
internal readonly record struct RowRange(ulong From, ulong To)
{
    /// <summary>The rows below <paramref name="rows"/> in the inclusive range of time; 0 = no bound.</summary>
    public static RowRange Of(
        IHistoryReader history,
        ulong rows,
        ulong timestampMin,
        ulong timestampMax
    )
    {
        var from =
            timestampMin <= Limits.TimestampMin ? 0 : history.FirstNotBefore(timestampMin, rows);
        var to =
            timestampMax == 0 || timestampMax == Limits.TimestampMax
                ? rows
                : history.FirstNotBefore(timestampMax + 1, rows);
        return new RowRange(from, Math.Max(from, to));
    }
}
