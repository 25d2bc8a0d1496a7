using System.Globalization;
using Evenkeel.Node;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Evenkeel.Host.Clusters;

/// <summary>
/// <c>/peer/v1</c>: what members ask each other besides consensus. Served beside the REST interface,
/// open to members only.
/// </summary>
internal static class PeerEndpoints
{
    public const string ReadIndexPath = "/peer/v1/read-index";
    public const string StatementPath = "/peer/v1/statement";
    public const string ConfigurationPath = "/peer/v1/configuration";
    public const string AppliedPath = "/peer/v1/applied";
    public const string StandBackPath = "/peer/v1/stand-back";

    /// <summary>How long a member may be asked to stand back, milliseconds.</summary>
    private const int StandBackMsMax = 60_000;

    public static void Map(
        IEndpointRouteBuilder routes,
        EvenkeelNode node,
        Membership membership,
        ClusterWatch watch
    )
    {
        var peers = Group(routes, membership);
        if (node.Seeds is { } seeds)
        {
            SeedEndpoints.Map(peers, seeds);
        }
        peers.MapGet(
            "/statement",
            () => Results.Json(watch.Statements.Make(), ClusterJson.Default.PeerStatement)
        );
        peers.MapGet("/configuration", () => Results.Text(membership.File.Format()));
        peers.MapGet(
            "/applied",
            () => Results.Text(node.AppliedIndex.ToString(CultureInfo.InvariantCulture))
        );
        peers.MapPost(
            "/stand-back",
            async (int ms, CancellationToken token) =>
            {
                if (ms is < 0 or > StandBackMsMax || node.IsLeading)
                {
                    return Results.Text("no", statusCode: StatusCodes.Status409Conflict);
                }
                await node.StandBackAsync(TimeSpan.FromMilliseconds(ms), token)
                    .ConfigureAwait(false);
                return Results.Text("");
            }
        );
        peers.MapPost(
            "/read-index",
            async (CancellationToken token) =>
            {
                try
                {
                    var index = await node.ConfirmedIndexAsync(token).ConfigureAwait(false);
                    return Results.Text(index.ToString(CultureInfo.InvariantCulture));
                }
                catch (Exception e) when (e is InvalidOperationException or TimeoutException)
                {
                    return Results.Text(
                        e.Message,
                        statusCode: StatusCodes.Status503ServiceUnavailable
                    );
                }
            }
        );
    }

    /// <summary>Routes that only members may call.</summary>
    public static RouteGroupBuilder Group(IEndpointRouteBuilder routes, Membership membership)
    {
        var peers = routes.MapGroup("/peer/v1").AllowAnonymous().ExcludeFromDescription();
        peers.AddEndpointFilter(
            async (context, next) =>
                membership.Admits(context.HttpContext)
                    ? await next(context).ConfigureAwait(false)
                    : Results.Text("members only", statusCode: StatusCodes.Status403Forbidden)
        );
        return peers;
    }
}
