using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Evenkeel.Banking.Interest;
using Evenkeel.Banking.Loans;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Model;

namespace Evenkeel.Banking.GeneralLedger;

/// <summary>
/// One figure for all that the books say: two banks that were told the same have the same, whenever and
/// with whatever interruptions it happened. Moments of log time and numbers of attempts are left out.
/// </summary>
internal static class BooksDigest
{
    public static async ValueTask<string> ComputeAsync(
        Bank bank,
        CancellationToken cancellationToken
    )
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await AddAccountsAsync(bank, hash, cancellationToken);
        await AddAsync(
            bank,
            hash,
            Collections.Interest,
            static document =>
                $"{document.Through:O} {document.BookedMinor} {Text(document.Steps)} {document.CreditMicro} {document.DebitMicro} {document.CreditPostedMinor} {document.DebitPostedMinor} {document.LastUse:O}",
            cancellationToken
        );
        await AddAsync(
            bank,
            hash,
            Collections.TrialBalances,
            static balance => $"{string.Join(' ', balance.Lines.Select(TextOf))}",
            cancellationToken
        );
        await AddAsync(
            bank,
            hash,
            Collections.Loans,
            static loan =>
                $"{loan.State} {loan.OutstandingMinor} {loan.InstalmentMinor} {loan.DemandedCount} {loan.NextRun:O} {string.Join(' ', loan.Demanded.Select(TextOf))}",
            cancellationToken
        );
        await AddAsync(
            bank,
            hash,
            Collections.CreditLines,
            static line =>
                $"{line.Bill?.Billed:O} {line.Bill?.AmountMinor} {line.Bill?.MinimumMinor} {line.Bill?.Due:O} {line.Bill?.State}",
            cancellationToken
        );
        await AddAsync(
            bank,
            hash,
            Collections.Fees,
            static fee => $"{fee.AmountMinor} {fee.Incurred:O} {fee.State} {fee.Taken:O}",
            cancellationToken
        );
        await AddAsync(
            bank,
            hash,
            Collections.StandingRuns,
            static run => $"{run.Run:O} {run.State} {run.Reason}",
            cancellationToken
        );
        await AddAsync(
            bank,
            hash,
            Collections.Sweeps,
            static sweep => $"{sweep.LastRun:O} {sweep.NextRun:O} {sweep.LastReason}",
            cancellationToken
        );
        await AddAsync(
            bank,
            hash,
            Collections.Statements,
            static statement =>
                $"{statement.Number} {statement.From:O} {statement.To:O} {statement.OpeningMinor} {statement.ClosingMinor}",
            cancellationToken
        );
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string TextOf(TrialBalanceLine line) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{(int)line.Code}:{line.Accounts}:{line.DebitMinor}:{line.CreditMinor}"
        );

    private static string TextOf(InstalmentDocument one) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{one.Number}:{one.Due:O}:{one.Demanded:O}:{one.InterestMinor}:{one.PrincipalMinor}:{one.InterestPaidMinor}:{one.PrincipalPaidMinor}:{one.Paid:O}"
        );

    private static string Text(IReadOnlyList<ValueStep> steps) =>
        string.Join(
            ',',
            steps.Select(static step =>
                string.Create(CultureInfo.InvariantCulture, $"{step.From:O}={step.Minor}")
            )
        );

    /// <summary>Every account of the ledger, the bank's own too, by id.</summary>
    private static async ValueTask AddAccountsAsync(
        Bank bank,
        IncrementalHash hash,
        CancellationToken cancellationToken
    )
    {
        List<Account> all = [];
        QueryFilter filter = new() { Limit = Limits.QueryResultsMax };
        Account[] page;
        do
        {
            page = Answers.Value(await bank.Journal.QueryAccountsAsync(filter, cancellationToken));
            all.AddRange(page);
            filter.TimestampMin = page.Length == 0 ? 0 : page[^1].Timestamp + 1;
        } while (page.Length == Limits.QueryResultsMax);
        foreach (var account in all.OrderBy(static account => account.Id))
        {
            Add(
                hash,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{account.Id:x32} {account.Code} {account.DebitsPosted} {account.CreditsPosted} {account.DebitsPending} {account.CreditsPending}"
                )
            );
        }
    }

    private static async ValueTask AddAsync<T>(
        Bank bank,
        IncrementalHash hash,
        Collection<T> collection,
        Func<T, FormattableString> text,
        CancellationToken cancellationToken
    )
        where T : class
    {
        string? after = null;
        do
        {
            var page = await collection.QueryAsync(
                bank.Journal,
                new RecordQuery
                {
                    Collection = collection.Name,
                    After = after,
                    Limit = OperationLimits.PageRecordsMax,
                },
                cancellationToken
            );
            foreach (var (key, document) in page.Documents)
            {
                Add(hash, $"{collection.Name}/{key} {FormattableString.Invariant(text(document))}");
            }
            after = page.Next;
        } while (after is not null);
    }

    private static void Add(IncrementalHash hash, string line) =>
        hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
}
