using System.Globalization;
using Evenkeel.Banking.Queries;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Payments;

namespace Evenkeel.Banking.StandingOrders;

/// <summary>
/// Standing orders as channels see them: with the dates to come, with what became of those that were due,
/// and with a line in the audit for whoever asks for another's.
/// </summary>
internal sealed class CustomerStandingOrders(Bank bank) : IStandingOrders
{
    private const string What = "standing-order";

    /// <summary>How far back due dates are shown.</summary>
    private const int DaysShown = 400;

    public Task<QueryAnswer<IReadOnlyList<StandingOrderView>>> ListAsync(
        Actor actor,
        AccountNumber account,
        CancellationToken cancellationToken
    ) =>
        Reads.AnswerAsync<IReadOnlyList<StandingOrderView>>(
            bank,
            async () =>
            {
                if (!await MayUseAsync(actor, account, cancellationToken))
                {
                    return OutcomeReason.DebtorAccountUnknown;
                }
                if (
                    await bank.StandingOrders.ListAsync(actor, account, cancellationToken)
                    is not QueryAnswer<IReadOnlyList<StandingOrderView>>.Found found
                )
                {
                    return OutcomeReason.ServiceUnavailable;
                }
                List<StandingOrderView> views = [];
                foreach (var view in found.Value)
                {
                    views.Add(await AheadAsync(view, cancellationToken));
                }
                return Read<IReadOnlyList<StandingOrderView>>.Found(views);
            }
        );

    public Task<QueryAnswer<StandingOrderView>> GetAsync(
        Actor actor,
        string id,
        CancellationToken cancellationToken
    ) =>
        Reads.AnswerAsync<StandingOrderView>(
            bank,
            async () =>
                await FindAsync(actor, id, cancellationToken) is { } order
                    ? await WholeAsync(id, order, cancellationToken)
                    : OutcomeReason.OriginalUnknown
        );

    public Task<QueryAnswer<StandingOrderView>> SetUpAsync(
        Actor actor,
        string reference,
        StandingOrderRequest request,
        CancellationToken cancellationToken
    ) =>
        Reads.AnswerAsync<StandingOrderView>(
            bank,
            async () =>
                await MayUseAsync(actor, request.Debtor, cancellationToken)
                    ? await AheadAsync(
                        Read<StandingOrderView>.Of(
                            await bank.StandingOrders.SetUpAsync(
                                actor,
                                reference,
                                request,
                                cancellationToken
                            )
                        ),
                        cancellationToken
                    )
                    : OutcomeReason.DebtorAccountUnknown
        );

    public Task<QueryAnswer<StandingOrderView>> ChangeAsync(
        Actor actor,
        string reference,
        string id,
        StandingOrderChange change,
        CancellationToken cancellationToken
    ) =>
        Reads.AnswerAsync<StandingOrderView>(
            bank,
            async () =>
                await FindAsync(actor, id, cancellationToken) is null
                    ? OutcomeReason.OriginalUnknown
                    : await AheadAsync(
                        Read<StandingOrderView>.Of(
                            await bank.StandingOrders.ChangeAsync(
                                actor,
                                reference,
                                id,
                                change,
                                cancellationToken
                            )
                        ),
                        cancellationToken
                    )
        );

    public Task<QueryAnswer<StandingOrderView>> StopAsync(
        Actor actor,
        string id,
        CancellationToken cancellationToken
    ) =>
        Reads.AnswerAsync<StandingOrderView>(
            bank,
            async () =>
                await FindAsync(actor, id, cancellationToken) is null
                    ? OutcomeReason.OriginalUnknown
                    : Read<StandingOrderView>.Of(
                        await bank.StandingOrders.CancelAsync(actor, id, cancellationToken)
                    )
        );

    private async ValueTask<bool> MayUseAsync(
        Actor actor,
        AccountNumber number,
        CancellationToken cancellationToken
    ) =>
        await Collections.Accounts.ReadAsync(bank.Journal, number.ToString(), cancellationToken)
            is { } account
        && await Access.MaySeeAsync(
            bank,
            actor,
            account.Customer,
            What,
            number.ToString(),
            cancellationToken
        );

    /// <summary>Null when there is none, or it is another's.</summary>
    private async ValueTask<StandingOrderDocument?> FindAsync(
        Actor actor,
        string id,
        CancellationToken cancellationToken
    ) =>
        InstructionId.TryParse(id, out _)
        && await Collections.StandingOrders.ReadAsync(bank.Journal, id, cancellationToken)
            is { } order
        && await Access.MaySeeAsync(
            bank,
            actor,
            order.Customer,
            What,
            order.Debtor,
            cancellationToken
        )
            ? order
            : null;

    private async ValueTask<StandingOrderView> WholeAsync(
        string id,
        StandingOrderDocument order,
        CancellationToken cancellationToken
    )
    {
        var since = order.NextDue.AddDays(-DaysShown);
        var page = await Collections.StandingRuns.QueryAsync(
            bank.Journal,
            new RecordQuery
            {
                Collection = Collections.StandingRuns.Name,
                Prefix = $"{id}/",
                After = string.Create(CultureInfo.InvariantCulture, $"{id}/{since:yyyy-MM-dd}"),
                Limit = PaymentLimits.PageLinesMax,
            },
            cancellationToken
        );
        var view = await AheadAsync(bank.StandingOrders.ViewOf(id, order), cancellationToken);
        return view with
        {
            Runs =
            [
                .. page
                    .Documents.TakeLast(PaymentLimits.StandingRunsShownMax)
                    .Select(static found => found.Document)
                    .Select(static run => new StandingRunView(
                        run.Due,
                        run.Run,
                        run.State,
                        run.Reason ?? OutcomeReason.None,
                        InstructionId.TryParse(run.Instruction, out var last) ? last : default
                    )),
            ],
        };
    }

    private async ValueTask<Read<StandingOrderView>> AheadAsync(
        Read<StandingOrderView> read,
        CancellationToken cancellationToken
    ) => read.Value is { } view ? await AheadAsync(view, cancellationToken) : read;

    /// <summary>With the dates to come: the next one as it is planned, the others by the calendar of today.</summary>
    private async ValueTask<StandingOrderView> AheadAsync(
        StandingOrderView view,
        CancellationToken cancellationToken
    )
    {
        if (
            view.NextRun is not { } next
            || await Collections.StandingOrders.ReadAsync(bank.Journal, view.Id, cancellationToken)
                is not { } order
        )
        {
            return view;
        }
        var calendar = await bank.Calendars.FindAsync(order.Currency, cancellationToken);
        List<DateOnly> dates = [next];
        var due = order.NextDue;
        while (dates.Count < PaymentLimits.DatesAheadMax)
        {
            due = order.Schedule.NextAfter(due);
            if (due > order.Last)
            {
                break;
            }
            dates.Add(calendar.Shift(due, order.Schedule.Shift));
        }
        return view with { Upcoming = dates };
    }
}
