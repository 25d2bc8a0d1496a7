using System.Globalization;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Advising;
using Evenkeel.Banking.Cards;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal.Decisions;
using Evenkeel.Model;
using Evenkeel.Payments;
using static Evenkeel.Payments.OutcomeReason;

namespace Evenkeel.Banking.Reversing;

/// <summary>
/// Undoes what was not completed. One of an unknown original is remembered: the original, should it
/// still come, is refused. What was undone is never undone again.
/// </summary>
internal static class Reversals
{
    public static async ValueTask<Verdict> DecideAsync(
        DecisionContext context,
        Movement.Reversal reversal,
        CancellationToken cancellationToken
    )
    {
        var key = reversal.Original.ToString();
        var original = await Collections.Orders.ReadAsync(context.Reader, key, cancellationToken);
        if (original is null)
        {
            if (!MayReverse(context.Instruction.Actor))
            {
                return new Verdict.Refuse(NotAuthorised);
            }
            context.Write(Collections.Orders.Write(key, Remembered(context)));
            return Accept(key, original);
        }
        var fault = Judge(context, reversal, original);
        if (fault == AlreadyReversed && context.Instruction.IsAdvice)
        {
            // Nothing is left to undo; the sender must stop repeating it.
            return Accept(key, original);
        }
        if (fault != None)
        {
            if (!context.Instruction.IsAdvice)
            {
                return new Verdict.Refuse(fault);
            }
            Exceptions.Open(
                context,
                ExceptionKind.ReversalImpossible,
                original.Debtor,
                reason: fault
            );
            return Accept(key, original);
        }
        if (original.State == InstructionState.NotDone)
        {
            return Accept(key, original);
        }

        // After this point it succeeds.
        var undone = original.State switch
        {
            InstructionState.Held => UndoHold(context, reversal, original),
            _ => await UndoPostingAsync(context, reversal, original, cancellationToken),
        };
        context.Write(Collections.Orders.Write(key, undone));
        FreeLimits(context, original, undone);
        return Accept(key, original);
    }

    private static bool MayReverse(Actor actor) =>
        actor is Actor.CardNetwork or Actor.Staff or Actor.Bank;

    private static OutcomeReason Judge(
        DecisionContext context,
        Movement.Reversal reversal,
        OrderDocument original
    )
    {
        var amount = context.Instruction.Amount;
        if (!MayReverse(context.Instruction.Actor))
        {
            return NotAuthorised;
        }
        if (!Holds.IsSameSender(context, original))
        {
            return OriginalUnknown;
        }
        if (original.State == InstructionState.NotDone)
        {
            return None; // Nothing moved, and nothing will.
        }
        if (original.State == InstructionState.Reversed)
        {
            return AlreadyReversed;
        }
        var isUndone =
            original.Kind
                is "cash-withdrawal"
                    or "cash-deposit"
                    or "card-purchase"
                    or "card-authorisation"
                    or "card-completion"
            && original.State is InstructionState.Done or InstructionState.Held;
        // A completed authorisation is undone by its completion's reversal.
        if (!isUndone || original is { Kind: "card-authorisation", State: InstructionState.Done })
        {
            return OriginalNotReversible;
        }
        if (original.Currency != amount.Currency)
        {
            return CurrencyMismatch;
        }
        if (amount.Minor < original.AmountMinor)
        {
            return AmountInvalid;
        }
        return
            amount.Minor > original.AmountMinor
            || (reversal.Completed?.Minor ?? 0) > Holds.AmountOf(original)
            ? AmountAboveOriginal
            : None;
    }

    private static OrderDocument UndoHold(
        DecisionContext context,
        Movement.Reversal reversal,
        OrderDocument original
    )
    {
        var isOver = Holds.IsOver(context, original);
        var completed = isOver ? 0 : reversal.Completed?.Minor ?? 0;
        if (!isOver)
        {
            Holds.Void(context, original);
        }
        if (completed == 0)
        {
            return Undone(context, original, InstructionState.Reversed, completed);
        }
        var left = original.HoldUntil!.Value - context.Now;
        var leg = $"hold/{context.Instruction.Id}";
        context.Move(
            leg,
            debit: LedgerIds.Of(AccountNumber.Parse(original.Debtor!)),
            credit: LedgerIds.Of(GlCode.CardSettlement, original.Currency),
            new Money(completed, original.Currency),
            PostingKind.CardPurchase,
            TransferFlags.Pending,
            timeoutSeconds: (uint)left.TotalSeconds
        );
        return Undone(context, original, InstructionState.Held, completed) with
        {
            Hold = LedgerIds
                .Transfer(context.Instruction.Id, leg)
                .ToString("x32", CultureInfo.InvariantCulture),
        };
    }

