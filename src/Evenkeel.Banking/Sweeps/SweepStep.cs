using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Calendars;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.StandingOrders;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Sweeps;

/// <summary>
/// Runs each sweep that is due, once for the day: a sweep looks at the balance of now, so that days which
/// the bank was not open need no run of their own.
/// </summary>
internal sealed class SweepStep : IEndOfDayStep
{
    private const int SweepsAtATime = 256;

    public string Name => "sweeps";

    public async ValueTask<StepProgress> RunAsync(
        Bank bank,
        BusinessDayDocument day,
        string? cursor,
        CancellationToken cancellationToken
    )
    {
        var (date, after) = DueCursor.Read(cursor, day);
        var page = await Collections.Sweeps.QueryAsync(
            bank.Journal,
            new RecordQuery
            {
                Collection = Collections.Sweeps.Name,
                Index = "nextRun",
                Value = BusinessDays.KeyOf(date),
                After = after,
                Limit = SweepsAtATime,
            },
            cancellationToken
        );
        foreach (var (key, sweep) in page.Documents)
        {
            await SweepAsync(bank, day, key, sweep, cancellationToken);
        }
        return new StepProgress(page.Documents.Count, DueCursor.Next(day, date, page.Next));
    }

    private async ValueTask SweepAsync(
        Bank bank,
        BusinessDayDocument day,
        string key,
        SweepDocument sweep,
        CancellationToken cancellationToken
    )
    {
        var reason = await MoveAsync(bank, day.Next, key, sweep, cancellationToken);
        await StepOperation.DecideAsync(
            bank,
            day.Date,
            Name,
            key,
            [Collections.Sweeps.Key(key)],
            async (reader, draft, _, token) =>
            {
                var now = await Collections.Sweeps.ReadAsync(reader, key, token);
                if (now?.NextRun is not { } run || run > day.Next)
                {
                    return StepOperation.NothingToDo(draft);
                }
                var calendar = await CalendarAdministration.ReadAsync(reader, now.Currency, token);
                var (due, next) = After(now, calendar, day.Next);
                return draft with
                {
                    Writes =
                    [
                        Collections.Sweeps.Write(
                            key,
                            now with
                            {
                                NextDue = due,
                                NextRun = next,
                                LastRun = day.Next,
                                LastReason = reason,
                            }
                        ),
                    ],
                };
            },
            cancellationToken
        );
    }

    private static (DateOnly Due, DateOnly Run) After(
        SweepDocument sweep,
        BankCalendar calendar,
        DateOnly today
    )
    {
        var due = sweep.NextDue;
        while (true)
        {
            due = sweep.Schedule.NextAfter(due);
            var run = calendar.Shift(due, sweep.Schedule.Shift);
            if (run > today)
            {
                return (due, run);
            }
        }
    }

    /// <returns>Why it did not move what it should have; null when it did, or had nothing to move.</returns>
    private static async ValueTask<OutcomeReason?> MoveAsync(
        Bank bank,
        DateOnly today,
        string key,
        SweepDocument sweep,
        CancellationToken cancellationToken
    )
    {
        var account = AccountNumber.Parse(sweep.Account);
        var header = AccountNumber.Parse(sweep.Header);
        var id = InstructionId.From(
            Channel.Internal,
            "sweep",
            $"{key}/{BusinessDays.KeyOf(today)}"
        );
        var balance = await Balances.ReadAsync(bank.Journal, account, cancellationToken);
        var excess = balance.AvailableMinor - sweep.TargetMinor;
        // Not when it ran before the stop: its own doing has changed the balance.
        var isKnown =
            await Collections.Orders.ReadAsync(bank.Journal, id.ToString(), cancellationToken)
            is not null;
        if (!isKnown && (excess == 0 || (excess < 0 && !sweep.FillsUp)))
        {
            return null;
        }
        var outcome = await BankSubmission.SubmitOnceAsync(
            bank,
            new PaymentInstruction
            {
                Id = id,
                Actor = new Actor.Bank("sweep"),
                Origin = new Origin(Channel.Internal),
                Movement =
                    excess > 0
                        ? new Movement.CreditTransfer(account, new Creditor.Here(header))
                        : new Movement.CreditTransfer(header, new Creditor.Here(account)),
                Amount = new Money(Math.Abs(excess), sweep.Currency),
                AskedAt = new DateTimeOffset(today, TimeOnly.MinValue, TimeSpan.Zero),
            },
            cancellationToken
        );
        return (outcome as PaymentOutcome.NotDone)?.Reason;
    }
}
