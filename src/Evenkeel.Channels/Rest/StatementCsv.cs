using System.Buffers;
using System.Globalization;
using System.Text;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Evenkeel.Channels.Rest;

/// <summary>
/// A period's movements as a file for spreadsheets (RFC 4180, UTF-8 with its mark). What others wrote can't
/// become a formula there. A file that can't be finished is a broken line, never a short file.
/// </summary>
internal static class StatementCsv
{
    private const int DaysMax = 366;
    private const string Heading =
        "booking_date,value_date,at,amount,balance,currency,kind,counterparty,remittance,instruction\r\n";

    private static readonly SearchValues<char> Formulas = SearchValues.Create("=+-@\t\r\n");

    public static void Map(IEndpointRouteBuilder routes) =>
        routes
            .MapGet("/accounts/{number}/statement.csv", DownloadAsync)
            .For(Who.Person | Who.Program | Who.Staff, ProgramScopes.ReadAccounts)
            .Produces<string>(contentType: "text/csv")
            .WithSummary("Movements as a file for spreadsheets")
            .WithDescription("Newest first, from and to included; at most 366 days.");

    private static async Task<IResult> DownloadAsync(
        HttpContext http,
        string number,
        IAccountQueries queries,
        string? from = null,
        string? to = null
    )
    {
        if (!AccountNumber.TryParse(number, out var account))
        {
            return RestProblem.Of(OutcomeReason.DebtorAccountUnknown);
        }
        if (
            AccountEndpoints.DateOf(from) is not { } first
            || AccountEndpoints.DateOf(to) is not { } last
            || last < first
            || last.DayNumber - first.DayNumber >= DaysMax
        )
        {
            return RestProblem.Of(OutcomeReason.DateInvalid);
        }
        var actor = AccountEndpoints.ActorOf(http);
        StatementQuery query = new(account, first, last, null, PaymentLimits.PageLinesMax);
        return await queries.GetStatementAsync(actor, query, http.RequestAborted) switch
        {
            QueryAnswer<StatementPage>.Found found => new Download(
                queries,
                actor,
                query,
                found.Value
            ),
            QueryAnswer<StatementPage>.Refused refused => RestProblem.Of(refused.Reason),
            _ => throw new InvalidOperationException("A third kind of answer."),
        };
    }

    /// <summary>Text as a field: quoted, and led by an apostrophe where a spreadsheet would compute.</summary>
    internal static string FieldOf(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }
        // Blanks before it don't keep a spreadsheet from computing either.
        var lead = text.AsSpan().TrimStart(' ');
        var safe = lead.Length > 0 && Formulas.Contains(lead[0]) ? $"'{text}" : text;
        return $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static string LineOf(StatementLine line)
    {
        var amount = AmountBody.Of(line.Amount);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{line.BookingDate:yyyy-MM-dd},{line.ValueDate:yyyy-MM-dd},{line.At.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ},{amount.Amount},{AmountBody.Of(line.Balance).Amount},{amount.Currency},{FieldOf(line.Kind)},{FieldOf(line.Counterparty)},{FieldOf(line.Remittance)},{line.Instruction}\r\n"
        );
    }

    private sealed class Download(
        IAccountQueries queries,
        Actor actor,
        StatementQuery query,
        StatementPage first
    ) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.ContentType = "text/csv; charset=utf-8";
            response.Headers.ContentDisposition = string.Create(
                CultureInfo.InvariantCulture,
                $"attachment; filename=\"statement-{query.Account}-{query.From:yyyyMMdd}-{query.To:yyyyMMdd}.csv\""
            );
            var token = httpContext.RequestAborted;
            await response.Body.WriteAsync(Encoding.UTF8.Preamble.ToArray(), token);
            await response.WriteAsync(Heading, token);
            for (var page = first; ; )
            {
                foreach (var line in page.Lines)
                {
                    await response.WriteAsync(LineOf(line), token);
                }
                if (page.Next is not { } next)
                {
                    return;
                }
                if (
                    await queries.GetStatementAsync(actor, query with { After = next }, token)
                    is not QueryAnswer<StatementPage>.Found more
                )
                {
                    httpContext.Abort();
                    return;
                }
                page = more.Value;
            }
        }
    }
}
