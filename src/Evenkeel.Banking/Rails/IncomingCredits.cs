using System.Text.Json;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Advising;
using Evenkeel.Banking.Calendars;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Storage;
using Evenkeel.Banking.Work;
using Evenkeel.Payments;
using static Evenkeel.Payments.OutcomeReason;

namespace Evenkeel.Banking.Rails;

/// <summary>
/// A credit from another bank. Settled ones can't be refused: what has no account goes to suspense and
/// back to where it came from by itself; what has one that may take nothing waits for a person.
/// </summary>
internal static class IncomingCredits
{
    public static async ValueTask<Verdict> DecideAsync(
        DecisionContext context,
        Movement.IncomingCredit incoming,
        CancellationToken cancellationToken
    )
    {
        if (context.Instruction.Actor is not (Actor.Clearing or Actor.Bank))
        {
            return new Verdict.Refuse(NotAuthorised);
        }
        var creditor = await context.ReadAccountAsync(incoming.Creditor, cancellationToken);
        var fault =
            creditor is null ? CreditorAccountUnknown
            : creditor.State == AccountState.Closed ? CreditorAccountClosed
            : creditor.State is AccountState.CreditBlocked or AccountState.Frozen
                ? CreditorAccountBlocked
            : creditor.Currency != context.Instruction.Amount.Currency ? CurrencyMismatch
            : None;
        if (fault != None && !context.Instruction.IsAdvice)
        {
            return new Verdict.Refuse(fault);
        }

        // What came late counts from the next banking day; it has settled, and can't be refused.
        _ = await CutOffs.JudgeAsync(context, CutOffs.IncomingCredit, cancellationToken);

        // After this point it succeeds.
        var currency = context.Instruction.Amount.Currency;
        var date = SettlementAccounts.DateOf(context.Instruction.References.Rail);
        context.Move(
            "main",
            debit: date is { } day
                ? SettlementAccounts.Received(day, currency)
                : LedgerIds.Of(GlCode.ClearingIncoming, currency),
            credit: fault == None
                ? LedgerIds.Of(incoming.Creditor)
                : LedgerIds.Of(GlCode.Suspense, currency),
            context.Instruction.Amount,
            fault == None ? PostingKind.IncomingCredit : PostingKind.Suspense
        );
        var draft = OrderDrafts.Of(incoming);
        if (fault == None)
        {
            return new Verdict.Accept(draft with { Complete = WithDebtor(context, creditor!) });
        }
        if (fault == CreditorAccountBlocked)
        {
            Exceptions.Open(
                context,
                ExceptionKind.CreditorBlocked,
                incoming.Creditor.ToString(),
                suspenseMinor: context.Instruction.Amount.Minor,
                fault
            );
        }
        else if (context.Instruction.References.Uetr is { } uetr)
        {
            SendBack(context, incoming, uetr, fault);
        }
        return new Verdict.Accept(draft, InstructionState.InSuspense) { Reason = fault };
    }

    /// <summary>Who sent it, under the payee's key.</summary>
    private static Func<OrderDocument, OrderDocument> WithDebtor(
        DecisionContext context,
        AccountDocument creditor
    )
    {
        var incoming = (Movement.IncomingCredit)context.Instruction.Movement;
        CustomerId owner = new(creditor.Customer);
        var part = OutgoingCredits.Part(
            context.Bank,
            context.Instruction.Id,
            context.Instruction.References.Uetr ?? OutgoingCredits.UetrOf(context.Instruction.Id),
            owner,
            new Creditor.Elsewhere(
                incoming.DebtorBank,
                incoming.DebtorAccount,
                incoming.DebtorName
            ),
            context.Instruction.Remittance,
            work: ""
        ) with
        {
            Stage = RailStage.Settled,
            Work = null,
            SettlementDate = SettlementAccounts.DateOf(context.Instruction.References.Rail),
        };
        return order => order with { Rail = part };
    }

    /// <summary>An order of the bank's own: it goes out and ends as every outgoing credit does.</summary>
    private static void SendBack(
        DecisionContext context,
        Movement.IncomingCredit incoming,
        Guid uetr,
        OutcomeReason fault
    )
    {
        var id = context.Instruction.Id.Derive("return");
        var amount = context.Instruction.Amount;
        context.Move(
            "return",
            debit: LedgerIds.Of(GlCode.Suspense, amount.Currency),
            credit: SettlementAccounts.OnTheWay(amount.Currency),
            amount,
            PostingKind.Return
        );
        var (work, write) = WorkQueue.Add(OutgoingCredits.WorkKind, id.ToString(), context.Now);
        context.Write(write);
        var returnId = OutgoingCredits.UetrOf(id);
        context.Write(OutgoingCredits.UetrWrite(returnId, id));
        context.Write(
            Collections.Orders.Write(
                id.ToString(),
                new OrderDocument
                {
                    Kind = "return-out",
                    State = InstructionState.BeingResolved,
                    Reason = ClearingPending,
                    AmountMinor = amount.Minor,
                    Currency = amount.Currency,
                    Channel = Channel.Internal,
                    Creditor = incoming.DebtorBank.Value,
                    References = [$"uetr:{returnId:D}"],
                    BookingDate = context.BusinessDate,
                    ValueDate = context.BusinessDate,
                    Timeline =
                    [
                        new OrderEvent(context.Now, InstructionState.BeingResolved, "rail"),
                    ],
                    Rail = new RailPart(
                        $"{returnId:D}",
                        RailStage.ToSend,
                        work,
                        Bank: incoming.DebtorBank.Value
                    )
                    {
                        OriginalUetr = $"{uetr:D}",
                        Original = context.Instruction.Id.ToString(),
                        Code = ReasonTable.Of(fault).Iso20022,
                    },
                }
            )
        );
        context.Bank.WorkBell.Ring();
    }
}
