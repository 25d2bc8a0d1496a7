using System.Globalization;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.Interest;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.GeneralLedger;

/// <summary>
/// Trial balances by business date: from the ledger's own balances at the moment in which the day was
/// closed, plus what the end of day booked into that day since (accrued interest).
/// </summary>
public sealed class TrialBalances
{
    private const int BalancesAtOnce = 16;

    private readonly Bank _bank;

    internal TrialBalances(Bank bank) => _bank = bank;

    /// <summary>As stored when the day was closed, by currency; empty when it is not closed yet.</summary>
    public async ValueTask<IReadOnlyList<TrialBalance>> FindAsync(
        DateOnly date,
        CancellationToken cancellationToken
    )
    {
        var page = await Collections.TrialBalances.QueryAsync(
            _bank.Journal,
            new RecordQuery
            {
                Collection = Collections.TrialBalances.Name,
                Prefix = KeyOf(date) + "/",
            },
            cancellationToken
        );
        return [.. page.Documents.Select(static pair => pair.Document)];
    }

    /// <summary>
    /// 64 hexadecimal digits over every balance, trial balance, interest document, loan, fee and statement:
    /// the same for two banks that were told the same, whatever interrupted them. While nothing moves.
    /// </summary>
    /// <exception cref="EndOfDayException">The journal could not answer.</exception>
    public async ValueTask<string> DigestAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await BooksDigest.ComputeAsync(_bank, cancellationToken);
        }
        catch (BankUnavailableException unavailable)
        {
            throw new EndOfDayException(unavailable.Message, unavailable);
        }
    }

    /// <summary>
    /// Computed once more from the ledger: of any closed day, at any time since, it is what was kept.
    /// </summary>
    /// <returns>Empty when the day is not closed, or its interest is not booked yet.</returns>
    /// <exception cref="EndOfDayException">The journal could not answer.</exception>
    public async Task<IReadOnlyList<TrialBalance>> ComputeAgainAsync(
        DateOnly date,
        CancellationToken cancellationToken
    )
    {
        var kept = await FindAsync(date, cancellationToken);
        try
        {
            return kept.Count == 0
                ? []
                : await ComputeAsync(date, kept[0].ClosedNs, cancellationToken);
        }
        catch (BankUnavailableException unavailable)
        {
            throw new EndOfDayException(unavailable.Message, unavailable);
        }
    }

    internal static string KeyOf(DateOnly date) =>
        date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    internal static string KeyOf(TrialBalance balance) =>
        string.Create(CultureInfo.InvariantCulture, $"{KeyOf(balance.Date)}/{balance.Currency:D3}");

    /// <summary>Computes them from the ledger.</summary>
    internal async ValueTask<IReadOnlyList<TrialBalance>> ComputeAsync(
        DateOnly date,
        ulong closedNs,
        CancellationToken cancellationToken
    )
    {
        var accounts = await AllAccountsAsync(closedNs, cancellationToken);
        var balances = new long[accounts.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, accounts.Count),
            new ParallelOptions
            {
                MaxDegreeOfParallelism = BalancesAtOnce,
                CancellationToken = cancellationToken,
            },
            async (i, token) =>
                balances[i] = await AccountMovements.BookedAtAsync(
                    _bank.Journal,
                    accounts[i].Id,
                    closedNs,
                    token
                )
        );
        var byId = Enumerable
            .Range(0, accounts.Count)
            .ToDictionary(i => accounts[i].Id, i => balances[i]);
        foreach (var transfer in await LateAsync(date, closedNs, cancellationToken))
        {
            byId[transfer.DebitAccountId] -= (long)transfer.Amount;
            byId[transfer.CreditAccountId] += (long)transfer.Amount;
        }
        return
        [
            .. accounts
                .GroupBy(static account => account.Ledger)
                .OrderBy(static group => group.Key)
                .Select(group => new TrialBalance(
                    date,
                    group.Key,
                    closedNs,
                    [
                        .. group
                            .GroupBy(static account => account.Code)
                            .OrderBy(static code => code.Key)
                            .Select(code =>
                                LineOf(
                                    (GlCode)code.Key,
                                    [.. code.Select(account => byId[account.Id])]
                                )
                            ),
                    ]
                )),
        ];
    }

    private static TrialBalanceLine LineOf(GlCode code, long[] balances) =>
        new(
            code,
            balances.Length,
            -balances.Where(static balance => balance < 0).Sum(),
            balances.Where(static balance => balance > 0).Sum()
        );

    private async ValueTask<List<Account>> AllAccountsAsync(
        ulong closedNs,
        CancellationToken cancellationToken
    )
    {
        List<Account> all = [];
        QueryFilter filter = new() { TimestampMax = closedNs, Limit = Limits.QueryResultsMax };
        while (true)
        {
            var page = Answers.Value(
                await _bank.Journal.QueryAccountsAsync(filter, cancellationToken)
            );
            all.AddRange(page);
            if (page.Length < Limits.QueryResultsMax)
            {
                return all;
            }
            filter.TimestampMin = page[^1].Timestamp + 1;
        }
    }

    /// <summary>What the end of day booked into the day after it was closed.</summary>
    private async ValueTask<List<Transfer>> LateAsync(
        DateOnly date,
        ulong closedNs,
        CancellationToken cancellationToken
    )
    {
        List<Transfer> all = [];
        QueryFilter filter = new()
        {
            UserData64 = EndOfDayPosting.OriginInto(date),
            TimestampMin = closedNs + 1,
            Limit = Limits.QueryResultsMax,
        };
        while (true)
        {
            var page = Answers.Value(
                await _bank.Journal.QueryTransfersAsync(filter, cancellationToken)
            );
            all.AddRange(page);
            if (page.Length < Limits.QueryResultsMax)
            {
                return all;
            }
            filter.TimestampMin = page[^1].Timestamp + 1;
        }
    }
}
