using Evenkeel.Client;
using Evenkeel.Model;

namespace Evenkeel.Watch.Backups;

/// <summary>Debits and credits of every ledger, summed from what a bank answers.</summary>
internal static class TrialBalance
{
    /// <returns>Accounts read, and the ledgers whose debits differ from their credits.</returns>
    public static async Task<(long Accounts, IReadOnlyList<uint> Unbalanced)> TakeAsync(
        EvenkeelClient bank,
        CancellationToken cancellationToken
    )
    {
        var sums = new Dictionary<uint, (Int128 Posted, Int128 Pending)>();
        long accounts = 0;
        var filter = new QueryFilter { Limit = Limits.QueryResultsMax };
        while (true)
        {
            var page = (await bank.QueryAccountsAsync(filter, cancellationToken)).Require();
            foreach (var account in page)
            {
                var (posted, pending) = sums.GetValueOrDefault(account.Ledger);
                sums[account.Ledger] = (
                    posted + (Int128)account.DebitsPosted - (Int128)account.CreditsPosted,
                    pending + (Int128)account.DebitsPending - (Int128)account.CreditsPending
                );
            }
            accounts += page.Length;
            if (page.Length < Limits.QueryResultsMax)
            {
                break;
            }
            filter.TimestampMin = page[^1].Timestamp + 1;
        }
        return (
            accounts,
            [
                .. sums.Where(static s => s.Value.Posted != 0 || s.Value.Pending != 0)
                    .Select(static s => s.Key)
                    .Order(),
            ]
        );
    }
}
