using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Advising;
using Evenkeel.Banking.CustomerLimits;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Fees;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Payees;
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
        if (transfer.Creditor is Creditor.Elsewhere elsewhere)
        {
            return await Rails.OutgoingCredits.DecideAsync(
                context,
                transfer,
                elsewhere,
                cancellationToken
            );
        }
        if (transfer.Creditor is not Creditor.Here here)
        {
            return new Verdict.Refuse(NotSupported);
        }
        if (context.Instruction.IsAdvice)
        {
            return await DecideAdviceAsync(context, transfer, here, cancellationToken);
        }
        var (debtor, fault) = await Debits.JudgeAsync(context, transfer.Debtor, cancellationToken);
        if (fault != None)
        {
            return new Verdict.Refuse(fault);
        }
        (var creditor, fault) = await Credits.JudgeAsync(context, here.Account, cancellationToken);
        if (fault != None)
        {
            return new Verdict.Refuse(fault);
        }
        fault = await PayeeRules.JudgeAsync(
            context,
            debtor!,
            here,
            creditor!.Customer,
            cancellationToken
        );
        if (fault != None)
        {
            return new Verdict.Refuse(fault);
        }
        var isOwn = string.Equals(debtor!.Customer, creditor.Customer, StringComparison.Ordinal);
        if (!isOwn)
        {
            fault = await LimitRules.JudgeAsync(context, debtor, cancellationToken);
            if (fault != None)
            {
                return new Verdict.Refuse(fault);
            }
        }

        // After this point it succeeds, if the money and the limits hold when it is applied.
        await SealAsync(context, debtor, creditor, here, cancellationToken);
        context.Move(
            "main",
            debit: LedgerIds.Of(transfer.Debtor),
            credit: LedgerIds.Of(here.Account),
            context.Instruction.Amount,
            PostingKind.Transfer
        );
        if (!isOwn)
        {
            await PaymentFees.AddAsync(
                context,
                transfer.Debtor,
                debtor,
                static terms => terms.TransferFeeMinor,
                cancellationToken
            );
        }
        return new Verdict.Accept(OrderDrafts.Of(transfer));
    }

    /// <summary>It has happened: what an account can't take goes to suspense.</summary>
    private static async ValueTask<Verdict> DecideAdviceAsync(
        DecisionContext context,
        Movement.CreditTransfer transfer,
        Creditor.Here here,
        CancellationToken cancellationToken
    )
    {
        var from = await Suspense.SideAsync(context, transfer.Debtor, cancellationToken);
        var to = await Suspense.SideAsync(context, here.Account, cancellationToken);
        if (from.Document is { } debtor)
        {
            await LimitRules.JudgeAsync(context, debtor, cancellationToken);
            if (to.Document is { } creditor)
            {
                await SealAsync(context, debtor, creditor, here, cancellationToken);
            }
        }
        return await Suspense.PostAsync(
            context,
            from,
            to,
            PostingKind.Transfer,
            OrderDrafts.Of(transfer),
            cancellationToken
        );
    }

    private static async ValueTask SealAsync(
        DecisionContext context,
        AccountDocument debtor,
        AccountDocument creditor,
        Creditor.Here here,
        CancellationToken cancellationToken
    )
    {
        var remittance = context.Instruction.Remittance;
        var payer = await PartyTexts.NameAsync(context, debtor, cancellationToken);
        PartyTexts.Seal(
            context,
            debtor,
            new PartyText(here.Name, Account: null, Bank: null, remittance),
            creditor,
            new PartyText(payer, Account: null, Bank: null, remittance)
        );
    }
}
