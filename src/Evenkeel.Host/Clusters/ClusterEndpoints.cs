using Evenkeel.Journal.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Evenkeel.Host.Clusters;

/// <summary>What operators ask a cluster over REST.</summary>
internal static class ClusterEndpoints
{
    public const string ParityPath = "/v1/parity";
    public const string HandOverPath = "/v1/cluster/hand-over";

    public const string MembersPath = "/v1/cluster/members";

    public static void Map(
        IEndpointRouteBuilder routes,
        ClusterWatch watch,
        HandOver handOver,
        MemberDesk desk
    )
    {
        routes
            .MapPost(
                MembersPath,
                async (HttpRequest http, CancellationToken token) =>
                {
                    var asked = await http.ReadFromJsonAsync(
                            ClusterJson.Default.MemberChangeRequest,
                            token
                        )
                        .ConfigureAwait(false);
                    // A change that began is brought to its end, whoever goes away.
                    var answer = await desk.RunAsync(
                            asked ?? new MemberChangeRequest(),
                            CancellationToken.None
                        )
                        .ConfigureAwait(false);
                    return Results.Json(
                        answer,
                        ClusterJson.Default.MemberChangeAnswer,
                        statusCode: answer switch
                        {
                            { Done: true } => StatusCodes.Status200OK,
                            { MayBecome: true } => StatusCodes.Status202Accepted,
                            _ => StatusCodes.Status409Conflict,
                        }
                    );
                }
            )
            .RequireAuthorization(KeyScopes.Admin.ToNames()[0])
            .WithSummary("Change the members")
            .WithDescription(
                "Ask the leader: one member more or less, when the quorum survives it."
            );
        routes
            .MapGet(
                ParityPath,
                async (CancellationToken token) =>
                    Results.Json(
                        await watch.CertifyAsync(token).ConfigureAwait(false),
                        ClusterJson.Default.ParityCertificate
                    )
            )
            .RequireAuthorization(KeyScopes.MetricsRead.ToNames()[0])
            .WithSummary("Parity certificate")
            .WithDescription(
                "Asks every member now: same binary, same configuration, lag, equal digests, disk, clock."
            );
        routes
            .MapPost(
                HandOverPath,
                async (HttpRequest http, CancellationToken token) =>
                {
                    var asked = await http.ReadFromJsonAsync(
                            ClusterJson.Default.HandOverRequest,
                            token
                        )
                        .ConfigureAwait(false);
                    // Whoever asked may go away: a hand-over that began is brought to its end.
                    var answer = await handOver
                        .RunAsync(asked?.To, CancellationToken.None)
                        .ConfigureAwait(false);
                    return Results.Json(
                        answer,
                        ClusterJson.Default.HandOverAnswer,
                        statusCode: answer.Done
                            ? StatusCodes.Status200OK
                            : StatusCodes.Status409Conflict
                    );
                }
            )
            .RequireAuthorization(KeyScopes.Admin.ToNames()[0])
            .WithSummary("Hand over leadership")
            .WithDescription("Ask the leader: another member leads, with no failed request.");
    }
}
