using System.Globalization;
using Evenkeel.Banking.Bills;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Rails;
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
        DecisionContext? context = null;
        Verdict? verdict = null;
        var answer = await bank.Decisions.DecideAsync(
            new DecisionRequest
            {
                Id = new OperationId(instruction.Id.Value),
                Principals = Principals.Of(instruction),
                RequestHash = InstructionHash.Of(instruction),
            },
            async (reader, draft, token) =>
            {
                if (await reader.ReadBusinessDateAsync(token) is not { } date)
                {
                    throw new BankUnavailableException(
                        FrameStatus.Unavailable,
                        "The bank has no business date: it was not opened."
                    );
                }
                context = new DecisionContext(
                    bank,
                    reader,
                    instruction,
                    date,
                    bank.Time.GetUtcNow()
                );
                // One that is known already never gets here with effects: the journal answers it. Read
                // all the same, so that two ways to the same id can't both write the order.
                var order = await Collections.Orders.ReadAsync(
                    reader,
                    instruction.Id.ToString(),
                    token
                );
                verdict = order is null
                    ? await DecideAsync(context, token)
                    : new Verdict.Refuse(order.Reason ?? OutcomeReason.Duplicate);
                return order is null ? Complete(draft, context, verdict) : Refused(draft, verdict);
            },
            cancellationToken
        );
        return answer switch
        {
            Answer<OperationResult>.Done done => await AnswerAsync(
                instruction,
                context,
                verdict,
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
            Movement.IncomingCredit incoming => IncomingCredits.DecideAsync(
                context,
                incoming,
                cancellationToken
            ),
            Movement.Return returned => Returns.DecideAsync(context, returned, cancellationToken),
            Movement.BillPayment bill => BillPayments.DecideAsync(context, bill, cancellationToken),
            _ => ValueTask.FromResult<Verdict>(new Verdict.Refuse(OutcomeReason.NotSupported)),
        };

    private static Operation Complete(Operation draft, DecisionContext context, Verdict verdict) =>
        verdict switch
        {
            Verdict.Refuse refuse => draft with
            {
                Writes = [Write(context.Instruction, OrderOf(context, refuse))],
            },
            Verdict.Accept accept => draft with
            {
                Guards = context.Guards,
                Transfers = context.Transfers,
                Writes = [.. context.Writes, Write(context.Instruction, OrderOf(context, accept))],
                Messages = context.Messages,
            },
            _ => throw new InvalidOperationException("A third kind of verdict."),
        };

    private static Operation Refused(Operation draft, Verdict verdict) =>
        draft with
        {
            RefusalCode = (uint)((Verdict.Refuse)verdict).Reason,
        };

    private async Task<PaymentOutcome> AnswerAsync(
        PaymentInstruction instruction,
        DecisionContext? context,
        Verdict? verdict,
        OperationResult result,
        CancellationToken cancellationToken
    )
    {
        switch (result.Status)
        {
            case OperationStatus.Done when !result.Replayed && verdict is Verdict.Refuse refuse:
                return new PaymentOutcome.NotDone(refuse.Reason, refuse.Detail);
            case OperationStatus.Done:
                return await FromOrderAsync(instruction.Id, cancellationToken);
            case OperationStatus.DecisionRefused:
                return new PaymentOutcome.NotDone((OutcomeReason)result.FailedStatus);
            case OperationStatus.CounterOutOfBounds:
            case OperationStatus.TransferRefused:
                return await RememberAsync(
                    instruction,
                    context,
                    ReasonOf(context, result),
                    cancellationToken
                );
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
            var refused = new Verdict.Refuse(reason);
            _ = await bank.Journal.ProposeAsync(
                new Operation
                {
                    Id = new OperationId(instruction.Id.Derive("refused").Value),
                    Principals = Principals.Of(instruction),
                    RequestHash = InstructionHash.Of(instruction),
                    Guards = [new Guard.Absent(Collections.Orders.Key(key))],
                    Writes = [Write(instruction, OrderOf(context, refused))],
                },
                cancellationToken
            );
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
            CreateTransferStatus.ExceedsCredits or CreateTransferStatus.ExceedsDebits => context
                is not null
            && context.TransferReasons.TryGetValue(result.FailedIndex, out var shortage)
                ? shortage
                : OutcomeReason.InsufficientFunds,
            CreateTransferStatus.DebitAccountAlreadyClosed => OutcomeReason.DebtorAccountClosed,
            CreateTransferStatus.CreditAccountAlreadyClosed => OutcomeReason.CreditorAccountClosed,
            CreateTransferStatus.PendingTransferExpired => OutcomeReason.HoldExpired,
            CreateTransferStatus.PendingTransferAlreadyPosted
            or CreateTransferStatus.PendingTransferAlreadyVoided =>
                OutcomeReason.OriginalNotReversible,
            _ => OutcomeReason.Internal,
        };
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

    internal static PaymentOutcome OutcomeOf(InstructionId id, OrderDocument order) =>
        order.State switch
        {
            InstructionState.NotDone => new PaymentOutcome.NotDone(
                order.Reason ?? OutcomeReason.Internal
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
                    Amount = new Money(order.AmountMinor, order.Currency),
                    BookingDate = order.BookingDate!.Value,
                    ValueDate = order.ValueDate!.Value,
                    At = order.Timeline[0].At,
                    AuthorisationCode = AuthorisationCode(id),
                    DecidedBy = order.Mode,
                }
            ),
        };

    /// <summary>Six digits that follow from the id, so that a repeat is told the same.</summary>
    private static string AuthorisationCode(InstructionId id) =>
        ((ulong)(id.Value >> 64) % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);

    private static RecordWrite Write(PaymentInstruction instruction, OrderDocument order) =>
        Collections.Orders.Write(instruction.Id.ToString(), order);

    private static OrderDocument OrderOf(DecisionContext context, Verdict verdict)
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
        };
        return draft.Complete is { } complete ? complete(order) : order;
    }

    private PaymentOutcome.BeingResolved Unknown() =>
        new PaymentOutcome.BeingResolved(
            bank.Time.GetUtcNow().AddMinutes(BankingLimits.UnknownResolvedMinutesMax),
            OutcomeReason.ResultUnknown
        );
}
