using System.Globalization;
using System.Text.Json;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Calendars;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Payments;

namespace Evenkeel.Banking.StandingOrders;

/// <summary>
/// Executes due dates of standing orders. Each attempt is an instruction whose id follows from order, due
/// date and number of the attempt; the next attempt comes only after a final "no" to the one before. So
/// no due date is ever paid twice.
/// </summary>
internal static class StandingRuns
{
    private const string FailedTopic = "standing-order.failed";

    /// <param name="today">The business day that is open.</param>
    /// <param name="isLast">No later attempt today: what still fails is reported.</param>
    public static async ValueTask RunAsync(
        Bank bank,
        string key,
        StandingOrderDocument order,
        DateOnly due,
        DateOnly today,
        bool isLast,
        CancellationToken cancellationToken
    )
    {
        var runKey = $"{key}/{BusinessDays.KeyOf(due)}";
        var run = await Collections.StandingRuns.ReadAsync(bank.Journal, runKey, cancellationToken);
        if (run is { State: not StandingRunState.Waiting })
        {
            return;
        }
        var attempt = (run?.Attempts ?? 0) + 1;
        var id = InstructionId.From(
            Channel.Internal,
            "standing-order",
            string.Create(CultureInfo.InvariantCulture, $"{runKey}/{attempt}")
        );
        var (state, reason) = Judge(
            await BankSubmission.SubmitOnceAsync(
                bank,
                bank.StandingOrders.InstructionOf(id, key, order, due),
                cancellationToken
            ),
            isLast
        );
        await StepOperation.DecideAsync(
            bank,
            today,
            string.Create(CultureInfo.InvariantCulture, $"standing-order/{attempt}/{state}"),
            runKey,
            [Collections.StandingOrders.Key(key)],
            async (reader, draft, _, token) =>
            {
                var now = await Collections.StandingRuns.ReadAsync(reader, runKey, token);
                var current = await Collections.StandingOrders.ReadAsync(reader, key, token);
                if (now is { State: not StandingRunState.Waiting } || current is null)
                {
                    return StepOperation.NothingToDo(draft);
                }
                var done = new StandingRunDocument(
                    key,
                    due,
                    today,
                    attempt,
                    state,
                    reason,
                    id.ToString()
                );
                var calendar = await CalendarAdministration.ReadAsync(
                    reader,
                    current.Currency,
                    token
                );
                return draft with
                {
                    Writes =
                    [
                        Collections.StandingRuns.Write(runKey, done),
                        .. current.NextDue == due
                            ? (RecordWrite[])
                                [Collections.StandingOrders.Write(key, Advance(current, calendar))]
                            : [],
                    ],
                    Messages =
                        state == StandingRunState.Failed
                            ?
                            [
                                new Message(
                                    FailedTopic,
                                    JsonSerializer.SerializeToUtf8Bytes(
                                        done,
                                        BankingJson.Default.StandingRunDocument
                                    )
                                ),
                            ]
                            : [],
                };
            },
            cancellationToken
        );
    }

    /// <summary>Tries again what waits for money.</summary>
    public static async ValueTask<int> RetryAsync(
        Bank bank,
        DateOnly today,
        bool isLast,
        CancellationToken cancellationToken
    )
    {
        string? after = null;
        var tried = 0;
        do
        {
            var page = await Collections.StandingRuns.QueryAsync(
                bank.Journal,
                new RecordQuery
                {
                    Collection = Collections.StandingRuns.Name,
                    Index = "state",
                    Value = nameof(StandingRunState.Waiting),
                    After = after,
                },
                cancellationToken
            );
            foreach (var (_, run) in page.Documents)
            {
                var order = await Collections.StandingOrders.ReadAsync(
                    bank.Journal,
                    run.Order,
                    cancellationToken
                );
                // Each attempt is an order that stays: none is made for a "no" that can be foreseen.
                if (!isLast && !await HasMoneyAsync(bank, order!, cancellationToken))
                {
                    continue;
                }
                await RunAsync(bank, run.Order, order!, run.Due, today, isLast, cancellationToken);
                tried++;
            }
            after = page.Next;
        } while (after is not null);
        return tried;
    }

    private static async ValueTask<bool> HasMoneyAsync(
        Bank bank,
        StandingOrderDocument order,
        CancellationToken cancellationToken
    )
    {
        var account = await Collections.Accounts.ReadAsync(
            bank.Journal,
            order.Debtor,
            cancellationToken
        );
        var balance = await Balances.ReadAsync(
            bank.Journal,
            AccountNumber.Parse(order.Debtor),
            cancellationToken
        );
        return balance.AvailableMinor + (account?.OverdraftMinor ?? 0) >= order.AmountMinor;
    }

    private static (StandingRunState State, OutcomeReason? Reason) Judge(
        PaymentOutcome outcome,
        bool isLast
    ) =>
        outcome switch
        {
            // What is with the clearing is that instruction's business from now on.
            PaymentOutcome.Done or PaymentOutcome.BeingResolved => (StandingRunState.Done, null),
            PaymentOutcome.NotDone { Reason: OutcomeReason.InsufficientFunds } when !isLast => (
                StandingRunState.Waiting,
                OutcomeReason.InsufficientFunds
            ),
            PaymentOutcome.NotDone no => (StandingRunState.Failed, no.Reason),
            _ => throw new InvalidOperationException("A fourth kind of outcome."),
        };

    private static StandingOrderDocument Advance(StandingOrderDocument order, BankCalendar calendar)
    {
        var due = order.Schedule.NextAfter(order.NextDue);
        if (order.State != StandingOrderState.Active || due > order.Last)
        {
            return order with
            {
                NextRun = null,
                State =
                    order.State == StandingOrderState.Active
                        ? StandingOrderState.Ended
                        : order.State,
            };
        }
        return order with { NextDue = due, NextRun = calendar.Shift(due, order.Schedule.Shift) };
    }
}
