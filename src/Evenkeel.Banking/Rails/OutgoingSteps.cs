using System.Globalization;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Advising;
using Evenkeel.Banking.CustomerLimits;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Storage;
using Evenkeel.Banking.Work;
using Evenkeel.Journal;
using Evenkeel.Journal.Decisions;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Rails;

/// <summary>
/// The steps of a credit on its way, each an operation whose id follows from the order and the step.
/// The last one has one id whatever it says: a credit ends once.
/// </summary>
internal sealed class OutgoingSteps(Bank bank)
{
    private const string Task = "rail";

    private readonly SettlementAccounts _accounts = new(bank);

    public ValueTask<OrderDocument?> ReadAsync(InstructionId id, CancellationToken token) =>
        Collections.Orders.ReadAsync(bank.Journal, id.ToString(), token);

    /// <returns>False when somebody else went on with it.</returns>
    public Task<bool> MarkSendingAsync(
        InstructionId id,
        OrderDocument order,
        CancellationToken cancellationToken
    ) =>
        MoveAsync(
            id,
            order,
            RailStage.Asking,
            bank.Time.GetUtcNow() + RailMachine.Patience(order.Rail!.Steps),
            cancellationToken
        );

    /// <summary>Another stage, or the same one later.</summary>
    public async Task<bool> MoveAsync(
        InstructionId id,
        OrderDocument order,
        RailStage stage,
        DateTimeOffset due,
        CancellationToken cancellationToken
    )
    {
        var expected = order.Rail!;
        var result = await Step.TakeAsync(
            bank,
            id.Derive(string.Create(CultureInfo.InvariantCulture, $"rail/{expected.Steps}")),
            Task,
            $"{stage}",
            async (reader, draft, token) =>
            {
                var now = await Collections.Orders.ReadAsync(reader, id.ToString(), token);
                if (now?.Rail is not { } rail || rail.IsFinal || rail.Steps != expected.Steps)
                {
                    return null;
                }
                var (key, writes) = WorkQueue.Move(
                    rail.Work!,
                    OutgoingCredits.WorkKind,
                    id.ToString(),
                    due
                );
                var at = bank.Time.GetUtcNow();
                var moved = now with
                {
                    Rail = rail with { Stage = stage, Work = key, Steps = rail.Steps + 1 },
                };
                if (rail.Stage != stage)
                {
                    moved = moved.With(
                        now.State,
                        now.Reason,
                        new OrderEvent(at, now.State, Task, StageName(stage))
                    );
                }
                List<RecordWrite> all = [.. writes];
                if (IsOverdue(now, at))
                {
                    // Nobody may guess what the clearing did: a person is told, and asking goes on.
                    moved = moved with
                    {
                        Due = Instant(at.AddMinutes(RailLimits.AnswerMinutesMax)),
                    };
                    all.AddRange(
                        await RailItems.OpenAsync(
                            reader,
                            ExceptionKind.ClearingSilent,
                            id.ToString(),
                            new Money(now.AmountMinor, now.Currency),
                            suspenseMinor: 0,
                            at,
                            token
                        )
                    );
                }
                return draft with
                {
                    Writes = [.. all, Collections.Orders.Write(id.ToString(), moved)],
                };
            },
            cancellationToken
        );
        return result is { Status: OperationStatus.Done, Replayed: false };
    }

    /// <summary>Draws the conclusion from what the clearing said, whenever and however often it says it.</summary>
    public async Task HearAsync(
        InstructionId id,
        ClearingReport report,
        CancellationToken cancellationToken
    )
    {
        if (await ReadAsync(id, cancellationToken) is not { Rail: { } rail } order)
        {
            return;
        }
        switch (RailMachine.Next(rail.Stage, report.Status))
        {
            case RailAction.Settle:
                await SettleAsync(id, order, report, cancellationToken);
                break;
            case RailAction.GiveBack:
                await GiveBackAsync(id, order, report, cancellationToken);
                break;
            case RailAction.Await:
                await MoveAsync(id, order, RailStage.Accepted, Later(rail), cancellationToken);
                break;
            case RailAction.AskLater when rail.Stage is RailStage.Asking or RailStage.Accepted:
                await MoveAsync(id, order, rail.Stage, Later(rail), cancellationToken);
                break;
            default:
                break;
        }
    }

    private DateTimeOffset Later(RailPart rail) =>
        bank.Time.GetUtcNow() + RailMachine.Patience(rail.Steps);

    private async Task SettleAsync(
        InstructionId id,
        OrderDocument order,
        ClearingReport report,
        CancellationToken cancellationToken
    )
    {
        Check.That(report.SettlementDate is not null);
        var date = report.SettlementDate!.Value;
        await _accounts.OpenAsync(date, order.Currency, cancellationToken);
        var result = await FinishAsync(
            id,
            "",
            $"settled {date:yyyyMMdd}",
            async (reader, now, legs, token) =>
                new Ending(
                    [
                        legs.Leg(
                            "settle",
                            debit: SettlementAccounts.OnTheWay(now.Currency),
                            credit: SettlementAccounts.Sent(date, now.Currency),
                            now.AmountMinor,
                            PostingKind.Settlement
                        ),
                    ],
                    InstructionState.Done,
                    Reason: null,
                    now.Rail! with
                    {
                        Stage = RailStage.Settled,
                        Work = null,
                        SettlementDate = date,
                    },
                    await OriginalReturnedAsync(reader, now, token)
                ),
            cancellationToken
        );
        Check.That(result.Status != OperationStatus.TransferRefused);
    }

