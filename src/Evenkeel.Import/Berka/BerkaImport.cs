using System.Runtime.InteropServices;
using Evenkeel.Journal;
using Evenkeel.Model;

namespace Evenkeel.Import.Berka;

/// <summary>
/// Loads the Berka data set (PKDD'99) and reports how the ledger's answers compare with the
/// balances that the source states.
/// </summary>
/// <remarks>
/// The source's rows have dates only and their order within a day is not the order of booking, so
/// that no honest booking time exists: transfers happen now, and the source's date is their value
/// date. Accounts have no limits, since the same order could refuse what the real bank took.
/// </remarks>
public static class BerkaImport
{
    /// <exception cref="ImportFailedException">It stopped; running it again is safe.</exception>
    public static async Task<BerkaReport> RunAsync(
        string folder,
        IImportTarget target,
        ImportOptions options,
        IProgress<ImportStep> progress,
        CancellationToken cancellationToken
    )
    {
        var movements = BerkaFiles.Movements(folder);
        progress.Report(new ImportStep(ImportStage.Reading, 1, 2));
        var documents = BerkaFiles.Documents(folder);
        progress.Report(new ImportStep(ImportStage.Reading, 2, 2));

        PatientTarget patient = new(target, options.Time);
        var plan = Plan(BerkaFiles.Digest(folder), documents, movements);
        Loader loader = new(patient, plan, options.BatchTransfers, progress);
        await loader.RunAsync(cancellationToken).ConfigureAwait(false);
        return await ReportAsync(patient, plan, movements, progress, cancellationToken)
            .ConfigureAwait(false);
    }

    private static ImportPlan Plan(
        string digest,
        List<BerkaFiles.Document> documents,
        List<BerkaMovement> movements
    )
    {
        List<Operation> operations = [];
        operations.AddRange(
            ImportPlan.InOperations(BerkaIds.Source, 1, [.. BankAccounts(movements)], [])
        );
        foreach (var group in documents.GroupBy(d => d.Collection, StringComparer.Ordinal))
        {
            Account[] accounts =
            [
                .. group.Where(d => d.Account != 0).Select(d => CustomerAccount(d.Account)),
            ];
            RecordWrite[] writes =
            [
                .. group.Select(d => new RecordWrite(new RecordKey(d.Collection, d.Key), d.Json)),
            ];
            operations.AddRange(
                ImportPlan.InOperations(
                    BerkaIds.Source,
                    (ulong)operations.Count + 1,
                    accounts,
                    writes
                )
            );
        }
        return new ImportPlan
        {
            Source = BerkaIds.Source,
            Digest = digest,
            Operations = operations,
            Transfers = [.. movements.Select(m => m.ToTransfer())],
        };
    }

    private static Account CustomerAccount(UInt128 id) =>
        new()
        {
            Id = id,
            UserData128 = id & ulong.MaxValue,
            Ledger = BerkaIds.Ledger,
            Code = (ushort)AccountCode.Customer,
            Flags = AccountFlags.History,
        };

    private static IEnumerable<Account> BankAccounts(List<BerkaMovement> movements) =>
        movements
            .Select(m => m.BankSide)
            .Distinct()
            .Order()
            .Select(id => new Account
            {
                Id = id,
                Ledger = BerkaIds.Ledger,
                Code = (ushort)((ulong)(id & ulong.MaxValue) >> 16),
                Flags = AccountFlags.History,
            });

    private static async Task<BerkaReport> ReportAsync(
        PatientTarget target,
        ImportPlan plan,
        List<BerkaMovement> movements,
        IProgress<ImportStep> progress,
        CancellationToken cancellationToken
    )
    {
        BerkaComparison comparison = new();
        foreach (ref readonly var movement in CollectionsMarshal.AsSpan(movements))
        {
            comparison.AddSourceBalance(movement.AccountId, movement.Date, movement.Balance);
        }

        UInt128[] ids =
        [
            .. plan
                .Operations.SelectMany(o => o.Accounts)
                .Where(a => a.Code == (ushort)AccountCode.Customer)
                .Select(a => a.Id),
        ];
        var accounts = await PatientTarget
            .InPortionsAsync(ids, target.LookupAccountsAsync, static _ => { }, cancellationToken)
            .ConfigureAwait(false);
        var outOfBalance = 0;
        var reported = 0;
        foreach (var portion in accounts.Where(HasMoved).Chunk(ImportLimits.ReadsInFlight))
        {
            var answers = await Task.WhenAll(
                    portion.Select(a => target.AllTransfersAsync(a.Id, cancellationToken))
                )
                .ConfigureAwait(false);
            foreach (var (account, transfers) in portion.Zip(answers))
            {
                var sum = AddTo(comparison, account.Id, transfers);
                outOfBalance += sum == Balance(account) ? 0 : 1;
            }
            reported += portion.Length;
            progress.Report(new ImportStep(ImportStage.Report, reported, accounts.Count));
        }
        progress.Report(new ImportStep(ImportStage.Report, accounts.Count, accounts.Count));
        return comparison.Compare(accounts.Count, outOfBalance);
    }

    /// <summary>Hands the answered transfers on; returns their sum as the customer sees it.</summary>
    private static Int128 AddTo(BerkaComparison comparison, UInt128 id, List<Transfer> transfers)
    {
        Int128 sum = 0;
        foreach (var transfer in transfers)
        {
            var amount = (long)transfer.Amount;
            var signed = transfer.CreditAccountId == id ? amount : -amount;
            var account = (ulong)(id & ulong.MaxValue);
            comparison.AddLedgerMovement(new LedgerMovement(account, transfer.UserData32, signed));
            sum += signed;
        }
        return sum;
    }

    private static bool HasMoved(Account account) =>
        account.DebitsPosted != 0 || account.CreditsPosted != 0;

    private static Int128 Balance(Account account) =>
        (Int128)account.CreditsPosted - (Int128)account.DebitsPosted;
}
