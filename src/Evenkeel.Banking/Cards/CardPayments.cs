using System.Globalization;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Advising;
using Evenkeel.Banking.CustomerLimits;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Storage;
using Evenkeel.Model;
using Evenkeel.Payments;
using static Evenkeel.Payments.OutcomeReason;

namespace Evenkeel.Banking.Cards;

/// <summary>Paying with a card in a shop: at once, or reserved now and taken later.</summary>
internal static class CardPayments
{
    public static ValueTask<Verdict> DecideAsync(
        DecisionContext context,
        Movement.CardPurchase purchase,
        CancellationToken cancellationToken
    ) => PayAsync(context, purchase.Card, purchase.Merchant, isHold: false, cancellationToken);

    public static ValueTask<Verdict> DecideAsync(
        DecisionContext context,
        Movement.CardAuthorisation authorisation,
        CancellationToken cancellationToken
    ) =>
        PayAsync(
            context,
            authorisation.Card,
            authorisation.Merchant,
            isHold: true,
            cancellationToken
        );

    /// <summary>Posts what an authorisation held, in part or whole; the rest is free again.</summary>
    public static async ValueTask<Verdict> DecideAsync(
        DecisionContext context,
        Movement.CardCompletion completion,
        CancellationToken cancellationToken
    )
    {
        var key = completion.Authorisation.ToString();
        var held = await Collections.Orders.ReadAsync(context.Reader, key, cancellationToken);
        var fault = JudgeCompletion(context, held);
        if (context.Instruction.IsAdvice && (fault != None || held!.Debtor is null))
        {
            return await CompleteWithoutHoldAsync(context, completion, cancellationToken);
        }
        if (fault != None)
        {
            return new Verdict.Refuse(fault);
        }
        var debtor = AccountNumber.Parse(held!.Debtor!);
        var amount = context.Instruction.Amount;

        // After this point it succeeds.
        context.Move(
            "main",
            debit: LedgerIds.Of(debtor),
            credit: LedgerIds.Of(GlCode.CardSettlement, amount.Currency),
            amount,
            PostingKind.CardPurchase,
            TransferFlags.PostPendingTransfer,
            Holds.IdOf(held)
        );
        OrderEvent happened = new(
            context.Now,
            InstructionState.Done,
            context.Instruction.Actor.Name,
            context.Instruction.Id.ToString()
        );
        context.Write(
            Collections.Orders.Write(
                key,
                held.With(InstructionState.Done, reason: null, happened) with
                {
                    CompletedMinor = amount.Minor,
                }
            )
        );
        PartyTexts.Seal(
            context,
            await context.ReadAccountAsync(debtor, cancellationToken),
            new PartyText(completion.Merchant.NameAndPlace, null, null, Remittance: null),
            creditor: null,
            forCreditor: null
        );
        return new Verdict.Accept(
            new OrderDraft("card-completion", debtor, held.Creditor, [debtor])
            {
                Complete = order => order with { Original = key },
            }
        );
    }

    private static OutcomeReason JudgeCompletion(DecisionContext context, OrderDocument? held) =>
        held switch
        {
            null => OriginalUnknown,
            _ when !Holds.IsSameSender(context, held) => OriginalUnknown,
            { State: InstructionState.Reversed } => AlreadyReversed,
            { State: InstructionState.NotDone, Reason: ReversedBefore } => AlreadyReversed,
            { State: not InstructionState.Held } => OriginalNotReversible,
            _ when held.Currency != context.Instruction.Amount.Currency => CurrencyMismatch,
            _ when context.Instruction.Amount.Minor > Holds.AmountOf(held) => AmountAboveOriginal,
            _ when Holds.IsOver(context, held) => HoldExpired,
            _ => None,
        };

