using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Orders;
using Evenkeel.Payments;
using static Evenkeel.Payments.OutcomeReason;

namespace Evenkeel.Banking.Transfers;

/// <summary>From one account to another.</summary>
internal static class CreditTransfers
{
    public static async ValueTask<Verdict> DecideAsync(
        DecisionContext context,
        Movement.CreditTransfer transfer,
        CancellationToken cancellationToken
    )
    {
        var (debtor, fault) = await Debits.JudgeAsync(context, transfer.Debtor, cancellationToken);
        if (fault != None)
        {
            return new Verdict.Refuse(fault);
        }
        if (transfer.Creditor is Creditor.Elsewhere elsewhere)
        {
            return await Rails.OutgoingCredits.DecideAsync(
                context,
                transfer,
                debtor!,
                elsewhere,
                cancellationToken
            );
        }
        if (transfer.Creditor is not Creditor.Here here)
        {
            return new Verdict.Refuse(NotSupported);
        }
        var creditor = await context.ReadAccountAsync(here.Account, cancellationToken);
        if (creditor is null)
        {
            return new Verdict.Refuse(CreditorAccountUnknown);
        }
        if (creditor.State == AccountState.Closed)
        {
            return new Verdict.Refuse(CreditorAccountClosed);
        }
        if (creditor.State is AccountState.CreditBlocked or AccountState.Frozen)
        {
            return new Verdict.Refuse(CreditorAccountBlocked);
        }
        if (creditor.Currency != debtor!.Currency)
        {
            return new Verdict.Refuse(CurrencyMismatch);
        }

        // After this point it succeeds, if the money and the limits hold when it is applied.
        context.Move(
            "main",
            debit: LedgerIds.Of(transfer.Debtor),
            credit: LedgerIds.Of(here.Account),
            context.Instruction.Amount,
            PostingKind.Transfer
        );
        return new Verdict.Accept(OrderDrafts.Of(transfer));
    }
}
