using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Model;

namespace Evenkeel.Host.Serving;

/// <summary>What <c>bank end-of-day --status</c> says with <c>--json</c>.</summary>
/// <param name="Date">The open business day; null before the bank was opened.</param>
/// <param name="State">Of <see cref="EndOfDayState"/>, in small letters.</param>
/// <param name="EndsAt">When it ends by itself, by UTC; null without a schedule.</param>
/// <param name="Last">The day closed last.</param>
/// <param name="Step">At work; null when the last day is complete.</param>
/// <param name="Handled">What the step at work has looked at.</param>
internal sealed record EndOfDayStatusAnswer(
    string? Date,
    string State,
    DayScheduleAnswer Schedule,
    DateTimeOffset? EndsAt,
    EndOfDayAnswer? Last,
    string? Step,
    int Handled,
    DateTimeOffset? FailedAt,
    string? Failure,
    long Failures,
    long OrdersRetried
)
{
    public static EndOfDayStatusAnswer Of(EndOfDayStatus status) =>
        new(
            DayTexts.Of(status.BusinessDate),
            JsonNamingPolicy.SnakeCaseLower.ConvertName(status.State.ToString()),
            DayScheduleAnswer.Of(status.Schedule),
            status.EndsAt,
            status.Last is { } last ? EndOfDayAnswer.Of(DayTexts.Of(last.Date)!, last) : null,
            status.Step,
            status.Handled,
            status.LastFailure?.At,
            status.LastFailure?.What,
            status.LastFailure?.Failures ?? 0,
            status.OrdersRetried
        );
}

internal sealed record EndOfDayAnswer(
    string Date,
    string? Next,
    bool IsComplete,
    IReadOnlyList<EndOfDayStepAnswer> Steps
)
{
    public static EndOfDayAnswer Of(string date, ClosedDay? day) =>
        new(
            date,
            DayTexts.Of(day?.Next),
            day?.IsComplete ?? false,
            [
                .. (day?.Steps ?? []).Select(static step => new EndOfDayStepAnswer(
                    step.Name,
                    step.Handled
                )),
            ]
        );
}

internal sealed record EndOfDayStepAnswer(string Name, int Handled);

/// <summary>Asks for a schedule; without a time for none.</summary>
/// <param name="Reference">Names this change: asked again it changes nothing.</param>
/// <param name="EndsAt">HH:mm by the clocks of the zone.</param>
/// <param name="Calendar">Letters of ISO 4217; null = every day is a business day.</param>
internal sealed record DayScheduleRequest(
    string Reference,
    string? EndsAt,
    string? Zone = null,
    string? Calendar = null,
    int? RetryMinutes = null
)
{
    /// <summary>What a bank begins with: midnight by the clocks of its leader, every day.</summary>
    public static readonly DayScheduleRequest AtOpening = new("opening", "00:00");

    public bool TryRead(out DaySchedule? schedule)
    {
        schedule = null;
        if (EndsAt is null)
        {
            return true;
        }
        uint currency = 0;
        if (
            !TimeOnly.TryParseExact(
                EndsAt,
                DayTexts.TimeFormat,
                CultureInfo.InvariantCulture,
                DateTimeStyles.None,
                out var time
            ) || (Calendar is not null && !Currencies.TryParseLedger(Calendar, out currency))
        )
        {
            return false;
        }
        schedule = new DaySchedule(
            time,
            Zone ?? TimeZoneInfo.Local.Id,
            Calendar is null ? null : currency,
            RetryMinutes ?? DaySchedule.RetryMinutesDefault
        );
        return true;
    }
}

/// <param name="IsAutomatic">False: days are closed only when somebody asks.</param>
internal sealed record DayScheduleAnswer(
    bool IsAutomatic,
    string? EndsAt,
    string? Zone,
    string? Calendar,
    int? RetryMinutes
)
{
    public static DayScheduleAnswer Of(DaySchedule? schedule) =>
        new(
            schedule is not null,
            schedule?.EndsAt.ToString(DayTexts.TimeFormat, CultureInfo.InvariantCulture),
            schedule?.Zone,
            schedule?.Calendar is { } currency ? Currencies.OfLedger(currency).Letters : null,
            schedule?.RetryMinutes
        );
}

internal sealed record DayBalancesAnswer(string Date, IReadOnlyList<DayBalanceAnswer> Currencies);

internal sealed record DayBalanceAnswer(
    string Currency,
    long DebitsMinor,
    long CreditsMinor,
    bool IsZeroSum,
    IReadOnlyList<DayBalanceLineAnswer> Lines
);

internal sealed record DayBalanceLineAnswer(
    ushort Code,
    string Name,
    int Accounts,
    long DebitMinor,
    long CreditMinor
);

internal static class DayTexts
{
    public const string TimeFormat = "HH:mm";

    public static string? Of(DateOnly? date) =>
        date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(EndOfDayStatusAnswer))]
[JsonSerializable(typeof(EndOfDayAnswer))]
[JsonSerializable(typeof(DayScheduleRequest))]
[JsonSerializable(typeof(DayScheduleAnswer))]
[JsonSerializable(typeof(DayBalancesAnswer))]
internal sealed partial class EndOfDayJson : JsonSerializerContext;
