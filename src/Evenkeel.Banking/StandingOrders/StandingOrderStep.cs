using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Payments;

namespace Evenkeel.Banking.StandingOrders;

/// <summary>
/// Executes what is due up to the new business day: also for days that the bank did not open. One after
/// the other in the order of their keys, since one may pay what the next one spends.
/// </summary>
internal sealed class StandingOrderStep : IEndOfDayStep
{
    private const int OrdersAtATime = 256;

    public string Name => "standing-orders";

    public async ValueTask<StepProgress> RunAsync(
        Bank bank,
        BusinessDayDocument day,
        string? cursor,
        CancellationToken cancellationToken
    )
    {
        var (date, after) = DueCursor.Read(cursor, day);
        var page = await Collections.StandingOrders.QueryAsync(
            bank.Journal,
            new RecordQuery
            {
                Collection = Collections.StandingOrders.Name,
                Index = "nextRun",
                Value = BusinessDays.KeyOf(date),
                After = after,
                Limit = OrdersAtATime,
            },
            cancellationToken
        );
        foreach (var (key, _) in page.Documents)
        {
            await CatchUpAsync(bank, key, day.Next, cancellationToken);
        }
        return new StepProgress(page.Documents.Count, DueCursor.Next(day, date, page.Next));
    }

    /// <summary>Every due date up to today: a standing order skips none.</summary>
    private static async ValueTask CatchUpAsync(
        Bank bank,
        string key,
        DateOnly today,
        CancellationToken cancellationToken
    )
    {
        while (
            await Collections.StandingOrders.ReadAsync(bank.Journal, key, cancellationToken)
                is { State: StandingOrderState.Active, NextRun: { } run } order
            && run <= today
        )
        {
            await StandingRuns.RunAsync(
                bank,
                key,
                order,
                order.NextDue,
                today,
                isLast: false,
                cancellationToken
            );
        }
    }
}

/// <summary>Where a step stands that goes through the due dates after the closed day, and keys in each.</summary>
internal static class DueCursor
{
    public static (DateOnly Date, string? After) Read(string? cursor, BusinessDayDocument day)
    {
        if (cursor is null)
        {
            return (day.Date.AddDays(1), null);
        }
        var slash = cursor.IndexOf('/', StringComparison.Ordinal);
        var date = DateOnly.ParseExact(
            cursor[..slash],
            "yyyy-MM-dd",
            System.Globalization.CultureInfo.InvariantCulture
        );
        return (date, slash + 1 == cursor.Length ? null : cursor[(slash + 1)..]);
    }

    /// <summary>Null after the last key of the last date.</summary>
    public static string? Next(BusinessDayDocument day, DateOnly date, string? nextKey) =>
        nextKey is not null ? $"{BusinessDays.KeyOf(date)}/{nextKey}"
        : date < day.Next ? $"{BusinessDays.KeyOf(date.AddDays(1))}/"
        : null;
}
