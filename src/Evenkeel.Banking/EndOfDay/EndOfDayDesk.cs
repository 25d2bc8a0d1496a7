using System.Globalization;
using System.Text.Json;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Queries;
using Evenkeel.Banking.StandingOrders;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Payments;

namespace Evenkeel.Banking.EndOfDay;

/// <summary>A business day as it was closed.</summary>
/// <param name="Next">The business day that followed.</param>
/// <param name="ClosedAt">When it was closed, by log time.</param>
/// <param name="Steps">Those done so far.</param>
/// <param name="IsComplete">False while steps are missing: they are taken up by asking again.</param>
public sealed record ClosedDay(
    DateOnly Date,
    DateOnly Next,
    DateTimeOffset ClosedAt,
    IReadOnlyList<DoneStep> Steps,
    bool IsComplete
);

/// <summary>
/// Closes business days. The date rolls in one operation; from then on customers work in the new day,
/// and the steps of the old one compute from the ledger as it was at that moment. Each step is
/// idempotent operations with ids from (key, date, step): killed anywhere and asked again, it goes on
/// and ends in the same books. It locks nobody.
/// </summary>
public sealed class EndOfDayDesk
{
    /// <summary>The histogram of seconds that batches take, by step.</summary>
    public const string BatchDurationMetric = "evenkeel.end_of_day.batch.duration";

    private const string ScheduleKey = "bank";

    private readonly Bank _bank;
    private readonly OneAtATime _turn = new();

    internal EndOfDayDesk(Bank bank) => _bank = bank;

    internal EndOfDayMonitor Monitor { get; } = new();

    /// <summary>The business date now; null before the bank was opened.</summary>
    /// <exception cref="EndOfDayException">The journal could not answer.</exception>
    public Task<DateOnly?> BusinessDateAsync(CancellationToken cancellationToken) =>
        AnswerAsync(async () => await _bank.ReadBusinessDateAsync(cancellationToken));

    /// <summary>Null when the day was not closed.</summary>
    /// <exception cref="EndOfDayException">The journal could not answer.</exception>
    public Task<ClosedDay?> FindAsync(DateOnly date, CancellationToken cancellationToken) =>
        AnswerAsync(async () =>
            await BusinessDays.ReadAsync(_bank.Journal, date, cancellationToken) is { } day
                ? ViewOf(day)
                : null
        );

    /// <summary>When days end by themselves; null when they don't.</summary>
    /// <exception cref="EndOfDayException">The journal could not answer.</exception>
    public Task<DaySchedule?> FindScheduleAsync(CancellationToken cancellationToken) =>
        AnswerAsync(async () =>
            (
                await Collections.DaySchedules.ReadAsync(
                    _bank.Journal,
                    ScheduleKey,
                    cancellationToken
                )
            )?.Schedule
        );

    /// <summary>From now on days end by themselves as the schedule says, or not at all.</summary>
    /// <param name="reference">Names this change; the same again changes nothing.</param>
    /// <param name="schedule">Null = only when asked to.</param>
    public Task<TaskOutcome<DayScheduleDocument>> SetScheduleAsync(
        Actor actor,
        string reference,
        DaySchedule? schedule,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(actor);
        DayScheduleDocument document = new(schedule);
        return Administration.DecideAsync(
            _bank,
            actor,
            new(InstructionId.From(Channel.Internal, "day-schedule", reference).Value),
            "day-schedule/set",
            JsonSerializer.Serialize(document, BankingJson.Default.DayScheduleDocument),
            [Collections.DaySchedules.Key(ScheduleKey)],
            (_, draft, _) =>
                ValueTask.FromResult(
                    schedule is { IsSound: false }
                        ? AdminDecision<DayScheduleDocument>.Refuse(draft, OutcomeReason.Malformed)
                        : AdminDecision<DayScheduleDocument>.Accept(
                            draft with
                            {
                                Writes = [Collections.DaySchedules.Write(ScheduleKey, document)],
                            },
                            document
                        )
                ),
            token => Collections.DaySchedules.ReadAsync(_bank.Journal, ScheduleKey, token),
            cancellationToken
        );
    }

    /// <summary>How far it is, by the records and by what this process has seen.</summary>
    /// <exception cref="EndOfDayException">The journal could not answer.</exception>
    public Task<EndOfDayStatus> StatusAsync(CancellationToken cancellationToken) =>
        AnswerAsync(async () =>
        {
            var today = await _bank.ReadBusinessDateAsync(cancellationToken);
            var schedule = await FindScheduleAsync(cancellationToken);
            var last = today is { } date
                ? await BusinessDays.BeforeAsync(_bank.Journal, date, cancellationToken)
                : null;
            return new EndOfDayStatus(
                today is null ? EndOfDayState.NotOpened
                    : Monitor.IsFailing ? EndOfDayState.Failing
                    : last is { IsComplete: false } ? EndOfDayState.Closing
                    : EndOfDayState.Open,
                today,
                schedule,
                today is { } open ? schedule?.EndOf(open) : null,
                last is null ? null : ViewOf(last),
                last is { IsComplete: false } ? EndOfDayRun.StepAtWork(last) : null,
                last?.Handled ?? 0,
                Monitor.LastFailure,
                Monitor.OrdersRetried
            );
        });

