using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Interest;

/// <summary>What has accrued in whole minor units becomes money; parts of one stay accrued.</summary>
internal static class InterestSettlement
{
    /// <param name="target">The account that gets and pays it.</param>
    public static (InterestDocument After, IReadOnlyList<Transfer> Transfers) Of(
        InterestDocument document,
        InstructionId id,
        UInt128 target,
        uint currency,
        DateOnly open
    )
    {
        var paid = Math.Max(0, document.CreditPostedMinor);
        var charged = Math.Max(0, document.DebitPostedMinor);
        List<Transfer> transfers = [];
        if (paid > 0)
        {
            transfers.Add(
                Book("credit", LedgerIds.Of(GlCode.AccruedInterestPayable, currency), target, paid)
            );
        }
        if (charged > 0)
        {
            // It is owed whether or not the agreed overdraft has room for it.
            transfers.Add(
                Book(
                    "debit",
                    target,
                    LedgerIds.Of(GlCode.AccruedInterestReceivable, currency),
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
        return (after, transfers);

        Transfer Book(string leg, UInt128 debit, UInt128 credit, long minor) =>
            EndOfDayPosting.IntoOpen(
                id,
                leg,
                debit,
                credit,
                minor,
                currency,
                PostingKind.InterestCapitalised,
                open
            );
    }
}
