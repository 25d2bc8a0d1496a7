using Evenkeel.Banking.Calendars;
using Evenkeel.Banking.Work;

namespace Evenkeel.Banking.EndOfDay;

/// <summary>
/// Closes business days by itself on the node that leads: what a stop or an election left half done goes
/// on first, then the open day is closed when its time has come, and in between standing orders that wait
/// for money are tried again. It keeps nothing but when to look next; with the leadership it ends at once,
/// and the next leader goes on where the records say.
/// </summary>
internal sealed class DayKeeper(Bank bank) : IPump
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private DateTimeOffset _lookAt = DateTimeOffset.MinValue;
    private DateTimeOffset _retryAt = DateTimeOffset.MinValue;
    private int _failures;

    public async Task<bool> PumpAsync(CancellationToken cancellationToken)
    {
        var now = bank.Time.GetUtcNow();
        if (now < _lookAt)
        {
            return false;
        }
        _lookAt = now + LookEvery;
        try
        {
            var worked = await KeepAsync(now, cancellationToken);
            _failures = 0;
            bank.EndOfDay.Monitor.Looked();
            return worked;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            _failures++;
            _lookAt = bank.Time.GetUtcNow() + WorkLimits.RetryAfter(_failures);
            bank.EndOfDay.Monitor.Failed(bank.Time.GetUtcNow(), e);
            throw;
        }
    }

    private async Task<bool> KeepAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var days = bank.EndOfDay;
        await days.ResumeAsync(cancellationToken);
        if (
            await days.BusinessDateAsync(cancellationToken) is not { } today
            || await days.FindScheduleAsync(cancellationToken) is not { } schedule
        )
        {
            return false;
        }
        var calendar = schedule.Calendar is { } currency
            ? await bank.Calendars.FindAsync(currency, cancellationToken)
            : null;
        if (schedule.NextAfter(today, now, calendar) is { } next)
        {
            if ((now - schedule.EndOf(today)).TotalDays > BankingLimits.BehindDaysMax)
            {
                throw new EndOfDayException(
                    $"The business date {today:yyyy-MM-dd} is more than {BankingLimits.BehindDaysMax} days behind this "
                        + "node's clock. Days are not closed by themselves until one was closed by hand."
                );
            }
            await days.CloseAsync(today, next, cancellationToken);
            return true;
        }
        if (now >= _retryAt)
        {
            await days.RetryWaitingAsync(cancellationToken);
            _retryAt = now.AddMinutes(schedule.RetryMinutes);
        }
        return false;
    }
}
