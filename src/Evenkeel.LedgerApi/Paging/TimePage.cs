using Evenkeel.Model;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.LedgerApi.Paging;

/// <summary>
/// One page of an answer that is ordered by log time. One row more than asked tells whether there
/// is a next page; log times are unique in each answer, so the last one is the position.
/// </summary>
internal sealed class TimePage
{
    private readonly string _filter;
    private readonly int _limit;

    public TimePage(QueryReader query, HttpContext http)
    {
        _filter = query.FilterText(http);
        _limit = query.Limit();
        NewestFirst = query.NewestFirst();
        TimestampMin = (ulong)query.Whole("timestamp_min");
        TimestampMax = (ulong)query.Whole("timestamp_max");
        if (TimestampMax != 0 && TimestampMin > TimestampMax)
        {
            throw Refusals.Parameter("timestamp_min", "at most timestamp_max");
        }
        if (Cursor.Timestamp(query, http) is { } last)
        {
            if (last is < Limits.TimestampMin or >= Limits.TimestampMax)
            {
                throw Refusals.Parameter("cursor", "a next_cursor of this same question");
            }
            if (NewestFirst)
            {
                TimestampMax = last - 1;
                AtEnd = TimestampMax < Math.Max(TimestampMin, Limits.TimestampMin);
            }
            else
            {
                TimestampMin = last + 1;
                AtEnd = TimestampMax != 0 && TimestampMin > TimestampMax;
            }
        }
    }

    public bool NewestFirst { get; }
    public ulong TimestampMin { get; }
    public ulong TimestampMax { get; }

    /// <summary>Nothing can follow the cursor; the filter above would mean "any".</summary>
    public bool AtEnd { get; }

    public uint LimitAndOne => (uint)_limit + 1;

    /// <summary>The rows of this page, and where the next begins.</summary>
    public (T[] Rows, string? Next) Cut<T>(T[] rows, Func<T, ulong> timestamp) =>
        rows.Length <= _limit
            ? (rows, null)
            : (rows[.._limit], Cursor.OfTimestamp(_filter, timestamp(rows[_limit - 1])));
}
