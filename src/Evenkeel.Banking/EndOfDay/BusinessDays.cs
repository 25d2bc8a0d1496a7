using System.Globalization;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.EndOfDay;

/// <summary>The bank's business days: how they roll, and where their ends lie in log time.</summary>
internal static class BusinessDays
{
    /// <summary>Days between two business days at most; a longer gap is not looked across.</summary>
    private const int GapDaysMax = 400;

    private const int GapDaysUsual = 10;

    private static readonly int[] Gaps = [GapDaysUsual, GapDaysMax];

    public static string KeyOf(DateOnly date) =>
        date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static ValueTask<BusinessDayDocument?> ReadAsync(
        IJournal journal,
        DateOnly date,
        CancellationToken cancellationToken
    ) => Collections.BusinessDays.ReadAsync(journal, KeyOf(date), cancellationToken);

    /// <summary>The business day that the given one followed; null for the bank's first.</summary>
    public static async ValueTask<BusinessDayDocument?> BeforeAsync(
        IJournal journal,
        DateOnly date,
        CancellationToken cancellationToken
    )
    {
        var page = await Collections.BusinessDays.QueryAsync(
            journal,
            new RecordQuery
            {
                Collection = Collections.BusinessDays.Name,
                Index = "next",
                Value = KeyOf(date),
            },
            cancellationToken
        );
        return page.Documents is [var found] ? found.Document : null;
    }

    /// <summary>
    /// Log time after which all movements are booked on this date or later, nanoseconds; 0 when there was
    /// no business day before it.
    /// </summary>
    public static async ValueTask<ulong> OpenedNsAsync(
        IJournal journal,
        DateOnly date,
        CancellationToken cancellationToken
    ) =>
        await LastUpToAsync(journal, date.AddDays(-1), cancellationToken) is { } day
            ? StampOf(day)
            : 0;

    /// <summary>
    /// Log time up to which all movements are booked on this date or earlier, nanoseconds; the end of time
    /// while the date is not closed.
    /// </summary>
    public static async ValueTask<ulong> EndNsAsync(
        IJournal journal,
        DateOnly date,
        CancellationToken cancellationToken
    ) =>
        await LastUpToAsync(journal, date, cancellationToken) is { } day && day.Next > date
            ? StampOf(day)
            : Limits.TimestampMax;

    /// <summary>The last closed business day on or before a date.</summary>
    private static async ValueTask<BusinessDayDocument?> LastUpToAsync(
        IJournal journal,
        DateOnly date,
        CancellationToken cancellationToken
    )
    {
        if (await ReadAsync(journal, date, cancellationToken) is { } exact)
        {
            return exact;
        }
        // Business days rarely skip: a short look first, a long one where that finds none.
        foreach (var days in Gaps)
        {
            var page = await Collections.BusinessDays.QueryAsync(
                journal,
                new RecordQuery
                {
                    Collection = Collections.BusinessDays.Name,
                    After = KeyOf(Earlier(date, days)),
                    Limit = days,
                },
                cancellationToken
            );
            if (
                page.Documents.LastOrDefault(pair => pair.Document.Date <= date).Document is { } day
            )
            {
                return day;
            }
        }
        return null;
    }

    private static DateOnly Earlier(DateOnly date, int days) =>
        date.DayNumber < days ? DateOnly.MinValue : date.AddDays(-days);

    /// <exception cref="BankUnavailableException">It rolls just now: ask again.</exception>
    private static ulong StampOf(BusinessDayDocument day) =>
        day.ClosedNs != 0
            ? day.ClosedNs
            : throw new BankUnavailableException(
                FrameStatus.Busy,
                "The business day is being closed just now."
            );

    /// <summary>
    /// Rolls the date, once: the roll and the day's document are one operation, whose result tells the
    /// moment of the close however often it is asked again.
    /// </summary>
    public static async ValueTask<BusinessDayDocument> RollAsync(
        Bank bank,
        DateOnly date,
        DateOnly next,
        DateOnly? previous,
        CancellationToken cancellationToken
    )
    {
        var day = new BusinessDayDocument
        {
            Date = date,
            Next = next,
            Previous = previous,
        };
        return await StampAsync(bank, day, cancellationToken);
    }

    /// <summary>The day with the moment of its close.</summary>
    public static async ValueTask<BusinessDayDocument> StampAsync(
        Bank bank,
        BusinessDayDocument day,
        CancellationToken cancellationToken
    )
    {
        if (day.ClosedNs != 0)
        {
            return day;
        }
        var unstamped = new BusinessDayDocument
        {
            Date = day.Date,
            Next = day.Next,
            Previous = day.Previous,
        };
        var id = StepOperation.IdOf(day.Date, "roll", "date");
        var roll = SystemRecords.RollBusinessDate(
            new OperationId(id.Value),
            day.Date,
            day.Next,
            StepOperation.Principal
        );
        var closed = await StepOperation.ProposeAsync(
            bank,
            roll with
            {
                RequestHash = StepOperation.HashOf(day.Date, "roll", KeyOf(day.Next)),
                Writes = [.. roll.Writes, Write(unstamped)],
            },
            cancellationToken
        );
        if (closed.Status != OperationStatus.Done)
        {
            throw new EndOfDayException($"The business date did not roll: {closed.Status}.");
        }
        var stamped = unstamped with { ClosedNs = closed.Timestamp };
        return await UpdateAsync(bank, unstamped, stamped, cancellationToken);
    }

    /// <summary>Writes the next version, unless another has gone on meanwhile.</summary>
    /// <returns>What stands now.</returns>
    public static async ValueTask<BusinessDayDocument> UpdateAsync(
        Bank bank,
        BusinessDayDocument from,
        BusinessDayDocument to,
        CancellationToken cancellationToken
    )
    {
        var key = KeyOf(from.Date);
        var step = string.Create(
            CultureInfo.InvariantCulture,
            $"progress/{to.ClosedNs != 0}/{to.Done.Count}/{to.Cursor}/{to.IsComplete}"
        );
        await StepOperation.DecideAsync(
            bank,
            from.Date,
            step,
            key,
            [Collections.BusinessDays.Key(key)],
            async (reader, draft, _, token) =>
            {
                var stands = await Collections.BusinessDays.ReadAsync(reader, key, token);
                return stands is not null && IsBehind(stands, to)
                    ? draft with
                    {
                        Writes = [Collections.BusinessDays.Write(key, to)],
                    }
                    : StepOperation.NothingToDo(draft);
            },
            cancellationToken
        );
        return await ReadAsync(bank.Journal, from.Date, cancellationToken) ?? to;
    }

    /// <summary>Two runs at once (an old leader and a new one) must not set each other back.</summary>
    private static bool IsBehind(BusinessDayDocument stands, BusinessDayDocument to)
    {
        if (stands.ClosedNs == 0)
        {
            return to.ClosedNs != 0;
        }
        return !stands.IsComplete
            && (
                to.IsComplete
                || to.Done.Count > stands.Done.Count
                || (
                    to.Done.Count == stands.Done.Count
                    && string.CompareOrdinal(to.Cursor ?? "", stands.Cursor ?? "") > 0
                )
            );
    }

    private static RecordWrite Write(BusinessDayDocument day) =>
        Collections.BusinessDays.Write(KeyOf(day.Date), day);
}
