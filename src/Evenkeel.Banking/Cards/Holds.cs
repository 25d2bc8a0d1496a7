using System.Globalization;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Storage;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Cards;

/// <summary>What an authorisation reserves: a pending transfer that ends by itself.</summary>
internal static class Holds
{
    /// <summary>The transfer that holds the amount now; it is another one after a partial reversal.</summary>
    public static UInt128 IdOf(OrderDocument held) =>
        UInt128.Parse(held.Hold!, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    public static long AmountOf(OrderDocument held) => held.CompletedMinor ?? held.AmountMinor;

    /// <summary>
    /// True a little before its end: a decision that is applied late must not meet a hold that ended
    /// in between.
    /// </summary>
    public static bool IsOver(DecisionContext context, OrderDocument held) =>
        held.HoldUntil is { } end && context.Now.AddSeconds(BankingLimits.HoldMarginSeconds) >= end;

    /// <summary>Only the line that sent an instruction completes or undoes it.</summary>
    public static bool IsSameSender(DecisionContext context, OrderDocument order) =>
        context.Instruction.Actor is Actor.Bank
        || string.Equals(order.By, context.Instruction.Actor.Name, StringComparison.Ordinal);

    /// <summary>Frees what is still held, and says so in the authorisation's order.</summary>
    public static void End(
        DecisionContext context,
        InstructionId authorisation,
        OrderDocument held,
        string detail
    )
    {
        if (!IsOver(context, held))
        {
            Void(context, held);
        }
        context.Write(
            Collections.Orders.Write(
                authorisation.ToString(),
                held.With(
                    InstructionState.Reversed,
                    reason: null,
                    new OrderEvent(
                        context.Now,
                        InstructionState.Reversed,
                        context.Instruction.Actor.Name,
                        detail
                    )
                ) with
                {
                    CompletedMinor = 0,
                }
            )
        );
    }

    public static void Void(DecisionContext context, OrderDocument held) =>
        context.Move(
            "void",
            debit: LedgerIds.Of(AccountNumber.Parse(held.Debtor!)),
            credit: LedgerIds.Of(GlCode.CardSettlement, held.Currency),
            new Money(AmountOf(held), held.Currency),
            PostingKind.CardPurchase,
            TransferFlags.VoidPendingTransfer,
            IdOf(held)
        );
}
