using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.CustomerLimits;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Storage;
using Evenkeel.Banking.Work;
using Evenkeel.Model;
using Evenkeel.Payments;
using static Evenkeel.Payments.OutcomeReason;

namespace Evenkeel.Banking.Bills;

/// <summary>A bill: the money is held at once, and taken when the biller says so.</summary>
internal static class BillPayments
{
    public const string WorkKind = "bill";

    public static async ValueTask<Verdict> DecideAsync(
        DecisionContext context,
        Movement.BillPayment bill,
        CancellationToken cancellationToken
    )
    {
        var (debtor, fault) = await Debits.JudgeAsync(context, bill.Debtor, cancellationToken);
        if (fault != None)
        {
            return new Verdict.Refuse(fault);
        }
        var biller = await Collections.Billers.ReadAsync(
            context.Reader,
            bill.Biller.Value,
            cancellationToken
        );
        if (biller is not { IsOpen: true })
        {
            return new Verdict.Refuse(BillerUnknown);
        }
        var key = KeyOf(bill.Biller.Value, bill.BillNumber);
        if (await Collections.Bills.ReadAsync(context.Reader, key, cancellationToken) is not null)
        {
            return new Verdict.Refuse(BillAlreadyPaid);
        }
        fault = await LimitRules.JudgeAsync(context, debtor!, cancellationToken);
        if (fault != None)
        {
            return new Verdict.Refuse(fault);
        }

        // After this point it succeeds, if the money and the limits hold when it is applied.
        context.Move(
            "hold",
            debit: LedgerIds.Of(bill.Debtor),
            credit: LedgerIds.Of(
                GlCode.BillerSettlement,
                context.Instruction.Amount.Currency,
                biller.Serial
            ),
            context.Instruction.Amount,
            PostingKind.Bill,
            TransferFlags.Pending
        );
        var (work, write) = WorkQueue.Add(WorkKind, context.Instruction.Id.ToString(), context.Now);
        context.Write(write);
        context.Write(
            Collections.Bills.Write(key, new BillDocument(context.Instruction.Id.ToString()))
        );
        context.Bank.WorkBell.Ring();
        return new Verdict.Accept(
            OrderDrafts.Of(bill) with
            {
                Creditor = bill.Biller.Value,
                Complete = order =>
                    order with
                    {
                        Bill = new BillPart(
                            bill.Biller.Value,
                            biller.Serial,
                            bill.BillNumber,
                            BillStage.Reserved,
                            work
                        ),
                    },
            },
            InstructionState.BeingResolved
        )
        {
            Reason = BillerSilent,
            Deadline = context.Now.AddMinutes(BillLimits.AnswerMinutesMax),
        };
    }

    public static string KeyOf(string biller, string billNumber) => $"{biller}/{billNumber}";
}
