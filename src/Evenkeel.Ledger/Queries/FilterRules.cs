using Evenkeel.Model;

namespace Evenkeel.Ledger.Queries;

/// <summary>What makes a filter valid. An invalid filter is answered with no results, as published.</summary>
public static class FilterRules
{
    public static bool IsValid(in AccountFilter filter) =>
        filter.AccountId != UInt128.Zero
        && filter.AccountId != UInt128.MaxValue
        && TimestampsAreValid(filter.TimestampMin, filter.TimestampMax)
        && filter.Limit != 0
        && (filter.Flags & (AccountFilterFlags.Debits | AccountFilterFlags.Credits)) != 0
        && (filter.Flags & ~AccountFilterFlags.Known) == 0
        && !((ReadOnlySpan<byte>)filter.Reserved).ContainsAnyExcept((byte)0);

    public static bool IsValid(in QueryFilter filter) =>
        TimestampsAreValid(filter.TimestampMin, filter.TimestampMax)
        && filter.Limit != 0
        && (filter.Flags & ~QueryFilterFlags.Known) == 0
        && !((ReadOnlySpan<byte>)filter.Reserved).ContainsAnyExcept((byte)0);

    public static bool IsValid(in ChangeEventsFilter filter) =>
        TimestampsAreValid(filter.TimestampMin, filter.TimestampMax)
        && filter.Limit != 0
        && !((ReadOnlySpan<byte>)filter.Reserved).ContainsAnyExcept((byte)0);

    // Zero means "no bound"; both bounds are inclusive.
    private static bool TimestampsAreValid(ulong min, ulong max) =>
        min <= Limits.TimestampMax && max <= Limits.TimestampMax && (max == 0 || min <= max);
}
