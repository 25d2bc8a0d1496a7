using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Advising;
using Evenkeel.Banking.Cards;
using Evenkeel.Banking.CustomerLimits;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Fees;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Storage;
using Evenkeel.Payments;
using static Evenkeel.Payments.OutcomeReason;

namespace Evenkeel.Banking.Cash;

/// <summary>Notes out of and into tills and machines. The ledger itself refuses more than lies in them.</summary>
internal static class CashMovements
{
    public static async ValueTask<Verdict> DecideAsync(
        DecisionContext context,
        Movement.CashWithdrawal withdrawal,
        CancellationToken cancellationToken
    )
    {
        if (context.Instruction.IsAdvice)
        {
            return await DecideAdviceAsync(context, withdrawal, cancellationToken);
        }
        var (terminal, fault) = await JudgeTerminalAsync(
            context,
            withdrawal.Terminal,
            cancellationToken
        );
        if (fault != None)
        {
            return new Verdict.Refuse(fault);
        }
        return withdrawal.From switch
        {
            Funding.OfAccount from => await FromAccountAsync(
                context,
                withdrawal,
                terminal!,
                from.Account,
                cancellationToken
            ),
            Funding.OfCard from => await FromCardAsync(
                context,
                withdrawal,
                terminal!,
                from.Card,
                cancellationToken
            ),
            _ => throw new InvalidOperationException("An unknown funding."),
        };
    }

    public static async ValueTask<Verdict> DecideAsync(
        DecisionContext context,
        Movement.CashDeposit deposit,
        CancellationToken cancellationToken
    )
    {
        var amount = context.Instruction.Amount;
        if (context.Instruction.IsAdvice)
        {
            var (side, serial) = await CashSideAsync(context, deposit.Terminal, cancellationToken);
            return await Suspense.PostAsync(
                context,
                debit: side,
                credit: await Suspense.SideAsync(context, deposit.To, cancellationToken),
                PostingKind.CashIn,
                OrderDrafts.Of(deposit),
                cancellationToken,
                terminalSerial: serial
            );
        }
        var (terminal, fault) = await JudgeTerminalAsync(
            context,
            deposit.Terminal,
            cancellationToken
        );
        if (fault == None)
        {
            (_, fault) = await Credits.JudgeAsync(context, deposit.To, cancellationToken);
        }
        if (fault != None)
        {
            return new Verdict.Refuse(fault);
        }

        // After this point it succeeds.
        context.Move(
            "main",
            debit: AccountOf(terminal!),
            credit: LedgerIds.Of(deposit.To),
            amount,
            PostingKind.CashIn,
            terminalSerial: terminal!.Serial
        );
        return new Verdict.Accept(OrderDrafts.Of(deposit));
    }

    /// <summary>The ledger account of a terminal's cash.</summary>
    public static UInt128 AccountOf(TerminalDocument terminal) =>
        LedgerIds.Of(CodeOf(terminal.Kind), terminal.Currency, terminal.Serial);

    public static GlCode CodeOf(TerminalKind kind) =>
        kind switch
        {
            TerminalKind.Till => GlCode.TillCash,
            TerminalKind.CashMachine => GlCode.MachineCash,
            _ => throw new InvalidOperationException("An unknown kind of terminal."),
        };

    private static async ValueTask<Verdict> FromAccountAsync(
        DecisionContext context,
        Movement.CashWithdrawal withdrawal,
        TerminalDocument terminal,
        AccountNumber number,
        CancellationToken cancellationToken
    )
    {
        // Only a member of staff has seen who stands there.
        if (terminal.Kind != TerminalKind.Till || context.Instruction.Actor is not Actor.Staff)
        {
            return new Verdict.Refuse(ChannelNotAllowed);
        }
        var (account, fault) = await Debits.JudgeAsync(context, number, cancellationToken);
        if (fault == None)
        {
            fault = await LimitRules.JudgeAsync(context, account!, cancellationToken);
        }
        if (fault != None)
        {
            return new Verdict.Refuse(fault);
        }
        GiveOut(context, number, terminal);
        return new Verdict.Accept(OrderDrafts.Of(withdrawal));
    }

