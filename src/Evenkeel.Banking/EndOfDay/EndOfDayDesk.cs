using System.Globalization;
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
    private readonly Bank _bank;

    internal EndOfDayDesk(Bank bank) => _bank = bank;

    /// <summary>The business date now; null before the bank was opened.</summary>
    /// <exception cref="EndOfDayException">The journal could not answer.</exception>
    public async ValueTask<DateOnly?> BusinessDateAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _bank.ReadBusinessDateAsync(cancellationToken);
        }
        catch (BankUnavailableException unavailable)
        {
            throw new EndOfDayException(unavailable.Message, unavailable);
        }
    }

    /// <summary>Null when the day was not closed.</summary>
    /// <exception cref="EndOfDayException">The journal could not answer.</exception>
    public async ValueTask<ClosedDay?> FindAsync(DateOnly date, CancellationToken cancellationToken)
    {
        try
        {
            return await BusinessDays.ReadAsync(_bank.Journal, date, cancellationToken) is { } day
                ? ViewOf(day)
                : null;
        }
        catch (BankUnavailableException unavailable)
        {
            throw new EndOfDayException(unavailable.Message, unavailable);
        }
    }

    /// <summary>
    /// Closes the day that is open when it is <paramref name="date"/>, and completes it when it was closed
    /// before. A day before that is not complete is completed first.
    /// </summary>
    /// <param name="next">The business day to open; null = the day after.</param>
    /// <exception cref="EndOfDayException">
    /// It could not be completed now (the journal is away, this node does not lead): ask again.
    /// </exception>
    public async Task<ClosedDay> CloseAsync(
        DateOnly date,
        DateOnly? next,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var day = await CloseCoreAsync(date, next ?? date.AddDays(1), cancellationToken);
            return ViewOf(await EndOfDayRun.CompleteAsync(_bank, day, cancellationToken));
        }
        catch (BankUnavailableException unavailable)
        {
            throw new EndOfDayException(unavailable.Message, unavailable);
        }
    }

    /// <summary>Completes the newest closed day when a stop left it half done.</summary>
    /// <returns>That day, or null when there was nothing to complete.</returns>
    /// <exception cref="EndOfDayException">It could not be completed now: ask again.</exception>
    public async Task<ClosedDay?> ResumeAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await CompleteLastAsync(cancellationToken) is { } day ? ViewOf(day) : null;
        }
        catch (BankUnavailableException unavailable)
        {
            throw new EndOfDayException(unavailable.Message, unavailable);
        }
    }

    /// <summary>Tries again, on the same day, the standing orders that wait for money.</summary>
    /// <returns>How many were tried.</returns>
    /// <exception cref="EndOfDayException">The journal could not answer: ask again.</exception>
    public async Task<int> RetryWaitingAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _bank.ReadBusinessDateAsync(cancellationToken) is { } today
                ? await StandingRuns.RetryAsync(_bank, today, isLast: false, cancellationToken)
                : 0;
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

/// <summary>The end of day could not be completed now; what was done stands, and asking again goes on.</summary>
public sealed class EndOfDayException : Exception
{
    public EndOfDayException(string message)
        : base(message) { }

    public EndOfDayException(string message, Exception inner)
        : base(message, inner) { }
}
