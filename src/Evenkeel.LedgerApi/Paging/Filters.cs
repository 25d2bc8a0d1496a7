using Evenkeel.Model;

namespace Evenkeel.LedgerApi.Paging;

/// <summary>Query parameters as the filters of the ledger.</summary>
internal static class Filters
{
    public static QueryFilter Query(QueryReader query, TimePage page) =>
        new()
        {
            UserData128 = query.Whole("user_data_128"),
            UserData64 = (ulong)query.Whole("user_data_64"),
            UserData32 = (uint)query.Whole("user_data_32"),
            Code = (ushort)query.Whole("code"),
            Ledger = (uint)query.Whole("ledger"),
            TimestampMin = page.TimestampMin,
            TimestampMax = page.TimestampMax,
            Limit = page.LimitAndOne,
            Flags = page.NewestFirst ? QueryFilterFlags.Reversed : QueryFilterFlags.None,
        };

    public static AccountFilter Account(QueryReader query, TimePage page, UInt128 id) =>
        new()
        {
            AccountId = id,
            UserData128 = query.Whole("user_data_128"),
            UserData64 = (ulong)query.Whole("user_data_64"),
            UserData32 = (uint)query.Whole("user_data_32"),
            Code = (ushort)query.Whole("code"),
            TimestampMin = page.TimestampMin,
            TimestampMax = page.TimestampMax,
            Limit = page.LimitAndOne,
            Flags =
                SideOf(query)
                | (page.NewestFirst ? AccountFilterFlags.Reversed : AccountFilterFlags.None),
        };

    private static AccountFilterFlags SideOf(QueryReader query) =>
        query.Text("side") switch
        {
            null => AccountFilterFlags.Debits | AccountFilterFlags.Credits,
            "debit" => AccountFilterFlags.Debits,
            "credit" => AccountFilterFlags.Credits,
            _ => throw Refusals.Parameter("side", "debit or credit"),
        };
}
