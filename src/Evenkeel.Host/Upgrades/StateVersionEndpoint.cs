using System.Globalization;
using System.Security.Claims;
using System.Text.Json.Serialization;
using Evenkeel.Journal.Access;
using Evenkeel.Node;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Evenkeel.Host.Upgrades;

/// <summary>
/// <c>/v1/state-version</c>: which rules are in force, and asking for newer ones. For admins; two of
/// them, with different keys, make it so.
/// </summary>
internal static class StateVersionEndpoint
{
    public const string Path = "/v1/state-version";

    /// <summary>Members ask each other what they know, as a plain number.</summary>
    public const string PeerPath = "/peer/v1/state-version-max";

    public static void Map(WebApplication web, ActivationDesk desk)
    {
        web.MapGet(
                Path,
                () => Results.Json(desk.Now(), StateVersionJson.Default.StateVersionAnswer)
            )
            .RequireAuthorization(KeyScopes.Admin.ToNames()[0])
            .WithSummary("Read the state version")
            .WithDescription("Which rules are in force, and which ones this node knows.");
        web.MapPost(
                Path,
                async (StateVersionRequest body, ClaimsPrincipal user, CancellationToken token) =>
                {
                    var answer = await desk.AskAsync(body.Version, NumberOf(user), token)
                        .ConfigureAwait(false);
                    return Results.Json(answer, StateVersionJson.Default.StateVersionAnswer);
                }
            )
            .RequireAuthorization(KeyScopes.Admin.ToNames()[0])
            .WithSummary("Activate a state version")
            .WithDescription(
                "Counts when a second admin asks for the same within ten minutes and every member knows "
                    + "the version. There is no way back to an older program after it."
            );
    }

    public static void MapPeer(RouteGroupBuilder peers, EvenkeelNode node) =>
        peers.MapGet(
            "/state-version-max",
            () => Results.Text(node.StateVersionMax.ToString(CultureInfo.InvariantCulture))
        );

    private static ulong NumberOf(ClaimsPrincipal user) =>
        ulong.Parse(
            user.FindFirstValue(ClaimTypes.NameIdentifier)!,
            NumberStyles.None,
            CultureInfo.InvariantCulture
        );
}

/// <param name="Version">The state version to activate.</param>
internal sealed record StateVersionRequest(uint Version);

/// <param name="State">known, waiting, active, refused, not_leader or unknown.</param>
/// <param name="InForce">The version in force on this node.</param>
/// <param name="Known">The highest version that this node knows.</param>
/// <param name="Detail">Why, in words.</param>
internal sealed record StateVersionAnswer(string State, uint InForce, uint Known, string Detail);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(StateVersionRequest))]
[JsonSerializable(typeof(StateVersionAnswer))]
internal sealed partial class StateVersionJson : JsonSerializerContext;
