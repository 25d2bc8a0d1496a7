using System.Globalization;
using System.Text.Json;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal.Decisions;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Calendars;

/// <summary>Calendars of the currencies. Changed by two people.</summary>
public sealed class CalendarAdministration
{
    private readonly Bank _bank;

    internal CalendarAdministration(Bank bank) => _bank = bank;

    /// <summary>The currency's calendar; Saturdays and Sundays when none was set.</summary>
    public async ValueTask<BankCalendar> FindAsync(
        uint currency,
        CancellationToken cancellationToken
    ) =>
        await Collections.Calendars.ReadAsync(_bank.Journal, KeyOf(currency), cancellationToken)
        ?? BankCalendar.Standard;

    public Task<TaskOutcome<BankCalendar>> SetAsync(
        Actor actor,
        string reference,
        uint currency,
        BankCalendar calendar,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(calendar);
        var id = InstructionId.From(Channel.Internal, "calendar", reference);
        var key = KeyOf(currency);
        return Administration.DecideAsync(
            _bank,
            actor,
            new(id.Value),
            "calendar/set",
            $"{key}\n{JsonSerializer.Serialize(calendar, BankingJson.Default.BankCalendar)}",
            [Collections.Calendars.Key(key)],
            (_, draft, _) =>
                ValueTask.FromResult(
                    calendar.IsSound
                        ? AdminDecision<BankCalendar>.Accept(
                            draft with
                            {
                                Writes = [Collections.Calendars.Write(key, calendar)],
                            },
                            calendar
                        )
                        : AdminDecision<BankCalendar>.Refuse(draft, OutcomeReason.Malformed)
                ),
            async token => await FindAsync(currency, token),
            cancellationToken
        );
    }

    /// <summary>
    /// Until when credits to other banks by a channel are still of today. None is set in a new bank: they
    /// are taken at any hour.
    /// </summary>
    public Task<TaskOutcome<CutOff>> SetCutOffAsync(
        Actor actor,
        string reference,
        Channel channel,
        uint currency,
        CutOff cutOff,
        CancellationToken cancellationToken
    ) =>
        SetCutOffAsync(
            actor,
            reference,
            CutOffs.KeyOf(channel, CutOffs.OutgoingCredit, currency),
            cutOff,
            mayRefuse: true,
            cancellationToken
        );

    /// <summary>
    /// Until when credits from other banks count from today. They have settled: a cut-off that refuses is
    /// refused itself.
    /// </summary>
    public Task<TaskOutcome<CutOff>> SetIncomingCutOffAsync(
        Actor actor,
        string reference,
        uint currency,
        CutOff cutOff,
        CancellationToken cancellationToken
    ) =>
        SetCutOffAsync(
            actor,
            reference,
            CutOffs.KeyOf(Channel.Clearing, CutOffs.IncomingCredit, currency),
            cutOff,
            mayRefuse: false,
            cancellationToken
        );

    private Task<TaskOutcome<CutOff>> SetCutOffAsync(
        Actor actor,
        string reference,
        string key,
        CutOff cutOff,
        bool mayRefuse,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(cutOff);
        var id = InstructionId.From(Channel.Internal, "cut-off", reference);
        return Administration.DecideAsync(
            _bank,
            actor,
            new(id.Value),
            "cut-off/set",
            $"{key}\n{JsonSerializer.Serialize(cutOff, BankingJson.Default.CutOff)}",
            [Collections.CutOffs.Key(key)],
            (_, draft, _) =>
                ValueTask.FromResult(
                    cutOff.IsSound && (mayRefuse || !cutOff.IsRefusedAfter)
                        ? AdminDecision<CutOff>.Accept(
                            draft with
                            {
                                Writes = [Collections.CutOffs.Write(key, cutOff)],
                            },
                            cutOff
                        )
                        : AdminDecision<CutOff>.Refuse(draft, OutcomeReason.Malformed)
                ),
            async token => await Collections.CutOffs.ReadAsync(_bank.Journal, key, token),
            cancellationToken
        );
    }

    /// <summary>As a decision reads: the calendar becomes a guard.</summary>
    internal static async ValueTask<BankCalendar> ReadAsync(
        DecisionReader reader,
        uint currency,
        CancellationToken cancellationToken
    ) =>
        await Collections.Calendars.ReadAsync(reader, KeyOf(currency), cancellationToken)
        ?? BankCalendar.Standard;

    private static string KeyOf(uint currency) => currency.ToString(CultureInfo.InvariantCulture);
}
