using System.Globalization;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Evenkeel.Channels.Rest;

/// <summary>Paying again and again.</summary>
internal static class StandingOrderEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapGet("/accounts/{number}/standing-orders", ListAsync)
            .For(Who.Person | Who.Program | Who.Staff, ProgramScopes.ReadAccounts)
            .Produces<StandingOrdersBody>()
            .WithSummary("Standing orders of an account");
        routes
            .MapPost("/standing-orders", SetUpAsync)
            .For(Who.Person | Who.Program, ProgramScopes.WritePayments)
            .Accepts<StandingOrderRequestBody>("application/json")
            .Produces<StandingOrderBody>()
            .WithSummary("Set up a standing order: strong");
        routes
            .MapGet("/standing-orders/{id}", GetAsync)
            .For(Who.Person | Who.Program | Who.Staff, ProgramScopes.ReadAccounts)
            .Produces<StandingOrderBody>()
            .WithSummary("A standing order and what became of its due dates");
        routes
            .MapPut("/standing-orders/{id}", ChangeAsync)
            .For(Who.Person | Who.Program, ProgramScopes.WritePayments)
            .Accepts<StandingOrderChangeBody>("application/json")
            .Produces<StandingOrderBody>()
            .WithSummary("Change what is due from now on: strong")
            .WithDescription("Amount, schedule, end and text as a whole; the payee stays.");
        routes
            .MapDelete("/standing-orders/{id}", StopAsync)
            .For(Who.Person | Who.Program, ProgramScopes.WritePayments)
            .Produces<StandingOrderBody>()
            .WithSummary("Stop a standing order");
    }

    private static async Task<IResult> ListAsync(
        HttpContext http,
        string number,
        IStandingOrders orders
    )
    {
        if (!AccountNumber.TryParse(number, out var account))
        {
            return RestProblem.Of(OutcomeReason.DebtorAccountUnknown);
        }
        var culture = Texts.Languages.Of(http);
        return AccountEndpoints.Answer(
            await orders.ListAsync(AccountEndpoints.ActorOf(http), account, http.RequestAborted),
            (found, _) =>
                Results.Json(
                    new StandingOrdersBody([
                        .. found.Select(order => StandingOrderBody.Of(order, culture)),
                    ]),
                    RestJson.Default.StandingOrdersBody
                )
        );
    }

    private static async Task<IResult> GetAsync(
        HttpContext http,
        string id,
        IStandingOrders orders
    ) =>
        Shown(http, await orders.GetAsync(AccountEndpoints.ActorOf(http), id, http.RequestAborted));

    private static async Task<IResult> SetUpAsync(
        HttpContext http,
        IStandingOrders orders,
        RestChannelOptions options,
        TimeProvider time
    )
    {
        if (new Submission(http, options, time).Reference is not { } reference)
        {
            return RestProblem.KeyMissing;
        }
        if (await Bodies.ReadAsync(http, RestJson.Default.StandingOrderRequestBody) is not { } body)
        {
            return RestProblem.Of(OutcomeReason.Malformed);
        }
        if (!AccountNumber.TryParse(body.From, out var debtor))
        {
            return RestProblem.Of(OutcomeReason.DebtorAccountUnknown);
        }
        if (PaymentEndpoints.CreditorOf(body.To, out var fault) is not { } creditor)
        {
            return RestProblem.Of(fault);
        }
        if (Submission.AmountOf(body.Amount, body.Currency) is not { } amount)
        {
            return RestProblem.Of(OutcomeReason.AmountInvalid);
        }
        return body.Schedule.ToSchedule() is not { } schedule
            ? RestProblem.Of(OutcomeReason.DateInvalid)
            : Shown(
                http,
                await orders.SetUpAsync(
                    AccountEndpoints.ActorOf(http),
                    reference,
                    new StandingOrderRequest(
                        debtor,
                        creditor,
                        amount,
                        schedule,
                        body.First,
                        body.Last,
                        body.Remittance
                    ),
                    http.RequestAborted
                )
            );
    }

    private static async Task<IResult> ChangeAsync(
        HttpContext http,
        string id,
        IStandingOrders orders,
        RestChannelOptions options,
        TimeProvider time
    )
    {
        if (new Submission(http, options, time).Reference is not { } reference)
        {
            return RestProblem.KeyMissing;
        }
        if (await Bodies.ReadAsync(http, RestJson.Default.StandingOrderChangeBody) is not { } body)
        {
            return RestProblem.Of(OutcomeReason.Malformed);
        }
        if (Submission.AmountOf(body.Amount, body.Currency) is not { } amount)
        {
            return RestProblem.Of(OutcomeReason.AmountInvalid);
        }
        return body.Schedule.ToSchedule() is not { } schedule
            ? RestProblem.Of(OutcomeReason.DateInvalid)
            : Shown(
                http,
                await orders.ChangeAsync(
                    AccountEndpoints.ActorOf(http),
                    reference,
                    id,
                    new StandingOrderChange(amount, schedule, body.Last, body.Remittance),
                    http.RequestAborted
                )
            );
    }

    /// <summary>Needs no reference: what is stopped is stopped.</summary>
    private static async Task<IResult> StopAsync(
        HttpContext http,
        string id,
        IStandingOrders orders
    ) =>
        Shown(
            http,
            await orders.StopAsync(AccountEndpoints.ActorOf(http), id, http.RequestAborted)
        );

    private static IResult Shown(HttpContext http, QueryAnswer<StandingOrderView> answer)
    {
        var culture = Texts.Languages.Of(http);
        return AccountEndpoints.Answer(
            answer,
            (order, _) =>
                Results.Json(
                    StandingOrderBody.Of(order, culture),
                    RestJson.Default.StandingOrderBody
                )
        );
    }
}

