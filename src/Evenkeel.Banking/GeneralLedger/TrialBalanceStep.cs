using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.Interest;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Model;

namespace Evenkeel.Banking.GeneralLedger;

/// <summary>
/// Computes and keeps the closed day's trial balances, and checks them: zero in sum, and accrued interest
/// the same as the interest documents say account by account.
/// </summary>
internal sealed class TrialBalanceStep : IEndOfDayStep
{
    public const string StepName = "trial-balance";

    public string Name => StepName;

    public async ValueTask<StepProgress> RunAsync(
        Bank bank,
        BusinessDayDocument day,
        string? cursor,
        CancellationToken cancellationToken
    )
    {
        var kept = await bank.Books.FindAsync(day.Date, cancellationToken);
        if (kept.Count > 0)
        {
            return new StepProgress(kept.Count, Next: null);
        }
        var balances = await bank.Books.ComputeAsync(day.Date, day.ClosedNs, cancellationToken);
        var accrued = await AccruedAsync(bank, cancellationToken);
        foreach (var balance in balances)
        {
            Judge(balance, accrued.GetValueOrDefault(balance.Currency));
        }
        await StepOperation.DecideAsync(
            bank,
            day.Date,
            Name,
            "all",
            [],
            (_, draft, _, _) =>
                ValueTask.FromResult(
                    draft with
                    {
                        Writes =
                        [
                            .. balances.Select(static balance =>
                                Collections.TrialBalances.Write(
                                    TrialBalances.KeyOf(balance),
                                    balance
                                )
                            ),
                        ],
                    }
                ),
            cancellationToken
        );
        return new StepProgress(balances.Count, Next: null);
    }

    private static void Judge(TrialBalance balance, (long Credit, long Debit) accrued)
    {
        var (payable, receivable) = (
            Net(balance, GlCode.AccruedInterestPayable),
            -Net(balance, GlCode.AccruedInterestReceivable)
        );
        if (!balance.IsZeroSum || payable != accrued.Credit || receivable != accrued.Debit)
        {
            throw new EndOfDayException(
                $"The books of {balance.Date:yyyy-MM-dd} in {balance.Currency} don't agree: debits {balance.DebitsMinor}, "
                    + $"credits {balance.CreditsMinor}; interest payable {payable} (by account {accrued.Credit}), "
                    + $"receivable {receivable} (by account {accrued.Debit})."
            );
        }
    }

    private static long Net(TrialBalance balance, GlCode code) =>
        balance.Lines.FirstOrDefault(line => line.Code == code) is { } line
            ? line.CreditMinor - line.DebitMinor
            : 0;

    /// <summary>What the documents of all accounts say was booked, by currency.</summary>
    private static async ValueTask<Dictionary<uint, (long Credit, long Debit)>> AccruedAsync(
        Bank bank,
        CancellationToken cancellationToken
    )
    {
        Dictionary<uint, (long Credit, long Debit)> sums = [];
        string? after = null;
        do
        {
            var accounts = await Collections.Accounts.QueryAsync(
                bank.Journal,
                new RecordQuery
                {
                    Collection = Collections.Accounts.Name,
                    After = after,
                    Limit = OperationLimits.PageRecordsMax,
                },
                cancellationToken
            );
            await AddAsync(bank, accounts, after, sums, cancellationToken);
            after = accounts.Next;
        } while (after is not null);
        return sums;
    }

    /// <summary>The interest documents of one page of accounts lie in the same range of keys.</summary>
    private static async ValueTask AddAsync(
        Bank bank,
        DocumentPage<AccountDocument> accounts,
        string? after,
        Dictionary<uint, (long Credit, long Debit)> sums,
        CancellationToken cancellationToken
    )
    {
        var currencies = accounts.Documents.ToDictionary(
            static pair => pair.Key,
            static pair => pair.Document.Currency,
            StringComparer.Ordinal
        );
        string? next = after;
        do
        {
            var page = await Collections.Interest.QueryAsync(
                bank.Journal,
                new RecordQuery
                {
                    Collection = Collections.Interest.Name,
                    After = next,
                    Limit = OperationLimits.PageRecordsMax,
                },
                cancellationToken
            );
            foreach (var (key, document) in page.Documents)
            {
                if (!currencies.TryGetValue(key, out var currency))
                {
                    return;
                }
                var sum = sums.GetValueOrDefault(currency);
                sums[currency] = (
                    sum.Credit + document.CreditPostedMinor,
                    sum.Debit + document.DebitPostedMinor
                );
            }
            next = page.Next;
        } while (next is not null);
    }
}