    private async Task GiveBackAsync(
        InstructionId id,
        OrderDocument order,
        ClearingReport report,
        CancellationToken cancellationToken
    )
    {
        Check.That(order.Rail is not null);
        var result = await FinishAsync(
            id,
            "",
            $"rejected {report.Code}",
            (reader, now, legs, token) =>
                GiveBackAsync(id, reader, now, legs, report, false, token),
            cancellationToken
        );
        if (result.Status == OperationStatus.TransferRefused)
        {
            // Closed in between: the money waits for its owner in suspense.
            await FinishAsync(
                id,
                "/suspense",
                $"rejected {report.Code}",
                (reader, now, legs, token) =>
                    GiveBackAsync(id, reader, now, legs, report, true, token),
                cancellationToken
            );
        }
    }

    private async ValueTask<Ending> GiveBackAsync(
        InstructionId id,
        DecisionReader reader,
        OrderDocument now,
        Legs legs,
        ClearingReport report,
        bool toSuspense,
        CancellationToken cancellationToken
    )
    {
        var debtor = now.Debtor is { } number
            ? await Collections.Accounts.ReadAsync(reader, number, cancellationToken)
            : null;
        // A return of ours that the clearing won't take leaves the money where it was: with us.
        var isOwed = !toSuspense && debtor is { State: not AccountState.Closed };
        return new Ending(
            [
                legs.Leg(
                    isOwed ? "give-back" : "to-suspense",
                    debit: SettlementAccounts.OnTheWay(now.Currency),
                    credit: isOwed
                        ? LedgerIds.Of(AccountNumber.Parse(now.Debtor!))
                        : LedgerIds.Of(GlCode.Suspense, now.Currency),
                    now.AmountMinor,
                    isOwed ? PostingKind.Return : PostingKind.Suspense
                ),
            ],
            InstructionState.NotDone,
            OutcomeReason.RefusedByClearing,
            now.Rail! with
            {
                Stage = RailStage.Rejected,
                Work = null,
                Code = report.Code,
            },
            isOwed
                ? []
                : await RailItems.OpenAsync(
                    reader,
                    ExceptionKind.GiveBackImpossible,
                    id.ToString(),
                    new Money(now.AmountMinor, now.Currency),
                    suspenseMinor: now.AmountMinor,
                    bank.Time.GetUtcNow(),
                    cancellationToken
                )
        );
    }

    /// <summary>When a return of ours has gone through, the credit that it sends back is returned.</summary>
    private async ValueTask<IReadOnlyList<RecordWrite>> OriginalReturnedAsync(
        DecisionReader reader,
        OrderDocument sentBack,
        CancellationToken cancellationToken
    )
    {
        if (
            sentBack.Rail!.Original is not { } original
            || await Collections.Orders.ReadAsync(reader, original, cancellationToken)
                is not { } credit
        )
        {
            return [];
        }
        return
        [
            Collections.Orders.Write(
                original,
                credit.With(
                    InstructionState.Returned,
                    credit.Reason,
                    new OrderEvent(
                        bank.Time.GetUtcNow(),
                        InstructionState.Returned,
                        Task,
                        sentBack.Rail.Code
                    )
                )
            ),
        ];
    }

    private async Task<OperationResult> FinishAsync(
        InstructionId id,
        string variant,
        string body,
        Func<DecisionReader, OrderDocument, Legs, CancellationToken, ValueTask<Ending>> end,
        CancellationToken cancellationToken
    ) =>
        await Step.TakeAsync(
            bank,
            id.Derive($"rail/final{variant}"),
            Task,
            body,
            async (reader, draft, token) =>
            {
                var date = await Step.BusinessDateAsync(reader, token);
                var now = await Collections.Orders.ReadAsync(reader, id.ToString(), token);
                if (now?.Rail is not { IsFinal: false } rail)
                {
                    return null;
                }
                // What comes back counts from the day on which it had gone.
                Legs legs = new(
                    id,
                    now.Currency,
                    Channel.Clearing,
                    BookingDate: date,
                    ValueDate: now.ValueDate ?? date
                );
                var ending = await end(reader, now, legs, token);
                var finished = now.With(
                    ending.State,
                    ending.Reason,
                    new OrderEvent(
                        bank.Time.GetUtcNow(),
                        ending.State,
                        Task,
                        ending.Rail.Code ?? StageName(ending.Rail.Stage)
                    )
                ) with
                {
                    Rail = ending.Rail,
                    Due = null,
                };
                return draft with
                {
                    Guards = ending.State == InstructionState.NotDone ? LimitRules.Freed(now) : [],
                    Transfers = ending.Transfers,
                    Writes =
                    [
                        .. rail.Work is { } work ? (RecordWrite[])[WorkQueue.Remove(work)] : [],
                        Collections.Orders.Write(id.ToString(), finished),
                        .. ending.Writes,
                    ],
                };
            },
            cancellationToken
        );

    private static bool IsOverdue(OrderDocument order, DateTimeOffset now) =>
        string.CompareOrdinal(order.Due, Instant(now)) < 0;

    private static string Instant(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static string StageName(RailStage stage) =>
        stage switch
        {
            RailStage.ToSend => "rail:to-send",
            RailStage.Asking => "rail:sending",
            RailStage.Accepted => "rail:ACSP",
            RailStage.Settled => "rail:ACSC",
            RailStage.Rejected => "rail:RJCT",
            RailStage.Returned => "rail:returned",
            _ => "rail",
        };

    /// <summary>How a credit ends: the money's last move, and what is written of it.</summary>
    private sealed record Ending(
        IReadOnlyList<Transfer> Transfers,
        InstructionState State,
        OutcomeReason? Reason,
        RailPart Rail,
        IReadOnlyList<RecordWrite> Writes
    );
}