/// <param name="Every"><c>month</c>, <c>month_end</c>, <c>week</c> or <c>day</c>.</param>
/// <param name="Day">Of the month (1 to 31), or of the week (0 is Sunday).</param>
/// <param name="Shift">
/// When the day is no banking day: <c>following</c> (unless said otherwise), <c>preceding</c>,
/// <c>modified_following</c>, <c>none</c>.
/// </param>
internal sealed record ScheduleBody(string Every, int Day = 0, string? Shift = null)
{
    /// <summary>Null when it can't be.</summary>
    public Schedule? ToSchedule()
    {
        var kind = Every switch
        {
            "month" => ScheduleKind.MonthlyOnDay,
            "month_end" => ScheduleKind.EndOfMonth,
            "week" => ScheduleKind.Weekly,
            "day" => ScheduleKind.Daily,
            _ => ScheduleKind.None,
        };
        DateShift? shift = Shift switch
        {
            null or "following" => DateShift.Following,
            "preceding" => DateShift.Preceding,
            "modified_following" => DateShift.ModifiedFollowing,
            "none" => DateShift.None,
            _ => null,
        };
        return shift is { } known && new Schedule(kind, Day, known) is { IsSound: true } schedule
            ? schedule
            : null;
    }

    public static ScheduleBody Of(Schedule schedule) =>
        new(
            schedule.Kind switch
            {
                ScheduleKind.MonthlyOnDay => "month",
                ScheduleKind.EndOfMonth => "month_end",
                ScheduleKind.Weekly => "week",
                ScheduleKind.Daily => "day",
                _ => throw new InvalidOperationException("A schedule of no kind."),
            },
            schedule.Day,
            Bodies.NameOf(schedule.Shift)
        );
}

/// <param name="First">No due date before it; later than the business date.</param>
internal sealed record StandingOrderRequestBody(
    string From,
    PayeeBody To,
    string Amount,
    string Currency,
    ScheduleBody Schedule,
    DateOnly First
)
{
    /// <summary>No due date after it; missing = until stopped.</summary>
    public DateOnly? Last { get; init; }

    public string? Remittance { get; init; }
}

internal sealed record StandingOrderChangeBody(
    string Amount,
    string Currency,
    ScheduleBody Schedule
)
{
    /// <summary>No due date after it; missing = until stopped.</summary>
    public DateOnly? Last { get; init; }

    public string? Remittance { get; init; }
}

internal sealed record StandingOrdersBody(IReadOnlyList<StandingOrderBody> StandingOrders);

/// <param name="State"><c>active</c>, <c>ended</c>, <c>cancelled</c>.</param>
/// <param name="To">Missing when the payee was forgotten.</param>
/// <param name="NextDates">Business days of the payments to come.</param>
internal sealed record StandingOrderBody(
    string Id,
    string State,
    string From,
    PayeeBody? To,
    AmountBody Amount,
    ScheduleBody Schedule,
    DateOnly? Last,
    string? Remittance,
    IReadOnlyList<DateOnly> NextDates,
    IReadOnlyList<StandingRunBody> Runs
)
{
    public static StandingOrderBody Of(StandingOrderView view, CultureInfo culture) =>
        new(
            view.Id,
            Bodies.NameOf(view.State),
            view.Debtor.ToString(),
            view.Creditor is { } here ? new PayeeBody(here.ToString())
                : view.Elsewhere is { } there
                    ? new PayeeBody(there.Account, there.Bank.Value, there.Name)
                : null,
            AmountBody.Of(view.Amount),
            ScheduleBody.Of(view.Schedule),
            view.Last,
            view.Remittance,
            view.Upcoming,
            [.. view.Runs.Select(run => StandingRunBody.Of(run, culture))]
        );
}

/// <param name="State"><c>waiting</c> for money, <c>done</c>, <c>failed</c>.</param>
/// <param name="Instruction">The last attempt, by which the money is found.</param>
internal sealed record StandingRunBody(
    DateOnly Due,
    DateOnly TriedOn,
    string State,
    string Instruction,
    string? Reason,
    string? Text
)
{
    public static StandingRunBody Of(StandingRunView run, CultureInfo culture)
    {
        var (reason, text) = Bodies.Say(run.Reason, culture);
        return new(
            run.Due,
            run.Run,
            Bodies.NameOf(run.State),
            run.Instruction.ToString(),
            reason,
            text
        );
    }
}