    private static async ValueTask<Verdict> FromCardAsync(
        DecisionContext context,
        Movement.CashWithdrawal withdrawal,
        TerminalDocument terminal,
        CardUse use,
        CancellationToken cancellationToken
    )
    {
        var verdict = await CardRules.JudgeAsync(
            context.Bank,
            context.Reader,
            context.BusinessDate,
            use,
            CardPurpose.Cash,
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
            fault = CardRules.JudgeLimits(context, verdict.Card, use.Token, CardPurpose.Cash);
        }
        if (fault == None)
        {
            fault = await LimitRules.JudgeAsync(context, account!, cancellationToken);
        }
        if (fault != None)
        {
            return CardSides.Refuse(use, verdict with { Fault = fault });
        }
        CardSides.Remember(context, use, verdict);
        GiveOut(context, number, terminal);
        await PaymentFees.AddAsync(
            context,
            number,
            account!,
            static terms => terms.CashFeeMinor,
            cancellationToken
        );
        return new Verdict.Accept(
            OrderDrafts.Of(withdrawal) with
            {
                Debtor = number,
                Accounts = [number],
            }
        );
    }

    private static void GiveOut(
        DecisionContext context,
        AccountNumber number,
        TerminalDocument terminal
    ) =>
        context.Move(
            "main",
            debit: LedgerIds.Of(number),
            credit: AccountOf(terminal),
            context.Instruction.Amount,
            PostingKind.CashOut,
            terminalSerial: terminal.Serial,
            full: TerminalOutOfCash
        );

    /// <summary>The notes are gone: account and machine follow, or suspense in their place.</summary>
    private static async ValueTask<Verdict> DecideAdviceAsync(
        DecisionContext context,
        Movement.CashWithdrawal withdrawal,
        CancellationToken cancellationToken
    )
    {
        AdviceSide debit;
        if (withdrawal.From is Funding.OfCard card)
        {
            debit = await CardSides.OfAsync(
                context,
                card.Card,
                CardPurpose.Cash,
                cancellationToken
            );
        }
        else
        {
            debit = await Suspense.SideAsync(
                context,
                ((Funding.OfAccount)withdrawal.From).Account,
                cancellationToken
            );
            if (debit.Document is { } account)
            {
                await LimitRules.JudgeAsync(context, account, cancellationToken);
            }
        }
        var (credit, serial) = await CashSideAsync(context, withdrawal.Terminal, cancellationToken);
        var draft = OrderDrafts.Of(withdrawal);
        if (debit.Document is not null)
        {
            var number = AccountNumber.Parse(debit.Named!);
            draft = draft with { Debtor = number, Accounts = [number] };
        }
        return await Suspense.PostAsync(
            context,
            debit,
            credit,
            PostingKind.CashOut,
            draft,
            cancellationToken,
            terminalSerial: serial
        );
    }

    private static async ValueTask<(AdviceSide Side, uint Serial)> CashSideAsync(
        DecisionContext context,
        TerminalId id,
        CancellationToken cancellationToken
    )
    {
        var terminal = await Collections.Terminals.ReadAsync(
            context.Reader,
            id.Value,
            cancellationToken
        );
        return terminal is null || terminal.Currency != context.Instruction.Amount.Currency
            ? (Suspense.Missing(ExceptionKind.TerminalUnknown, id.Value), 0)
            : (Suspense.Of(AccountOf(terminal)), terminal.Serial);
    }

    private static async ValueTask<(
        TerminalDocument? Terminal,
        OutcomeReason Fault
    )> JudgeTerminalAsync(
        DecisionContext context,
        TerminalId id,
        CancellationToken cancellationToken
    )
    {
        var terminal = await Collections.Terminals.ReadAsync(
            context.Reader,
            id.Value,
            cancellationToken
        );
        if (terminal is null)
        {
            return (null, TerminalUnknown);
        }
        var isRight = context.Instruction.Actor switch
        {
            Actor.Staff => terminal.Kind == TerminalKind.Till,
            Actor.CardNetwork => terminal.Kind == TerminalKind.CashMachine,
            _ => false,
        };
        if (!isRight)
        {
            return (null, ChannelNotAllowed);
        }
        if (terminal.State != TerminalState.Open)
        {
            return (null, TillClosed);
        }
        if (
            context.Instruction.Actor is Actor.Staff teller
            && !string.Equals(teller.User, terminal.Teller, StringComparison.Ordinal)
        )
        {
            return (null, NotAuthorised);
        }
        return terminal.Currency == context.Instruction.Amount.Currency
            ? (terminal, None)
            : (null, CurrencyMismatch);
    }
}
