using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Products;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Journal.Decisions;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Interest;

/// <summary>
/// At a month's end what has accrued becomes money on the account, on the first of the new month. Parts
/// of a minor unit stay accrued. A loan's interest is paid by its instalments instead.
/// </summary>
internal sealed class CapitalisationStep : IEndOfDayStep
{
    public string Name => "capitalise";

    public ValueTask<StepProgress> RunAsync(
        Bank bank,
        BusinessDayDocument day,
        string? cursor,
        CancellationToken cancellationToken
    ) =>
        !day.IsMonthEnd
            ? ValueTask.FromResult(default(StepProgress))
            : AccountBatch.RunAsync(
                bank,
                cursor,
                (number, _, token) => CapitaliseAsync(bank, day, number, token),
                cancellationToken
            );

    private async ValueTask CapitaliseAsync(
        Bank bank,
        BusinessDayDocument day,
        AccountNumber number,
        CancellationToken cancellationToken
    )
    {
        var key = number.ToString();
        var document = await Collections.Interest.ReadAsync(bank.Journal, key, cancellationToken);
        if (document is null || !IsDue(document))
        {
            return;
        }
        var result = await StepOperation.DecideAsync(
            bank,
            day.Date,
            Name,
            key,
            [Collections.Interest.Key(key)],
            (reader, draft, id, token) => DecideAsync(reader, draft, id, day, number, token),
            cancellationToken
        );
        if (result.Status == OperationStatus.TransferRefused)
        {
            throw new EndOfDayException($"Capitalising {key} was refused by the ledger.");
        }
    }

    private static bool IsDue(InterestDocument document) =>
        document.CreditPostedMinor > 0 || document.DebitPostedMinor > 0;

    private static async ValueTask<Operation> DecideAsync(
        DecisionReader reader,
        Operation draft,
        InstructionId id,
        BusinessDayDocument day,
        AccountNumber number,
        CancellationToken cancellationToken
    )
    {
        var key = number.ToString();
        var account = await Collections.Accounts.ReadAsync(reader, key, cancellationToken);
        var document = await Collections.Interest.ReadAsync(reader, key, cancellationToken);
        Check.That(account is not null && document is not null);
        var product = await ProductAdministration.ReadAsync(
            reader,
            account!.Product,
            account.Currency,
            cancellationToken
        );
        if (product!.Kind == ProductKind.Loan || !IsDue(document!))
        {
            return StepOperation.NothingToDo(draft);
        }
        // A closed account can't take it: someone must find whose it is now.
        var target =
            account.State == AccountState.Closed
                ? LedgerIds.Of(GlCode.Suspense, account.Currency)
                : LedgerIds.Of(number);
        var paid = Math.Max(0, document!.CreditPostedMinor);
        var charged = Math.Max(0, document.DebitPostedMinor);
        List<Transfer> transfers = [];
        if (paid > 0)
        {
            transfers.Add(
                Book(
                    "credit",
                    LedgerIds.Of(GlCode.AccruedInterestPayable, account.Currency),
                    target,
                    paid
                )
            );
        }
        if (charged > 0)
        {
            // It is owed whether or not the agreed overdraft has room for it.
            transfers.Add(
                Book(
                    "debit",
                    target,
                    LedgerIds.Of(GlCode.AccruedInterestReceivable, account.Currency),
                    charged
                ) with
                {
                    Flags = TransferFlags.Forced,
                }
            );
        }
        var after = document with
        {
            CreditMicro = document.CreditMicro - (paid * DailyInterest.MicroPerMinor),
            DebitMicro = document.DebitMicro - (charged * DailyInterest.MicroPerMinor),
            CreditPostedMinor = document.CreditPostedMinor - paid,
            DebitPostedMinor = document.DebitPostedMinor - charged,
        };
        return draft with
        {
            Transfers = transfers,
            Writes = [Collections.Interest.Write(key, after)],
        };

        Transfer Book(string leg, UInt128 debit, UInt128 credit, long minor) =>
            EndOfDayPosting.IntoOpen(
                id,
                leg,
                debit,
                credit,
                minor,
                account.Currency,
                PostingKind.InterestCapitalised,
                day.Next
            );
    }
}
