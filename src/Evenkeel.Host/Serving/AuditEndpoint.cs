using System.Globalization;
using System.Text.Json.Serialization;
using Evenkeel.Banking;
using Evenkeel.Journal.Access;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.Host.Serving;

/// <summary>The audit for the operator: what staff read at <c>/bank/v1/audit</c>.</summary>
internal static class AuditEndpoint
{
    public const string Path = "/v1/bank/audit";

    private static readonly Actor Operator = new Actor.Bank("operator");

    public static void Map(WebApplication web, Bank bank) =>
        web.MapGet(
                Path,
                async (string day, CancellationToken token) =>
                {
                    if (
                        !DateOnly.TryParseExact(
                            day,
                            "yyyy-MM-dd",
                            CultureInfo.InvariantCulture,
                            DateTimeStyles.None,
                            out var date
                        )
                    )
                    {
                        return Results.Problem(
                            "A day (yyyy-MM-dd) is needed.",
                            statusCode: StatusCodes.Status400BadRequest
                        );
                    }
                    return
                        await bank.Audit.ListAsync(Operator, date, token).ConfigureAwait(false)
                            is QueryAnswer<IReadOnlyList<AuditLine>>.Found found
                        ? Results.Json(
                            new AuditAnswer([.. found.Value.Select(AuditAnswerLine.Of)]),
                            AuditJson.Default.AuditAnswer
                        )
                        : Results.Problem(statusCode: StatusCodes.Status503ServiceUnavailable);
                }
            )
            .RequireAuthorization(KeyScopes.Admin.ToNames()[0])
            .WithSummary("Who asked for what is not theirs, on one day (UTC)");
}

internal sealed record AuditAnswer(IReadOnlyList<AuditAnswerLine> Lines);

/// <param name="Subject">The account that it was about.</param>
internal sealed record AuditAnswerLine(
    DateTimeOffset At,
    string Actor,
    string ActorKind,
    string Channel,
    string What,
    string Subject,
    bool LastOfHour
)
{
    public static AuditAnswerLine Of(AuditLine line) =>
        new(
            line.At,
            line.Actor,
            line.ActorKind,
            $"{line.Channel}",
            line.What,
            line.Subject,
            line.IsLastOfHour
        );
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AuditAnswer))]
internal sealed partial class AuditJson : JsonSerializerContext;
