using System.Globalization;
using System.Text.Json.Serialization;
using Evenkeel.Banking;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Journal.Access;
using Evenkeel.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.Host.Serving;

/// <summary>Closes business days on the node that leads, and answers what the closed ones came to.</summary>
internal static class EndOfDayEndpoints
{
    public const string Path = "/v1/bank/end-of-day";
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
                            new BusinessDayAnswer(
                                TextOf(
                                    await bank
                                        .EndOfDay.BusinessDateAsync(token)
                                        .ConfigureAwait(false)
                                )
                            ),
                            EndOfDayJson.Default.BusinessDayAnswer
                        )
                    )
            )
            .RequireAuthorization(KeyScopes.Admin.ToNames()[0])
            .WithSummary("The business date");
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
                (string date, CancellationToken token) => BalanceAsync(bank, date, token)
            )
            .RequireAuthorization(KeyScopes.Admin.ToNames()[0])
            .WithSummary("The trial balance of a closed business day");
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
                    new EndOfDayAnswer(
                        text,
                        TextOf(day?.Next),
                        day?.IsComplete ?? false,
                        [
                            .. (day?.Steps ?? []).Select(static step => new EndOfDayStepAnswer(
                                step.Name,
                                step.Handled
                            )),
                        ]
                    ),
                    EndOfDayJson.Default.EndOfDayAnswer
                );
            }
        );

    private static Task<IResult> BalanceAsync(Bank bank, string text, CancellationToken token) =>
        DatedAsync(
            text,
            async date =>
            {
                var balances = await bank.Books.FindAsync(date, token).ConfigureAwait(false);
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

    private static string? TextOf(DateOnly? date) =>
        date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

/// <param name="Date">Null before the bank was opened.</param>
internal sealed record BusinessDayAnswer(string? Date);

internal sealed record EndOfDayAnswer(
    string Date,
    string? Next,
    bool IsComplete,
    IReadOnlyList<EndOfDayStepAnswer> Steps
);

internal sealed record EndOfDayStepAnswer(string Name, int Handled);

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

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BusinessDayAnswer))]
[JsonSerializable(typeof(EndOfDayAnswer))]
[JsonSerializable(typeof(DayBalancesAnswer))]
internal sealed partial class EndOfDayJson : JsonSerializerContext;