    /// <summary>
    /// Closes the day that is open when it is <paramref name="date"/>, and completes it when it was closed
    /// before. A day before that is not complete is completed first.
    /// </summary>
    /// <param name="next">The business day to open; null = the day after.</param>
    /// <exception cref="EndOfDayException">
    /// It could not be completed now (the journal is away, this node does not lead): ask again.
    /// </exception>
    public Task<ClosedDay> CloseAsync(
        DateOnly date,
        DateOnly? next,
        CancellationToken cancellationToken
    ) =>
        WorkAsync(
            async () =>
            {
                var day = await CloseCoreAsync(date, next ?? date.AddDays(1), cancellationToken);
                return ViewOf(await EndOfDayRun.CompleteAsync(_bank, day, cancellationToken));
            },
            cancellationToken
        );

    /// <summary>Completes the newest closed day when a stop left it half done.</summary>
    /// <returns>That day, or null when there was nothing to complete.</returns>
    /// <exception cref="EndOfDayException">It could not be completed now: ask again.</exception>
    public Task<ClosedDay?> ResumeAsync(CancellationToken cancellationToken) =>
        WorkAsync(
            async () => await CompleteLastAsync(cancellationToken) is { } day ? ViewOf(day) : null,
            cancellationToken
        );

    /// <summary>
    /// Tries again, on the same day, the standing orders that wait for money and seem to have it now.
    /// </summary>
    /// <returns>How many were tried.</returns>
    /// <exception cref="EndOfDayException">The journal could not answer: ask again.</exception>
    public Task<int> RetryWaitingAsync(CancellationToken cancellationToken) =>
        WorkAsync(
            async () =>
            {
                var tried = await _bank.ReadBusinessDateAsync(cancellationToken) is { } today
                    ? await StandingRuns.RetryAsync(_bank, today, isLast: false, cancellationToken)
                    : 0;
                Monitor.Retried(tried);
                return tried;
            },
            cancellationToken
        );

    private Task<T> WorkAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken) =>
        _turn.RunAsync(() => AnswerAsync(work), cancellationToken);

    private static async Task<T> AnswerAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (BankUnavailableException unavailable)
        {
            throw new EndOfDayException(unavailable.Message, unavailable);
        }
    }

    private async ValueTask<BusinessDayDocument> CloseCoreAsync(
        DateOnly date,
        DateOnly next,
        CancellationToken cancellationToken
    )
    {
        if (await BusinessDays.ReadAsync(_bank.Journal, date, cancellationToken) is { } known)
        {
            return known;
        }
        var last = await CompleteLastAsync(cancellationToken);
        var today = await _bank.ReadBusinessDateAsync(cancellationToken);
        if (today != date)
        {
            throw new EndOfDayException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The business date is {today:yyyy-MM-dd}: {date:yyyy-MM-dd} can't be closed."
                )
            );
        }
        await EndOfDayRun.LastCallAsync(_bank, date, cancellationToken);
        return await BusinessDays.RollAsync(_bank, date, next, last?.Date, cancellationToken);
    }

    /// <summary>The day before the open one, complete; null when none was closed yet.</summary>
    private async ValueTask<BusinessDayDocument?> CompleteLastAsync(
        CancellationToken cancellationToken
    ) =>
        await _bank.ReadBusinessDateAsync(cancellationToken) is { } today
        && await BusinessDays.BeforeAsync(_bank.Journal, today, cancellationToken) is { } last
            ? await EndOfDayRun.CompleteAsync(_bank, last, cancellationToken)
            : null;

    private static ClosedDay ViewOf(BusinessDayDocument day) =>
        new(day.Date, day.Next, LogTime.ToInstant(day.ClosedNs), day.Done, day.IsComplete);
}

/// <param name="Schedule">Null = days are closed only when somebody asks.</param>
public sealed record DayScheduleDocument(DaySchedule? Schedule);

/// <summary>The end of day could not be completed now; what was done stands, and asking again goes on.</summary>
public sealed class EndOfDayException : Exception
{
    public EndOfDayException(string message)
        : base(message) { }

    public EndOfDayException(string message, Exception inner)
        : base(message, inner) { }
}
