using Evenkeel.Client;
using Evenkeel.Model;
using Evenkeel.Watch.Drills.Checking;

namespace Evenkeel.Watch.Drills.Load;

/// <summary>Reads everything that a bank has of one load, over the same protocol as a customer.</summary>
internal static class FinalReader
{
    private const int TransfersOfAPage = 8_189;
    private const int AccountsOfAPage = 1_000;

    /// <param name="client">Disposed at the end.</param>
    public static async Task<FinalState> ReadAsync(
        EvenkeelClient client,
        IReadOnlyList<UInt128> accounts,
        ulong range,
        CancellationToken cancellationToken
    )
    {
        await using (client)
        {
            List<SeenAccount> seen = [];
            foreach (UInt128[] page in accounts.Chunk(AccountsOfAPage))
            {
                CallResult<Account[]> answer = await client.UntilKnownAsync(
                    () => client.LookupAccountsAsync(page, cancellationToken),
                    cancellationToken
                );
                seen.AddRange(
                    answer
                        .Require()
                        .Select(a => new SeenAccount(
                            a.Id,
                            a.DebitsPosted + a.DebitsPending,
                            a.CreditsPosted + a.CreditsPending
                        ))
                );
            }
            return new FinalState
            {
                Accounts = seen,
                Transfers = await ReadTransfersAsync(client, range, cancellationToken),
            };
        }
    }

    private static async Task<List<KeptTransfer>> ReadTransfersAsync(
        EvenkeelClient client,
        ulong range,
        CancellationToken cancellationToken
    )
    {
        List<KeptTransfer> kept = [];
        ulong after = 0;
        while (true)
        {
            var filter = new QueryFilter { TimestampMin = after + 1, Limit = TransfersOfAPage };
            CallResult<Transfer[]> answer = await client.UntilKnownAsync(
                () => client.QueryTransfersAsync(filter, cancellationToken),
                cancellationToken
            );
            Transfer[] page = answer.Require();
            kept.AddRange(
                page.Where(t => (ulong)(t.Id >> 64) == range)
                    .Select(t => new KeptTransfer(
                        t.Id,
                        t.DebitAccountId,
                        t.CreditAccountId,
                        (ulong)t.Amount,
                        t.Timestamp
                    ))
            );
            if (page.Length == 0)
            {
                return kept;
            }
            after = page[^1].Timestamp;
        }
    }
}
