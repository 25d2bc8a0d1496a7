using System.Globalization;
using System.Text.Json.Serialization;
using Evenkeel.Banking;
using Evenkeel.Journal.Access;
using Evenkeel.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.Host.Serving;

/// <summary>Opens the bank on a node, once: its business date and its own accounts.</summary>
internal static class BankEndpoint
{
    public const string Path = "/v1/bank/open";

    private const int CurrenciesMax = 32;

    public static void Map(WebApplication web, Bank bank) =>
        web.MapPost(
                Path,
                async (HttpRequest http, CancellationToken token) =>
                {
                    var asked = await http.ReadFromJsonAsync(
                            BankOpeningJson.Default.BankOpeningRequest,
                            token
                        )
                        .ConfigureAwait(false);
                    if (
                        asked is not { Currencies.Count: > 0 and <= CurrenciesMax }
                        || !DateOnly.TryParseExact(
                            asked.Date,
                            "yyyy-MM-dd",
                            CultureInfo.InvariantCulture,
                            DateTimeStyles.None,
                            out var date
                        )
                        || asked.Currencies.Any(static c => !Currencies.TryParseLedger(c, out _))
                    )
                    {
                        return Results.Problem(
                            "A date (yyyy-MM-dd) and letters of currencies (ISO 4217) are needed.",
                            statusCode: StatusCodes.Status400BadRequest
                        );
                    }
                    try
                    {
                        await bank
                            .Opening.OpenAsync(date, [.. asked.Currencies.Select(NumberOf)], token)
                            .ConfigureAwait(false);
                    }
                    catch (InvalidOperationException refused)
                    {
                        return Results.Problem(
                            refused.Message,
                            statusCode: StatusCodes.Status503ServiceUnavailable
                        );
                    }
                    return Results.Json(asked, BankOpeningJson.Default.BankOpeningRequest);
                }
            )
            .RequireAuthorization(KeyScopes.Admin.ToNames()[0])
            .WithSummary("Open the bank")
            .WithDescription(
                "The first business date and the bank's own accounts. Asking again changes nothing."
            );

    private static uint NumberOf(string currency) =>
        Currencies.TryParseLedger(currency, out var number) ? number : 0;
}

/// <param name="Date">The first business date, yyyy-MM-dd.</param>
/// <param name="Currencies">Letters of ISO 4217.</param>
internal sealed record BankOpeningRequest(string Date, IReadOnlyList<string> Currencies);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BankOpeningRequest))]
internal sealed partial class BankOpeningJson : JsonSerializerContext;
