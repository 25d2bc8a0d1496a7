using System.Globalization;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Storage;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Calendars;

/// <summary>Until when a kind of payment of one channel and currency is still of today.</summary>
/// <param name="Time">By the bank's local time.</param>
/// <param name="UtcOffsetMinutes">Local time less UTC.</param>
/// <param name="IsRefusedAfter">
/// What comes later, or on a day without banking, is refused; else it counts from the next banking day.
/// </param>
public sealed record CutOff(TimeOnly Time, int UtcOffsetMinutes, bool IsRefusedAfter)
{
    private const int UtcOffsetMinutesMax = 14 * 60;

    internal bool IsSound => Math.Abs(UtcOffsetMinutes) <= UtcOffsetMinutesMax;

    /// <summary>The day from which a payment counts; the business date itself when in time.</summary>
    public DateOnly ValueDateOf(DateTimeOffset now, DateOnly businessDate, BankCalendar calendar)
    {
        ArgumentNullException.ThrowIfNull(calendar);
        var local = now.ToOffset(TimeSpan.FromMinutes(UtcOffsetMinutes));
        // Past midnight the business date may not have rolled yet: its time is over all the same.
        var isOver =
            DateOnly.FromDateTime(local.DateTime) > businessDate
            || TimeOnly.FromDateTime(local.DateTime) > Time;
        return isOver || !calendar.IsBankingDay(businessDate)
            ? calendar.NextAfter(businessDate)
            : businessDate;
    }
}

/// <summary>Judges an instruction by the cut-off of its channel, kind and currency, if there is one.</summary>
internal static class CutOffs
{
    public const string OutgoingCredit = "outgoing-credit";
    public const string IncomingCredit = "incoming-credit";

    /// <returns>
    /// <see cref="OutcomeReason.CutOffPassed"/> when it is too late for today and must not wait; else none,
    /// with the decision's value date moved where it counts from later.
    /// </returns>
    public static async ValueTask<OutcomeReason> JudgeAsync(
        DecisionContext context,
        string kind,
        CancellationToken cancellationToken
    )
    {
        var currency = context.Instruction.Amount.Currency;
        var cutOff = await Collections.CutOffs.ReadAsync(
            context.Reader,
            KeyOf(context.Instruction.Origin.Channel, kind, currency),
            cancellationToken
        );
        // A value date that the bank itself owes is not touched.
        if (cutOff is null || context.Instruction.ValueDate is not null)
        {
            return OutcomeReason.None;
        }
        var calendar = await CalendarAdministration.ReadAsync(
            context.Reader,
            currency,
            cancellationToken
        );
        var valueDate = cutOff.ValueDateOf(context.Now, context.BusinessDate, calendar);
        if (valueDate == context.BusinessDate)
        {
            return OutcomeReason.None;
        }
        if (cutOff.IsRefusedAfter)
        {
            return OutcomeReason.CutOffPassed;
        }
        context.ValueDate = valueDate;
        return OutcomeReason.None;
    }

    public static string KeyOf(Channel channel, string kind, uint currency) =>
        string.Create(CultureInfo.InvariantCulture, $"{channel}/{kind}/{currency}");
}
