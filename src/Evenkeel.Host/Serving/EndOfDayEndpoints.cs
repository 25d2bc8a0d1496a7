using System.Globalization;
using Evenkeel.Banking;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Journal.Access;
using Evenkeel.Model;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.Host.Serving;

/// <summary>Closes business days on the node that leads, and answers what the closed ones came to.</summary>
internal static class EndOfDayEndpoints
{
    public const string Path = "/v1/bank/end-of-day";
    public const string SchedulePath = "/v1/bank/schedule";
    public const string TrialBalancePath = "/v1/bank/trial-balance";

    /// <summary>What one request works before it says how far it is; asking again goes on.</summary>
    private const int RequestSecondsMax = 15;

    public static void Map(WebApplication web, Bank bank)
    {
        web.MapGet(
                Path,
                (CancellationToken token) =>
                    GuardAsync(async () =>
                        Results.Json(
                            EndOfDayStatusAnswer.Of(
                                await bank.EndOfDay.StatusAsync(token).ConfigureAwait(false)
                            ),
                            EndOfDayJson.Default.EndOfDayStatusAnswer
                        )
                    )
            )
            .RequireAuthorization(KeyScopes.Admin.ToNames()[0])
            .WithSummary("The business date and how far the end of day is");
        web.MapPost(
                SchedulePath,
                async (HttpRequest http, CancellationToken token) =>
                    await ScheduleAsync(
                            bank,
                            await http.ReadFromJsonAsync(
                                    EndOfDayJson.Default.DayScheduleRequest,
                                    token
                                )
                                .ConfigureAwait(false),
                            token
                        )
                        .ConfigureAwait(false)
            )
            .RequireAuthorization(KeyScopes.Admin.ToNames()[0])
            .WithSummary("When business days end by themselves");
        web.MapPost(
                Path + "/{date}",
                (string date, CancellationToken token) => CloseAsync(bank, date, token)
            )
            .RequireAuthorization(KeyScopes.Admin.ToNames()[0])
            .WithSummary("Close a business day")
            .WithDescription(
                "Rolls the business date and does the steps of the end of day. Customers are served meanwhile. "
                    + "While is_complete is false, ask again with the same date: it goes on."
            );
        web.MapGet(
                TrialBalancePath + "/{date}",
                (string date, bool? again, CancellationToken token) =>
                    BalanceAsync(bank, date, again ?? false, token)
            )
            .RequireAuthorization(KeyScopes.Admin.ToNames()[0])
            .WithSummary("The trial balance of a closed business day")
            .WithDescription(
                "As it was kept when the day was closed; with again=true it is computed once more from the ledger."
            );
    }

    private static async Task<IResult> ScheduleAsync(
        Bank bank,
        DayScheduleRequest? asked,
        CancellationToken token
    )
    {
        if (asked is not { Reference.Length: > 0 } || !asked.TryRead(out var schedule))
        {
            return Results.Problem(
                "A reference and a schedule are needed: a time (HH:mm), a zone of the IANA database, "
                    + "perhaps a currency; or no time for none.",
                statusCode: StatusCodes.Status400BadRequest
            );
        }
        return await bank
            .EndOfDay.SetScheduleAsync(new Actor.Bank("operator"), asked.Reference, schedule, token)
            .ConfigureAwait(false) switch
        {
            TaskOutcome<DayScheduleDocument>.Done done => Results.Json(
                DayScheduleAnswer.Of(done.Value.Schedule),
                EndOfDayJson.Default.DayScheduleAnswer
            ),
            TaskOutcome<DayScheduleDocument>.NotDone { Reason: OutcomeReason.Malformed } =>
                Results.Problem(
                    "That zone is not known, or a number is out of bounds.",
                    statusCode: StatusCodes.Status400BadRequest
                ),
            _ => Results.Problem(
                "The schedule could not be set now.",
                statusCode: StatusCodes.Status503ServiceUnavailable
            ),
        };
    }

    private static Task<IResult> CloseAsync(Bank bank, string text, CancellationToken token) =>
        DatedAsync(
            text,
            async date =>
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(token);
                patience.CancelAfter(TimeSpan.FromSeconds(RequestSecondsMax));
                ClosedDay? day;
                try
                {
                    day = await bank
                        .EndOfDay.CloseAsync(date, next: null, patience.Token)
                        .ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (!token.IsCancellationRequested)
                {
                    day = await bank.EndOfDay.FindAsync(date, token).ConfigureAwait(false);
                }
                return Results.Json(
                    EndOfDayAnswer.Of(text, day),
                    EndOfDayJson.Default.EndOfDayAnswer
                );
            }
        );

    private static Task<IResult> BalanceAsync(
        Bank bank,
        string text,
        bool again,
        CancellationToken token
    ) =>
        DatedAsync(
            text,
            async date =>
            {
                var balances = again
                    ? await bank.Books.ComputeAgainAsync(date, token).ConfigureAwait(false)
                    : await bank.Books.FindAsync(date, token).ConfigureAwait(false);
                return balances.Count == 0
                    ? Results.Problem(
                        "That business day is not closed.",
                        statusCode: StatusCodes.Status404NotFound
                    )
                    : Results.Json(
                        new DayBalancesAnswer(text, [.. balances.Select(AnswerOf)]),
                        EndOfDayJson.Default.DayBalancesAnswer
                    );
            }
        );

    private static DayBalanceAnswer AnswerOf(TrialBalance balance) =>
        new(
            Currencies.OfLedger(balance.Currency).Letters,
            balance.DebitsMinor,
            balance.CreditsMinor,
            balance.IsZeroSum,
            [
                .. balance.Lines.Select(static line => new DayBalanceLineAnswer(
                    (ushort)line.Code,
                    line.Code.ToString(),
                    line.Accounts,
                    line.DebitMinor,
                    line.CreditMinor
                )),
            ]
        );

    private static Task<IResult> DatedAsync(string text, Func<DateOnly, Task<IResult>> answer) =>
        DateOnly.TryParseExact(
            text,
            "yyyy-MM-dd",
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out var date
        )
            ? GuardAsync(() => answer(date))
            : Task.FromResult(
                Results.Problem(
                    "A date (yyyy-MM-dd) is needed.",
                    statusCode: StatusCodes.Status400BadRequest
                )
            );

    private static async Task<IResult> GuardAsync(Func<Task<IResult>> answer)
    {
        try
        {
            return await answer().ConfigureAwait(false);
        }
        catch (EndOfDayException notNow)
        {
            return Results.Problem(
                notNow.Message,
                statusCode: StatusCodes.Status503ServiceUnavailable
            );
        }
    }
}
