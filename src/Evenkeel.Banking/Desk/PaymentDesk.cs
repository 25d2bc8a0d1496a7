using System.Globalization;
using Evenkeel.Banking.Advising;
using Evenkeel.Banking.Bills;
using Evenkeel.Banking.Cards;
using Evenkeel.Banking.Cash;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Rails;
using Evenkeel.Banking.Reversing;
using Evenkeel.Banking.Storage;
using Evenkeel.Banking.Transfers;
using Evenkeel.Journal;
using Evenkeel.Journal.Decisions;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Desk;

/// <summary>
/// Where the primary decides instructions: form, known id, the feature's own checks, then one operation
/// of guards, transfers, the order and messages. The operation's id is the instruction's: the journal
/// itself refuses to do it twice, for ever.
/// </summary>
internal sealed class PaymentDesk(Bank bank) : IPaymentProcessor
{
    public async Task<PaymentOutcome> SubmitAsync(
        PaymentInstruction instruction,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(instruction);
        if (InstructionRules.Judge(instruction) is var fault and not OutcomeReason.None)
        {
            return new PaymentOutcome.NotDone(fault);
        }
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(BankingLimits.AnswerSecondsMax));
        try
        {
            return await DecideAsync(instruction, patience.Token);
        }
        catch (BankUnavailableException)
        {
            return new PaymentOutcome.NotDone(OutcomeReason.ServiceUnavailable);
        }
        catch (OperationCanceledException)
        {
            return Unknown();
        }
    }

    private async Task<PaymentOutcome> DecideAsync(
        PaymentInstruction instruction,
        CancellationToken cancellationToken
    )
    {
        Decided? decided = null;
        var content = InstructionHash.Of(instruction);
        var answer = await bank.Decisions.DecideAsync(
            new DecisionRequest
            {
                Id = IdOf(instruction),
                Principals = Principals.Of(instruction),
                RequestHash = content,
                Keys = CardRules.LanesOf(instruction.Movement),
            },
            async (reader, draft, token) =>
            {
                // Only where an order may well exist is it looked for at once; for the others its
                // absence is guarded, and a second attempt looks.
                var looks = decided is not null || instruction.IsAdvice;
                decided = await DecideOnceAsync(instruction, content, reader, looks, token);
                return decided.Complete(draft);
            },
            cancellationToken
        );
        return answer switch
        {
            Answer<OperationResult>.Done done => await AnswerAsync(
                instruction,
                decided,
                done.Value,
                cancellationToken
            ),
            Answer<OperationResult>.NotDone { Reason: FrameStatus.Busy } =>
                new PaymentOutcome.NotDone(OutcomeReason.Busy),
            Answer<OperationResult>.NotDone => new PaymentOutcome.NotDone(
                OutcomeReason.ServiceUnavailable
            ),
            _ => Unknown(),
        };
    }

    /// <summary>
    /// An advice is an operation of its own: the instruction that it tells of may have been refused
    /// here before, and is done all the same.
    /// </summary>
    private static OperationId IdOf(PaymentInstruction instruction) =>
        new((instruction.IsAdvice ? instruction.Id.Derive("advice") : instruction.Id).Value);

    private async ValueTask<Decided> DecideOnceAsync(
        PaymentInstruction instruction,
        UInt128 content,
        DecisionReader reader,
        bool looks,
        CancellationToken cancellationToken
    )
    {
        if (await reader.ReadBusinessDateAsync(cancellationToken) is not { } date)
        {
            throw new BankUnavailableException(
                FrameStatus.Unavailable,
                "The bank has no business date: it was not opened."
            );
        }
        DecisionContext context = new(bank, reader, instruction, date, bank.Time.GetUtcNow());
        var key = Collections.Orders.Key(instruction.Id.ToString());
        var known = looks
            ? await Collections.Orders.ReadAsync(reader, key.Key, cancellationToken)
            : null;
        Guard? unseen = looks ? null : new Guard.Absent(key);
        if (known is null)
        {
            var verdict = await DecideAsync(context, cancellationToken);
            if (instruction.IsAdvice && verdict is Verdict.Refuse refused)
            {
                verdict = Exceptions.NotPostable(context, refused.Reason);
            }
            return new Decided(context, verdict, OrderOf(context, verdict, content), unseen);
        }
        return instruction.IsAdvice
            ? await Advices.OnKnownAsync(
                context,
                known,
                content,
                () => DecideAsync(context, cancellationToken),
                verdict => OrderOf(context, verdict, content)
            )
            : new Decided(
                context,
                new Verdict.Refuse(
                    Advices.IsOther(known, content)
                        ? OutcomeReason.IdReusedWithOtherContent
                        : known.Reason ?? OutcomeReason.Duplicate
                ),
                Order: null,
                unseen
            );
    }

    /// <summary>The one place that knows which feature decides what.</summary>
    private static ValueTask<Verdict> DecideAsync(
        DecisionContext context,
        CancellationToken cancellationToken
    ) =>
        context.Instruction.Movement switch
        {
            Movement.CreditTransfer transfer => CreditTransfers.DecideAsync(
                context,
                transfer,
                cancellationToken
            ),
            Movement.CashWithdrawal withdrawal => CashMovements.DecideAsync(
                context,
                withdrawal,
                cancellationToken
            ),
            Movement.CashDeposit deposit => CashMovements.DecideAsync(
                context,
                deposit,
                cancellationToken
            ),
            Movement.CardAuthorisation authorisation => CardPayments.DecideAsync(
                context,
                authorisation,
                cancellationToken
            ),
            Movement.CardPurchase purchase => CardPayments.DecideAsync(
                context,
                purchase,
                cancellationToken
            ),
            Movement.CardCompletion completion => CardPayments.DecideAsync(
                context,
                completion,
                cancellationToken
            ),
            Movement.Reversal reversal => Reversals.DecideAsync(
                context,
                reversal,
                cancellationToken
            ),
            Movement.IncomingCredit incoming => IncomingCredits.DecideAsync(
                context,
                incoming,
                cancellationToken
            ),
            Movement.Return returned => Returns.DecideAsync(context, returned, cancellationToken),
            Movement.BillPayment bill => BillPayments.DecideAsync(context, bill, cancellationToken),
            _ => ValueTask.FromResult<Verdict>(new Verdict.Refuse(OutcomeReason.NotSupported)),
        };

    private async Task<PaymentOutcome> AnswerAsync(
        PaymentInstruction instruction,
        Decided? decided,
        OperationResult result,
        CancellationToken cancellationToken
    )
    {
        var outcome = await OutcomeAsync(instruction, decided, result, cancellationToken);
        if (decided?.Context.Trespass is { } account)
        {
            await bank.Audit.WriteAsync(
                instruction.Actor,
                "debit",
                account,
                cancellationToken,
                instruction.Origin.Channel
            );
        }
        if (instruction.IsAdvice)
        {
            // Before the answer: whoever sends it repeats it until the answer comes.
            await Overdrawn.CheckAsync(bank, instruction.Id, cancellationToken);
        }
        return outcome;
    }

    private async Task<PaymentOutcome> OutcomeAsync(
        PaymentInstruction instruction,
        Decided? decided,
        OperationResult result,
        CancellationToken cancellationToken
    )
    {
        switch (result.Status)
        {
            case OperationStatus.Done when !result.Replayed && decided?.Order is { } order:
                return OutcomeOf(
                    instruction.Id,
                    order,
                    (decided.Verdict as Verdict.Refuse)?.Detail
                );
            case OperationStatus.Done:
                return await FromOrderAsync(instruction.Id, cancellationToken);
            case OperationStatus.DecisionRefused
                when (OutcomeReason)result.FailedStatus == OutcomeReason.IdReusedWithOtherContent:
                return new PaymentOutcome.NotDone(OutcomeReason.IdReusedWithOtherContent);
            case OperationStatus.DecisionRefused:
                // Known already by another way: what became of it is the answer.
                return await FromOrderAsync(instruction.Id, cancellationToken);
            case OperationStatus.CounterOutOfBounds:
            case OperationStatus.TransferRefused:
            case OperationStatus.AccountRefused:
                return await RememberAsync(
                    instruction,
                    decided?.Context,
                    ReasonOf(decided?.Context, result),
                    cancellationToken
                );
            case OperationStatus.IdReusedWithOtherContent
                when instruction.IsAdvice && decided is not null:
                return await Advices.RememberDifferenceAsync(
                    bank,
                    decided.Context,
                    InstructionHash.Of(instruction),
                    cancellationToken
                )
                    ? await FromOrderAsync(instruction.Id, cancellationToken)
                    : Unknown();
            case OperationStatus.IdReusedWithOtherContent:
                return new PaymentOutcome.NotDone(OutcomeReason.IdReusedWithOtherContent);
            case OperationStatus.NotAuthorised:
                return new PaymentOutcome.NotDone(OutcomeReason.ApprovalRequired);
            default:
                return new PaymentOutcome.NotDone(OutcomeReason.Internal);
        }
    }

    /// <summary>
    /// What was refused only when applied (a counter at its bound, money that went a moment before) has
    /// no order yet. It is written now, so that a look-up finds it; the first "no" is final already.
    /// </summary>
    private async Task<PaymentOutcome> RememberAsync(
        PaymentInstruction instruction,
        DecisionContext? context,
        OutcomeReason reason,
        CancellationToken cancellationToken
    )
    {
        var key = instruction.Id.ToString();
        if (await Collections.Orders.ReadAsync(bank.Journal, key, cancellationToken) is { } known)
        {
            return OutcomeOf(instruction.Id, known);
        }
        if (context is not null)
        {
            var content = InstructionHash.Of(instruction);
            // An advice can't be refused: a person looks at what could not be posted.
            Verdict refused = instruction.IsAdvice
                ? Exceptions.NotPostable(context, reason)
                : new Verdict.Refuse(reason);
            var order = OrderOf(context, refused, content);
            var remembered = await bank.Journal.ProposeAsync(
                new Operation
                {
                    Id = new OperationId(instruction.Id.Derive("refused").Value),
                    Principals = Principals.Of(instruction),
                    RequestHash = content,
                    Guards = [new Guard.Absent(Collections.Orders.Key(key))],
                    Writes =
                    [
                        Collections.Orders.Write(key, order),
                        .. instruction.IsAdvice ? Exceptions.WritesOf(context) : [],
                    ],
                },
                cancellationToken
            );
            if (instruction.IsAdvice)
            {
                return
                    remembered
                        is Answer<OperationResult>.Done { Value.Status: OperationStatus.Done }
                    ? OutcomeOf(instruction.Id, order)
                    : Unknown();
            }
        }
        return new PaymentOutcome.NotDone(reason);
    }

    private static OutcomeReason ReasonOf(DecisionContext? context, OperationResult result)
    {
        if (result.Status == OperationStatus.CounterOutOfBounds)
        {
            // The journal puts the guards of what was read before our own.
            var own = context is null ? -1 : result.FailedIndex - context.Reader.GuardCount;
            return context is not null && context.CounterReasons.TryGetValue(own, out var limit)
                ? limit
                : OutcomeReason.DailyAmountLimitExceeded;
        }
        return (CreateTransferStatus)result.FailedStatus switch
        {
            CreateTransferStatus.ExceedsCredits => Reasons().Shortage,
            CreateTransferStatus.ExceedsDebits => Reasons().Full,
            CreateTransferStatus.DebitAccountAlreadyClosed => OutcomeReason.DebtorAccountClosed,
            CreateTransferStatus.CreditAccountAlreadyClosed => OutcomeReason.CreditorAccountClosed,
            CreateTransferStatus.PendingTransferExpired => OutcomeReason.HoldExpired,
            CreateTransferStatus.PendingTransferAlreadyPosted
            or CreateTransferStatus.PendingTransferAlreadyVoided =>
                OutcomeReason.OriginalNotReversible,
            _ => OutcomeReason.Internal,
        };

        (OutcomeReason Shortage, OutcomeReason Full) Reasons() =>
            context is not null
            && context.TransferReasons.TryGetValue(result.FailedIndex, out var reasons)
                ? reasons
                : (OutcomeReason.InsufficientFunds, OutcomeReason.InsufficientFunds);
    }

    private async Task<PaymentOutcome> FromOrderAsync(
        InstructionId id,
        CancellationToken cancellationToken
    )
    {
        var order = await Collections.Orders.ReadAsync(
            bank.Journal,
            id.ToString(),
            cancellationToken
        );
        Check.That(order is not null);
        return OutcomeOf(id, order!);
    }

    internal static PaymentOutcome OutcomeOf(
        InstructionId id,
        OrderDocument order,
        string? detail = null
    ) =>
        order.State switch
        {
            InstructionState.NotDone => new PaymentOutcome.NotDone(
                order.Reason ?? OutcomeReason.Internal,
                detail
            ),
            // It was done, and the payee's bank has sent it back since.
            InstructionState.Returned when order.Debtor is not null => new PaymentOutcome.NotDone(
                order.Reason ?? OutcomeReason.ReturnedByCreditorBank
            ),
            InstructionState.BeingResolved
            or InstructionState.Scheduled
            or InstructionState.AwaitingApproval => new PaymentOutcome.BeingResolved(
                order.Due is { } due
                && DateTimeOffset.TryParse(
                    due,
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal,
                    out var deadline
                )
                    ? deadline
                    : order.Timeline[^1].At,
                order.Reason ?? OutcomeReason.ResultUnknown
            ),
            _ => new PaymentOutcome.Done(
                new Receipt
                {
                    Id = id,
                    Amount = new Money(order.CompletedMinor ?? order.AmountMinor, order.Currency),
                    BookingDate = order.BookingDate!.Value,
                    ValueDate = order.ValueDate!.Value,
                    At = (
                        order.Timeline.FirstOrDefault(static happened =>
                            happened.State is not InstructionState.NotDone
                        ) ?? order.Timeline[0]
                    ).At,
                    AuthorisationCode = AuthorisationCode(id),
                    DecidedBy = order.Mode,
                }
            ),
        };

    /// <summary>Six digits that follow from the id, so that a repeat is told the same.</summary>
    private static string AuthorisationCode(InstructionId id) =>
        ((ulong)(id.Value >> 64) % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);

    private static OrderDocument OrderOf(DecisionContext context, Verdict verdict, UInt128 content)
    {
        var instruction = context.Instruction;
        var (state, reason, draft, detail) = verdict switch
        {
            Verdict.Refuse refuse => (
                InstructionState.NotDone,
                (OutcomeReason?)refuse.Reason,
                OrderDrafts.Of(instruction.Movement),
                (string?)null
            ),
            Verdict.Accept accept => (accept.State, accept.Reason, accept.Order, null),
            _ => throw new InvalidOperationException("A third kind of verdict."),
        };
        var order = new OrderDocument
        {
            Kind = draft.Kind,
            State = state,
            Reason = reason,
            AmountMinor = instruction.Amount.Minor,
            Currency = instruction.Amount.Currency,
            Channel = instruction.Origin.Channel,
            Mode = instruction.Origin.Mode,
            Debtor = draft.Debtor?.ToString(),
            Creditor = draft.Creditor,
            Accounts = [.. draft.Accounts.Select(static number => number.ToString())],
            References = [.. instruction.References.Keys()],
            BookingDate = context.BusinessDate,
            ValueDate = context.ValueDate,
            Due = (verdict as Verdict.Accept)?.Deadline?.ToString(
                "yyyy-MM-ddTHH:mm:ssZ",
                CultureInfo.InvariantCulture
            ),
            Timeline = [new OrderEvent(context.Now, state, instruction.Actor.Name, detail)],
            Content = content.ToString("x32", CultureInfo.InvariantCulture),
            By = instruction.Actor.Name,
        };
        if (verdict is Verdict.Accept)
        {
            order = order with
            {
                Legs = context.Legs is [] or ["main"] ? null : [.. context.Legs],
                Counted = context.Counted is [] ? null : [.. context.Counted],
                SealedForDebtor = context.SealedTexts.ForDebtor,
                SealedForCreditor = context.SealedTexts.ForCreditor,
            };
        }
        return draft.Complete is { } complete ? complete(order) : order;
    }

    private PaymentOutcome.BeingResolved Unknown() =>
        new PaymentOutcome.BeingResolved(
            bank.Time.GetUtcNow().AddMinutes(BankingLimits.UnknownResolvedMinutesMax),
            OutcomeReason.ResultUnknown
        );
}
