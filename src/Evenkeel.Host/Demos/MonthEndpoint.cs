using System.Text.Json.Serialization;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Demo.Month;
using Evenkeel.Host.Serving;
using Evenkeel.Journal.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.Host.Demos;

/// <summary>
/// <c>POST /v1/demo/month</c>: goes on with a simulated month on the node that leads, for some seconds.
/// Only in the profile named demo. Asked again, there or at the next leader, it goes on where it was.
/// </summary>
internal static class MonthEndpoint
{
    public const string Path = "/v1/demo/month";

    private const int RequestSecondsMax = 10;
    private const int PersonsMax = 500;

    public static void Map(WebApplication web, HostedBank hosted) =>
        web.MapPost(
                Path,
                async (HttpRequest http, CancellationToken token) =>
                {
                    var asked = await http.ReadFromJsonAsync(
                            MonthEndpointJson.Default.MonthRequest,
                            token
                        )
                        .ConfigureAwait(false);
                    return
                        asked is { Persons: > 0 and <= PersonsMax } && hosted.CardKeys is not null
                        ? await GoOnAsync(hosted, asked, token).ConfigureAwait(false)
                        : Results.Problem(
                            $"A seed and persons (1 to {PersonsMax}) are needed.",
                            statusCode: StatusCodes.Status400BadRequest
                        );
                }
            )
            .RequireAuthorization(KeyScopes.Admin.ToNames()[0])
            .WithSummary("Go on with a simulated month")
            .WithDescription(
                "In an empty bank only. Without a report in the answer, ask again. Only in the profile named demo."
            );

    private static async Task<IResult> GoOnAsync(
        HostedBank hosted,
        MonthRequest asked,
        CancellationToken token
    )
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(token);
        patience.CancelAfter(TimeSpan.FromSeconds(RequestSecondsMax));
        try
        {
            var report = await new SimulatedMonth(
                hosted.Bank,
                new MonthOptions { Seed = asked.Seed, Persons = asked.Persons },
                hosted.CardKeys!
            )
                .RunAsync(onDay: null, patience.Token)
                .ConfigureAwait(false);
            return Answer(report);
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            return Answer(null);
        }
        catch (Exception notNow) when (notNow is InvalidOperationException or EndOfDayException)
        {
            return Results.Problem(
                notNow.Message,
                statusCode: StatusCodes.Status503ServiceUnavailable
            );
        }
    }

    private static IResult Answer(MonthReport? report) =>
        Results.Json(new MonthAnswer(report), MonthEndpointJson.Default.MonthAnswer);
}

internal sealed record MonthRequest(int Seed, int Persons);

/// <param name="Report">Null while the month goes on.</param>
internal sealed record MonthAnswer(MonthReport? Report);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(MonthRequest))]
[JsonSerializable(typeof(MonthAnswer))]
internal sealed partial class MonthEndpointJson : JsonSerializerContext;
