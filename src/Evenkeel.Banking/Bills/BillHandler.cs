using System.Globalization;
using Evenkeel.Banking.CustomerLimits;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Storage;
using Evenkeel.Banking.Work;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Bills;

/// <summary>
/// Takes bills to their billers. That one may have been sent is written down before it is: a death or
/// a silence leads to a question, never to a second payment.
/// </summary>
internal sealed class BillHandler(Bank bank, IBillers? billers) : IWorkHandler
{
    private const string TaskName = "bill";

    public string Kind => BillPayments.WorkKind;

    public async Task WorkAsync(WorkItem item, CancellationToken cancellationToken)
    {
        if (billers is null || !InstructionId.TryParse(item.Subject, out var id))
        {
            return;
        }
        var order = await ReadAsync(id, cancellationToken);
        if (
            order?.Bill is not { } bill
            || !string.Equals(bill.Work, item.Key, StringComparison.Ordinal)
        )
        {
            return;
        }
        var answer = bill.Stage switch
        {
            BillStage.Reserved => null,
            BillStage.Undoing => await CallAsync(() =>
                billers.ReverseAsync(new(bill.Biller), id.ToString(), cancellationToken)
            ),
            _ => await CallAsync(() =>
                billers.AskAsync(new(bill.Biller), id.ToString(), cancellationToken)
            ),
        };
        switch (BillMachine.Next(bill.Stage, answer?.Status, IsOverdue(order)))
        {
            case BillAction.Send:
            case BillAction.SendAgain:
                await SendAsync(id, order, cancellationToken);
                break;
            case BillAction.BeginUndoing:
                await MoveAsync(
                    id,
                    order,
                    BillStage.Undoing,
                    bank.Time.GetUtcNow(),
                    cancellationToken
                );
                break;
            case BillAction.Post:
                await EndAsync(id, BillStage.Paid, answer, cancellationToken);
                break;
            case BillAction.Void:
                await EndAsync(id, BillStage.Refused, answer, cancellationToken);
                break;
            case BillAction.AskLater:
                await MoveAsync(id, order, bill.Stage, Later(bill), cancellationToken);
                break;
            case BillAction.Nothing:
            default:
                break;
        }
    }

    private async Task SendAsync(
        InstructionId id,
        OrderDocument order,
        CancellationToken cancellationToken
    )
    {
        var bill = order.Bill!;
        if (!await MoveAsync(id, order, BillStage.Asking, Later(bill), cancellationToken))
        {
            return;
        }
        var answer = await CallAsync(() =>
            billers!.PayAsync(
                new BillMessage(
                    new BillerCode(bill.Biller),
                    id.ToString(),
                    bill.BillNumber,
                    new Money(order.AmountMinor, order.Currency)
                ),
                cancellationToken
            )
        );
        switch (answer.Status)
        {
            case BillerStatus.Paid:
                await EndAsync(id, BillStage.Paid, answer, cancellationToken);
                break;
            case BillerStatus.Refused:
                await EndAsync(id, BillStage.Refused, answer, cancellationToken);
                break;
            default:
                // Silent, or taken and not decided: it is asked for when its item falls due.
                break;
        }
    }

    private async Task<bool> MoveAsync(
        InstructionId id,
        OrderDocument order,
        BillStage stage,
        DateTimeOffset due,
        CancellationToken cancellationToken
    )
    {
        var expected = order.Bill!;
        var result = await Step.TakeAsync(
            bank,
            id.Derive(string.Create(CultureInfo.InvariantCulture, $"bill/{expected.Steps}")),
            TaskName,
            $"{stage}",
            async (reader, draft, token) =>
            {
                var now = await Collections.Orders.ReadAsync(reader, id.ToString(), token);
                if (now?.Bill is not { IsFinal: false } bill || bill.Steps != expected.Steps)
                {
                    return null;
                }
                var (key, writes) = WorkQueue.Move(bill.Work!, Kind, id.ToString(), due);
                var moved = now with
                {
                    Bill = bill with { Stage = stage, Work = key, Steps = bill.Steps + 1 },
                };
                if (bill.Stage != stage)
                {
                    moved = moved.With(
                        now.State,
                        now.Reason,
                        new OrderEvent(
                            bank.Time.GetUtcNow(),
                            now.State,
                            TaskName,
                            stage == BillStage.Undoing ? "bill:undoing" : "bill:sending"
                        )
                    );
                }
                return draft with
                {
                    Writes = [.. writes, Collections.Orders.Write(id.ToString(), moved)],
                };
            },
            cancellationToken
        );
        return result is { Status: OperationStatus.Done, Replayed: false };
    }

