using System.Globalization;
using Evenkeel.Channels.Sessions;
using Evenkeel.Channels.Texts;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Evenkeel.Channels.Rest;

/// <summary>Accounts, statements, and where the money is.</summary>
internal static class AccountEndpoints
{
    private const int PageLines = 100;
    private const int DaysShown = 31;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapGet("/accounts", ListAsync)
            .For(Who.Person | Who.Program, ProgramScopes.ReadAccounts)
            .Produces<AccountsBody>()
            .WithSummary("Own accounts");
        routes
            .MapGet("/accounts/{number}", GetAsync)
            .For(Who.Person | Who.Program | Who.Staff, ProgramScopes.ReadAccounts)
            .Produces<AccountBody>()
            .WithSummary("One account");
        routes
            .MapGet("/accounts/{number}/statement", StatementAsync)
            .For(Who.Person | Who.Program | Who.Staff, ProgramScopes.ReadAccounts)
            .Produces<StatementBody>()
            .WithSummary("Movements by booking date")
            .WithDescription("Newest first; the last 31 days unless from and to are given.");
        routes
            .MapGet("/traces", TraceAsync)
            .For(Who.Person | Who.Program | Who.Staff, ProgramScopes.ReadAccounts)
            .Produces<TracesBody>()
            .WithSummary("Where is my money")
            .WithDescription("By an id or any reference: its state and its whole timeline.");
    }

    private static async Task<IResult> ListAsync(HttpContext http, IAccountQueries queries) =>
        Answer(
            await queries.ListAccountsAsync(ActorOf(http), http.RequestAborted),
            static (found, asOf) =>
                Results.Json(
                    new AccountsBody([.. found.Select(view => BodyOf(view, asOf))]),
                    RestJson.Default.AccountsBody
                )
        );

    private static async Task<IResult> GetAsync(
        HttpContext http,
        string number,
        IAccountQueries queries
    ) =>
        !AccountNumber.TryParse(number, out var account)
            ? RestProblem.Of(OutcomeReason.DebtorAccountUnknown)
            : Answer(
                await queries.GetAccountAsync(ActorOf(http), account, http.RequestAborted),
                static (found, asOf) =>
                    Results.Json(BodyOf(found, asOf), RestJson.Default.AccountBody)
            );

    private static async Task<IResult> StatementAsync(
        HttpContext http,
        string number,
        IAccountQueries queries,
        TimeProvider time,
        string? from = null,
        string? to = null,
        string? after = null,
        int limit = PageLines
    )
    {
        if (!AccountNumber.TryParse(number, out var account))
        {
            return RestProblem.Of(OutcomeReason.DebtorAccountUnknown);
        }
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        // A business date may be a day ahead of any clock.
        if (
            DateOf(to, today.AddDays(1)) is not { } last
            || DateOf(from, last.AddDays(-DaysShown)) is not { } first
        )
        {
            return RestProblem.Of(OutcomeReason.DateInvalid);
        }
        return Answer(
            await queries.GetStatementAsync(
                ActorOf(http),
                new StatementQuery(account, first, last, after, limit),
                http.RequestAborted
            ),
            static (page, _) => Results.Json(BodyOf(page), RestJson.Default.StatementBody)
        );
    }

    private static async Task<IResult> TraceAsync(
        HttpContext http,
        IAccountQueries queries,
        string? reference = null
    )
    {
        if (reference is not { Length: > 0 and <= PaymentLimits.NameCharsMax })
        {
            return RestProblem.Of(OutcomeReason.Malformed);
        }
        var culture = Languages.Of(http);
        return Answer(
            await queries.TraceAsync(ActorOf(http), reference, http.RequestAborted),
            (found, _) =>
                found.Count == 0
                    ? RestProblem.Of(OutcomeReason.OriginalUnknown)
                    : Results.Json(
                        new TracesBody([.. found.Select(trace => BodyOf(trace, culture))]),
                        RestJson.Default.TracesBody
                    )
        );
    }

    /// <summary>Who asks, as the session says.</summary>
    public static Actor ActorOf(HttpContext http) => SessionHandler.SessionOf(http).ToActor();

    public static IResult Answer<T>(
        QueryAnswer<T> answer,
        Func<T, DateTimeOffset, IResult> found
    ) =>
        answer switch
        {
            QueryAnswer<T>.Found value => found(value.Value, value.AsOf),
            QueryAnswer<T>.Refused refused => RestProblem.Of(refused.Reason),
            _ => throw new InvalidOperationException("A third kind of answer."),
        };

    /// <summary>Null when there is a text and it is no date.</summary>
    public static DateOnly? DateOf(string? text, DateOnly unless) =>
        text is null ? unless : DateOf(text);

    public static DateOnly? DateOf(string? text) =>
        DateOnly.TryParseExact(
            text,
            "yyyy-MM-dd",
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out var date
        )
            ? date
            : null;

    public static AccountBody BodyOf(AccountView view, DateTimeOffset asOf) =>
        new(
            view.Number.ToString(),
            view.Product,
            Bodies.NameOf(view.State),
            AmountBody.Of(view.Booked),
            AmountBody.Of(view.Available),
            asOf
        );

    private static StatementBody BodyOf(StatementPage page) =>
        new(
            AmountBody.Of(page.Opening),
            AmountBody.Of(page.Closing),
            [
                .. page.Lines.Select(static line => new StatementLineBody(
                    line.At,
                    line.BookingDate,
                    line.ValueDate,
                    AmountBody.Of(line.Amount),
                    AmountBody.Of(line.Balance),
                    line.Kind,
                    line.Instruction?.ToString(),
                    line.Counterparty,
                    line.Remittance
                )),
            ],
            page.Next
        );

    private static TraceBody BodyOf(InstructionTrace trace, CultureInfo culture)
    {
        var (slug, text) = Bodies.Say(trace.Reason, culture);
        return new TraceBody(
            trace.Id.ToString(),
            trace.Kind,
            AmountBody.Of(trace.Amount),
            Bodies.NameOf(trace.State),
            slug,
            text,
            trace.Deadline,
            trace.Debtor?.ToString(),
            trace.Creditor,
            trace.References,
            [
                .. trace.Timeline.Select(static entry => new TimelineBody(
                    entry.At,
                    Bodies.NameOf(entry.State),
                    entry.By,
                    entry.Detail
                )),
            ]
        );
    }
}