    /// <summary>
    /// The goods were handed over: the holder pays, with a hold or without. An account that nobody
    /// names is a case for suspense.
    /// </summary>
    private static async ValueTask<Verdict> CompleteWithoutHoldAsync(
        DecisionContext context,
        Movement.CardCompletion completion,
        CancellationToken cancellationToken
    )
    {
        var held = await Collections.Orders.ReadAsync(
            context.Reader,
            completion.Authorisation.ToString(),
            cancellationToken
        );
        var isOwn = held is not null && Holds.IsSameSender(context, held);
        var debit =
            isOwn && AccountNumber.TryParse(held!.Debtor, out var debtor)
                ? await Suspense.SideAsync(context, debtor, cancellationToken)
                : Suspense.Missing(ExceptionKind.CompletionWithoutHold, named: null);
        if (debit.LedgerId is not null)
        {
            Exceptions.Open(context, ExceptionKind.CompletionWithoutHold, debit.Named);
            if (held!.State == InstructionState.Held)
            {
                Holds.End(context, completion.Authorisation, held, "completed-otherwise");
            }
        }
        return await Suspense.PostAsync(
            context,
            debit,
            Suspense.Of(LedgerIds.Of(GlCode.CardSettlement, context.Instruction.Amount.Currency)),
            PostingKind.CardPurchase,
            new OrderDraft(
                "card-completion",
                debit.Document is null ? null : AccountNumber.Parse(debit.Named!),
                Creditor: null,
                debit.Document is null ? [] : [AccountNumber.Parse(debit.Named!)]
            )
            {
                Complete = order => order with { Original = completion.Authorisation.ToString() },
            },
            cancellationToken
        );
    }

    private static async ValueTask<Verdict> PayAsync(
        DecisionContext context,
        CardUse use,
        Merchant merchant,
        bool isHold,
        CancellationToken cancellationToken
    )
    {
        var draft = OrderDrafts.Of(context.Instruction.Movement);
        var flags = isHold ? TransferFlags.Pending : TransferFlags.None;
        var timeout = isHold ? BankingLimits.HoldSeconds : 0;
        var amount = context.Instruction.Amount;
        var settlement = LedgerIds.Of(GlCode.CardSettlement, amount.Currency);
        if (context.Instruction.IsAdvice)
        {
            var side = await CardSides.OfAsync(
                context,
                use,
                CardPurpose.Purchase,
                cancellationToken
            );
            return await Suspense.PostAsync(
                context,
                side,
                Suspense.Of(settlement),
                PostingKind.CardPurchase,
                DraftOf(context, draft, side.Document, side.Named, merchant, isHold),
                cancellationToken,
                // Nobody's account: there is nothing to hold, and the shop has its word.
                side.LedgerId
                    is null
                    ? TransferFlags.None
                    : flags,
                side.LedgerId is null ? 0 : timeout
            );
        }
        var verdict = await CardRules.JudgeAsync(
            context.Bank,
            context.Reader,
            context.BusinessDate,
            use,
            CardPurpose.Purchase,
            context.Instruction.Id,
            cancellationToken
        );
        if (verdict.Fault != None)
        {
            return CardSides.Refuse(use, verdict);
        }
        var number = AccountNumber.Parse(verdict.Card!.Account);
        var (account, fault) = await Debits.JudgeAsync(context, number, cancellationToken);
        if (fault == None)
        {
            fault = CardRules.JudgeLimits(context, verdict.Card, use.Token, CardPurpose.Purchase);
        }
        if (fault == None)
        {
            fault = await LimitRules.JudgeAsync(context, account!, cancellationToken);
        }
        if (fault != None)
        {
            return CardSides.Refuse(use, verdict with { Fault = fault });
        }

        // After this point it succeeds, if the money and the limits hold when it is applied.
        CardSides.Remember(context, use, verdict);
        context.Move(
            "main",
            debit: LedgerIds.Of(number),
            credit: settlement,
            amount,
            PostingKind.CardPurchase,
            flags,
            timeoutSeconds: timeout
        );
        return new Verdict.Accept(
            DraftOf(context, draft, account, verdict.Card.Account, merchant, isHold),
            isHold ? InstructionState.Held : InstructionState.Done
        );
    }

    private static OrderDraft DraftOf(
        DecisionContext context,
        OrderDraft draft,
        AccountDocument? account,
        string? named,
        Merchant merchant,
        bool isHold
    )
    {
        if (account is null)
        {
            return draft;
        }
        PartyTexts.Seal(
            context,
            account,
            new PartyText(merchant.NameAndPlace, Account: null, Bank: null, Remittance: null),
            creditor: null,
            forCreditor: null
        );
        var number = AccountNumber.Parse(named!);
        return draft with
        {
            Debtor = number,
            Accounts = [number],
            Complete = order =>
                isHold
                    ? order with
                    {
                        Hold = LedgerIds
                            .Transfer(context.Instruction.Id, "main")
                            .ToString("x32", CultureInfo.InvariantCulture),
                        HoldUntil = context.Now.AddSeconds(BankingLimits.HoldSeconds),
                    }
                    : order,
        };
    }
}
