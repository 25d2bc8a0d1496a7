using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Advising;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Storage;
using Evenkeel.Payments;
using static Evenkeel.Payments.OutcomeReason;

namespace Evenkeel.Banking.Rails;

/// <summary>A credit that had been settled comes back from the payee's bank.</summary>
internal static class Returns
{
    public static async ValueTask<Verdict> DecideAsync(
        DecisionContext context,
        Movement.Return returned,
        CancellationToken cancellationToken
    )
    {
        if (context.Instruction.Actor is not (Actor.Clearing or Actor.Bank))
        {
            return new Verdict.Refuse(NotAuthorised);
        }
        var original = await Collections.Orders.ReadAsync(
            context.Reader,
            returned.Original.ToString(),
            cancellationToken
        );
        if (original?.Rail is not { } rail || original.Debtor is null)
        {
            return new Verdict.Refuse(OriginalUnknown);
        }
        if (rail.Stage == RailStage.Returned)
        {
            return new Verdict.Refuse(AlreadyReversed);
        }
        if (rail.Stage != RailStage.Settled)
        {
            return new Verdict.Refuse(OriginalNotReversible);
        }
        var amount = context.Instruction.Amount;
        if (amount.Currency != original.Currency)
        {
            return new Verdict.Refuse(CurrencyMismatch);
        }
        if (amount.Minor > original.AmountMinor)
        {
            return new Verdict.Refuse(AmountAboveOriginal);
        }
        var debtor = AccountNumber.Parse(original.Debtor);
        var account = await context.ReadAccountAsync(debtor, cancellationToken);
        var isOwed = account is { State: not AccountState.Closed };

        // After this point it succeeds.
        var date = SettlementAccounts.DateOf(context.Instruction.References.Rail);
        context.Move(
            "main",
            debit: date is { } day
                ? SettlementAccounts.Received(day, amount.Currency)
                : LedgerIds.Of(GlCode.ClearingIncoming, amount.Currency),
            credit: isOwed ? LedgerIds.Of(debtor) : LedgerIds.Of(GlCode.Suspense, amount.Currency),
            amount,
            isOwed ? PostingKind.Return : PostingKind.Suspense
        );
        context.Write(
            Collections.Orders.Write(
                returned.Original.ToString(),
                original.With(
                    InstructionState.Returned,
                    ReturnedByCreditorBank,
                    new OrderEvent(
                        context.Now,
                        InstructionState.Returned,
                        context.Instruction.Actor.Name,
                        ReasonTable.Of(returned.Why).Iso20022
                    )
                ) with
                {
                    Rail = rail with { Stage = RailStage.Returned },
                }
            )
        );
        if (!isOwed)
        {
            Exceptions.Open(
                context,
                ExceptionKind.ReturnImpossible,
                account: null,
                suspenseMinor: amount.Minor
            );
        }
        return new Verdict.Accept(
            OrderDrafts.Of(returned) with
            {
                Accounts = [debtor],
                Creditor = debtor.ToString(),
            },
            isOwed ? InstructionState.Done : InstructionState.InSuspense
        );
    }
}