    /// <summary>One id whatever the end is: a bill ends once.</summary>
    private async Task EndAsync(
        InstructionId id,
        BillStage end,
        BillerReport? answer,
        CancellationToken cancellationToken
    )
    {
        var result = await Step.TakeAsync(
            bank,
            id.Derive("bill/final"),
            TaskName,
            $"{end}",
            async (reader, draft, token) =>
            {
                var date = await Step.BusinessDateAsync(reader, token);
                var now = await Collections.Orders.ReadAsync(reader, id.ToString(), token);
                if (now?.Bill is not { IsFinal: false } bill)
                {
                    return null;
                }
                var isPaid = end == BillStage.Paid;
                Legs legs = new(id, now.Currency, now.Channel, date, now.ValueDate ?? date);
                var leg = legs.Leg(
                    isPaid ? "post" : "void",
                    debit: LedgerIds.Of(AccountNumber.Parse(now.Debtor!)),
                    credit: LedgerIds.Of(GlCode.BillerSettlement, now.Currency, bill.Serial),
                    now.AmountMinor,
                    PostingKind.Bill,
                    isPaid ? TransferFlags.PostPendingTransfer : TransferFlags.VoidPendingTransfer,
                    LedgerIds.Transfer(id, "hold")
                );
                var state = isPaid ? InstructionState.Done : InstructionState.NotDone;
                var ended = now.With(
                    state,
                    isPaid ? null : ReasonOf(answer),
                    new OrderEvent(
                        bank.Time.GetUtcNow(),
                        state,
                        TaskName,
                        answer?.Receipt ?? answer?.Code
                    )
                ) with
                {
                    Due = null,
                    Bill = bill with { Stage = end, Work = null, Receipt = answer?.Receipt },
                };
                List<RecordWrite> writes =
                [
                    WorkQueue.Remove(bill.Work!),
                    Collections.Orders.Write(id.ToString(), ended),
                ];
                if (!isPaid)
                {
                    // The bill is unpaid again: its next payment must not be taken for a second one.
                    writes.Add(
                        Collections.Bills.Delete(BillPayments.KeyOf(bill.Biller, bill.BillNumber))
                    );
                }
                return draft with
                {
                    Guards = isPaid ? [] : LimitRules.Freed(now),
                    Transfers = [leg],
                    Writes = writes,
                };
            },
            cancellationToken
        );
        Check.That(result.Status != OperationStatus.TransferRefused);
    }

    private static OutcomeReason ReasonOf(BillerReport? answer) =>
        answer?.Code switch
        {
            "unknown-bill" => OutcomeReason.BillUnknown,
            "paid-before" => OutcomeReason.BillAlreadyPaid,
            _ => OutcomeReason.RefusedByBiller,
        };

    private static async Task<BillerReport> CallAsync(Func<Task<BillerReport>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return BillerReport.Silence;
        }
    }

    private ValueTask<OrderDocument?> ReadAsync(InstructionId id, CancellationToken token) =>
        Collections.Orders.ReadAsync(bank.Journal, id.ToString(), token);

    private DateTimeOffset Later(BillPart bill) =>
        bank.Time.GetUtcNow() + BillMachine.Patience(bill.Steps);

    private bool IsOverdue(OrderDocument order) =>
        order.Due is { } due
        && DateTimeOffset.Parse(due, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)
            < bank.Time.GetUtcNow();
}