    private static async ValueTask<OrderDocument> UndoPostingAsync(
        DecisionContext context,
        Movement.Reversal reversal,
        OrderDocument original,
        CancellationToken cancellationToken
    )
    {
        var completed = reversal.Completed?.Minor ?? 0;
        var posted = await PostedAsync(context, reversal.Original, original, cancellationToken);
        foreach (var (leg, transfer) in posted)
        {
            // A fee is for what was done at all: it goes back only when nothing was.
            var back =
                string.Equals(leg, "main", StringComparison.Ordinal)
                    ? (long)transfer.Amount - completed
                : completed == 0 ? (long)transfer.Amount
                : 0;
            if (back > 0)
            {
                context.Move(
                    leg,
                    debit: transfer.CreditAccountId,
                    credit: await OpenOrSuspenseAsync(
                        context,
                        transfer.DebitAccountId,
                        back,
                        cancellationToken
                    ),
                    new Money(back, original.Currency),
                    PostingKind.Reversal,
                    terminalSerial: (uint)(transfer.UserData64 & uint.MaxValue)
                );
            }
        }
        return Undone(context, original, InstructionState.Reversed, completed);
    }

    /// <summary>The legs as they were posted. What was posted never changes, so it needs no guard.</summary>
    private static async ValueTask<IReadOnlyList<(string Leg, Transfer Transfer)>> PostedAsync(
        DecisionContext context,
        InstructionId id,
        OrderDocument original,
        CancellationToken cancellationToken
    )
    {
        List<(string, Transfer)> posted = [];
        foreach (var leg in original.Legs ?? ["main"])
        {
            var found = Answers.Value(
                await context.Bank.Journal.LookupTransfersAsync(
                    new UInt128[] { LedgerIds.Transfer(id, leg) },
                    cancellationToken
                )
            );
            if (found is not [_])
            {
                // The order is a forecast: what it tells of is on its way, and not there yet.
                throw new DecisionReadException(
                    FrameStatus.Busy,
                    "The original is still being written."
                );
            }
            posted.Add((leg, found[0]));
        }
        return posted;
    }

    /// <summary>The account may have been closed since; what is owed to its holder is kept for them.</summary>
    private static async ValueTask<UInt128> OpenOrSuspenseAsync(
        DecisionContext context,
        UInt128 ledgerId,
        long minor,
        CancellationToken cancellationToken
    )
    {
        if (
            LedgerIds.NumberOf(ledgerId) is not { } number
            || await context.ReadAccountAsync(number, cancellationToken)
                is not ({ State: AccountState.Closed } or { StateBeforeClosing: not null })
        )
        {
            return ledgerId;
        }
        Exceptions.Open(context, ExceptionKind.AccountClosed, number.ToString(), minor);
        return await Suspense.AccountAsync(
            context,
            context.Instruction.Amount.Currency,
            cancellationToken
        );
    }

    private static void FreeLimits(
        DecisionContext context,
        OrderDocument original,
        OrderDocument undone
    )
    {
        var completed = undone.CompletedMinor ?? 0;
        foreach (var counted in original.Counted ?? [])
        {
            var back =
                !counted.IsCount ? Holds.AmountOf(original) - completed
                : completed == 0 ? counted.Delta
                : 0;
            if (back > 0)
            {
                context.Uncount(counted.Key, back);
            }
        }
    }

    private static OrderDocument Undone(
        DecisionContext context,
        OrderDocument original,
        InstructionState state,
        long completedMinor
    ) =>
        original.With(
            state,
            reason: null,
            new OrderEvent(
                context.Now,
                state,
                context.Instruction.Actor.Name,
                context.Instruction.Id.ToString()
            )
        ) with
        {
            CompletedMinor = completedMinor,
        };

    /// <summary>The original's place, taken before it came.</summary>
    private static OrderDocument Remembered(DecisionContext context) =>
        new()
        {
            Kind = "reversed-before",
            State = InstructionState.NotDone,
            Reason = ReversedBefore,
            AmountMinor = context.Instruction.Amount.Minor,
            Currency = context.Instruction.Amount.Currency,
            Channel = context.Instruction.Origin.Channel,
            Mode = context.Instruction.Origin.Mode,
            BookingDate = context.BusinessDate,
            ValueDate = context.ValueDate,
            By = context.Instruction.Actor.Name,
            Timeline =
            [
                new OrderEvent(
                    context.Now,
                    InstructionState.NotDone,
                    context.Instruction.Actor.Name,
                    context.Instruction.Id.ToString()
                ),
            ],
        };

    private static Verdict.Accept Accept(string key, OrderDocument? original) =>
        new(
            new OrderDraft(
                "reversal",
                AccountNumber.TryParse(original?.Debtor, out var debtor) ? debtor : null,
                original?.Creditor,
                [.. (original?.Accounts ?? []).Select(AccountNumber.Parse)]
            )
            {
                Complete = order => order with { Original = key },
            }
        );
}
