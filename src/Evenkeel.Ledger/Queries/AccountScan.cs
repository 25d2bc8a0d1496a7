using Evenkeel.Model;

namespace Evenkeel.Ledger.Queries;

/// <summary>
/// <c>query_accounts</c> by looking at every account of a range of slots. Slots are in order of
/// creation, so timestamps are found by binary search; accounts fit memory, so there is no index.
/// </summary>
internal readonly ref struct AccountScan(IAccountReader accounts, in AccountListQuery query)
{
    // Bounds how long one read holds the lock.
    private const int BlockAccounts = 1_024;

    private readonly AccountListQuery _query = query;

    public int Run(Span<Account> results, CancellationToken cancellation)
    {
        var filter = _query.Filter;
        if (!FilterRules.IsValid(filter) || results.IsEmpty)
        {
            return 0;
        }

        var limit = (int)
            Math.Min(filter.Limit, (uint)Math.Min(results.Length, Limits.QueryResultsMax));
        var slots = new uint[limit];
        var found = Find(slots, cancellation);
        accounts.Read(slots.AsSpan(0, found), results[..found]);
        return found;
    }

    private int Find(Span<uint> found, CancellationToken cancellation)
    {
        var filter = _query.Filter;
        var from = filter.TimestampMin == 0 ? 0 : FirstNotBefore(filter.TimestampMin);
        var to = filter.TimestampMax is 0 or Limits.TimestampMax
            ? _query.Accounts
            : FirstNotBefore(filter.TimestampMax + 1);
        var reversed = (filter.Flags & QueryFilterFlags.Reversed) != 0;
        var slots = new uint[BlockAccounts];
        var block = new Account[BlockAccounts];
        var count = 0;
        while (from < to && count < found.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            var size = (int)Math.Min(BlockAccounts, to - from);
            for (var i = 0; i < size; i++)
            {
                slots[i] = reversed ? --to : from++;
            }

            accounts.Read(slots.AsSpan(0, size), block.AsSpan(0, size));
            for (var i = 0; i < size && count < found.Length; i++)
            {
                if (Matches(filter, block[i]))
                {
                    found[count++] = slots[i];
                }
            }
        }

        return count;
    }

    private uint FirstNotBefore(ulong timestamp)
    {
        uint low = 0;
        var high = _query.Accounts;
        Span<Account> account = stackalloc Account[1];
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            accounts.Read([middle], account);
            if (account[0].Timestamp < timestamp)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private static bool Matches(in QueryFilter filter, in Account account) =>
        (filter.UserData128 == UInt128.Zero || filter.UserData128 == account.UserData128)
        && (filter.UserData64 == 0 || filter.UserData64 == account.UserData64)
        && (filter.UserData32 == 0 || filter.UserData32 == account.UserData32)
        && (filter.Ledger == 0 || filter.Ledger == account.Ledger)
        && (filter.Code == 0 || filter.Code == account.Code);
}
