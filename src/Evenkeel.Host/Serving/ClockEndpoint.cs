using System.Text.Json.Serialization;
using Evenkeel.Journal.Access;
using Evenkeel.Node;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.Host.Serving;

/// <summary>
/// <c>POST /v1/clock/confirm</c>: somebody looked at the machine's clock and found it right. Only an
/// admin may say so, since log time is what decides whether a hold has expired.
/// </summary>
internal static class ClockEndpoint
{
    public const string Path = "/v1/clock/confirm";

    public static void Map(WebApplication web, EvenkeelNode node) =>
        web.MapPost(
                Path,
                () =>
                    Results.Json(
                        new ClockConfirmed(node.ConfirmClock()),
                        ClockJson.Default.ClockConfirmed
                    )
            )
            .RequireAuthorization(KeyScopes.Admin.ToNames()[0])
            .WithSummary("Confirm the clock")
            .WithDescription("Log time follows the machine's clock again after a step.");
}

/// <param name="AcceptedStepNs">The step that was accepted, nanoseconds; 0 when none was pending.</param>
internal sealed record ClockConfirmed(long AcceptedStepNs);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ClockConfirmed))]
internal sealed partial class ClockJson : JsonSerializerContext;
