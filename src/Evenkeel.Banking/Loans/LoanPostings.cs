using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Interest;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Loans;

/// <summary>What a payment on a loan does in ledger and documents, all in one operation.</summary>
internal static class LoanPostings
{
    /// <param name="key">The loan's account.</param>
    /// <param name="kind">Of the order that is left for those who look for it.</param>
    public static Operation Complete(
        Operation draft,
        InstructionId id,
        string key,
        LoanPayment payment,
        InterestDocument? interest,
        DateOnly today,
        string kind,
        DateTimeOffset now
    )
    {
        var loan = payment.Loan;
        var settlement = AccountNumber.Parse(loan.Settlement);
        var account = AccountNumber.Parse(key);
        List<Transfer> transfers = [];
        List<RecordWrite> writes = [Collections.Loans.Write(key, loan)];
        if (payment.InterestMinor > 0)
        {
            Check.That(interest is not null);
            Check.That(interest!.DebitPostedMinor >= payment.InterestMinor);
            transfers.Add(
                Book(
                    "interest",
                    LedgerIds.Of(GlCode.AccruedInterestReceivable, loan.Currency),
                    payment.InterestMinor
                )
            );
            writes.Add(
                Collections.Interest.Write(
                    key,
                    interest with
                    {
                        DebitMicro =
                            interest.DebitMicro
                            - (payment.InterestMinor * DailyInterest.MicroPerMinor),
                        DebitPostedMinor = interest.DebitPostedMinor - payment.InterestMinor,
                    }
                )
            );
        }
        if (payment.PrincipalMinor > 0)
        {
            transfers.Add(Book("principal", LedgerIds.Of(account), payment.PrincipalMinor));
        }
        writes.Add(
            BankOrders.Done(
                id,
                kind,
                debtor: settlement,
                creditor: account,
                new Money(payment.InterestMinor + payment.PrincipalMinor, loan.Currency),
                today,
                now
            )
        );
        return draft with { Transfers = transfers, Writes = writes };

        Transfer Book(string leg, UInt128 credit, long minor) =>
            EndOfDayPosting.IntoOpen(
                id,
                leg,
                LedgerIds.Of(settlement),
                credit,
                minor,
                loan.Currency,
                PostingKind.LoanInstalment,
                today
            );
    }
}
