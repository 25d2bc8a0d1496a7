using Evenkeel.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Evenkeel.Channels.Rest;

/// <summary>What is owed, and when it falls due.</summary>
internal static class CreditEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapGet("/loans", ListLoansAsync)
            .For(Who.Person | Who.Program, ProgramScopes.ReadAccounts)
            .Produces<LoansBody>()
            .WithSummary("Own loans");
        routes
            .MapGet("/loans/{number}", GetLoanAsync)
            .For(Who.Person | Who.Program | Who.Staff, ProgramScopes.ReadAccounts)
            .Produces<LoanBody>()
            .WithSummary("A loan with its whole schedule")
            .WithDescription(
                "What fell due with what was paid of it (all that is open, and the last that were paid), "
                    + "then what is to come if all of it is paid on its day."
            );
        routes
            .MapGet("/credit-lines", ListLinesAsync)
            .For(Who.Person | Who.Program, ProgramScopes.ReadAccounts)
            .Produces<CreditLinesBody>()
            .WithSummary("Own credit lines: last bill, minimum, due date");
    }

    private static async Task<IResult> ListLoansAsync(HttpContext http, ICreditQueries credits) =>
        AccountEndpoints.Answer(
            await credits.ListLoansAsync(AccountEndpoints.ActorOf(http), http.RequestAborted),
            static (loans, _) =>
                Results.Json(
                    new LoansBody([.. loans.Select(LoanBody.Of)]),
                    RestJson.Default.LoansBody
                )
        );

    private static async Task<IResult> GetLoanAsync(
        HttpContext http,
        string number,
        ICreditQueries credits
    ) =>
        !AccountNumber.TryParse(number, out var account)
            ? RestProblem.Of(OutcomeReason.OriginalUnknown)
            : AccountEndpoints.Answer(
                await credits.GetLoanAsync(
                    AccountEndpoints.ActorOf(http),
                    account,
                    http.RequestAborted
                ),
                static (loan, _) => Results.Json(LoanBody.Of(loan), RestJson.Default.LoanBody)
            );

    private static async Task<IResult> ListLinesAsync(HttpContext http, ICreditQueries credits) =>
        AccountEndpoints.Answer(
            await credits.ListCreditLinesAsync(AccountEndpoints.ActorOf(http), http.RequestAborted),
            static (lines, _) =>
                Results.Json(
                    new CreditLinesBody([
                        .. lines.Select(static line => new CreditLineBody(
                            line.Account.ToString(),
                            line.Billed is { } billed ? AmountBody.Of(billed) : null,
                            line.Minimum is { } minimum ? AmountBody.Of(minimum) : null,
                            line.Due,
                            Bodies.NameOf(line.State)
                        )),
                    ]),
                    RestJson.Default.CreditLinesBody
                )
        );
}

internal sealed record LoansBody(IReadOnlyList<LoanBody> Loans);

/// <param name="State"><c>current</c>, <c>late</c>, <c>in_arrears</c>, <c>in_default</c>, <c>repaid</c>.</param>
/// <param name="RateBasisPoints">Hundredths of a percent a year.</param>
/// <param name="PaidFrom">The account that pays the instalments.</param>
/// <param name="Due">What fell due, oldest first.</param>
/// <param name="Plan">What is to come.</param>
internal sealed record LoanBody(
    string Account,
    string State,
    AmountBody Principal,
    AmountBody Outstanding,
    AmountBody Overdue,
    AmountBody Instalment,
    int RateBasisPoints,
    int Term,
    string? PaidFrom,
    DateOnly? NextDue,
    IReadOnlyList<DueInstalmentBody> Due,
    IReadOnlyList<PlannedInstalmentBody> Plan
)
{
    public static LoanBody Of(LoanView loan)
    {
        return new(
            loan.Account.ToString(),
            Bodies.NameOf(loan.State),
            AmountBody.Of(loan.Principal),
            AmountBody.Of(loan.Outstanding),
            Amount(loan.OverdueMinor),
            AmountBody.Of(loan.Instalment),
            loan.RateBasisPoints,
            loan.Term,
            loan.Settlement?.ToString(),
            loan.NextDue,
            [
                .. loan.Due.Select(due => new DueInstalmentBody(
                    due.Number,
                    due.Due,
                    Amount(due.InterestMinor),
                    Amount(due.PrincipalMinor),
                    Amount(due.InterestPaidMinor + due.PrincipalPaidMinor),
                    due.Paid
                )),
            ],
            [
                .. loan.Plan.Select(planned => new PlannedInstalmentBody(
                    planned.Number,
                    planned.Due,
                    Amount(planned.InterestMinor),
                    Amount(planned.PrincipalMinor),
                    Amount(planned.RemainingMinor)
                )),
            ]
        );

        AmountBody Amount(long minor) => AmountBody.Of(new Money(minor, loan.Principal.Currency));
    }
}

/// <param name="PaidOn">The day on which the last of it was paid; missing while it is open.</param>
internal sealed record DueInstalmentBody(
    int Number,
    DateOnly Due,
    AmountBody Interest,
    AmountBody Principal,
    AmountBody Paid,
    DateOnly? PaidOn
);

/// <param name="Remaining">Principal that is left after it.</param>
internal sealed record PlannedInstalmentBody(
    int Number,
    DateOnly Due,
    AmountBody Interest,
    AmountBody Principal,
    AmountBody Remaining
);

internal sealed record CreditLinesBody(IReadOnlyList<CreditLineBody> CreditLines);

/// <param name="Billed">The last bill; missing before the first.</param>
/// <param name="State"><c>none</c>, <c>open</c>, <c>met</c>, <c>missed</c>.</param>
internal sealed record CreditLineBody(
    string Account,
    AmountBody? Billed,
    AmountBody? Minimum,
    DateOnly? Due,
    string State
);
