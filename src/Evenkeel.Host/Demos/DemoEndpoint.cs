using Evenkeel.Banking.EndOfDay;
using Evenkeel.Demo;
using Evenkeel.Demo.Plan;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Serving;
using Evenkeel.Identity;
using Evenkeel.Journal.Access;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.Host.Demos;

/// <summary>
/// <c>/v1/demo</c>: furnishes the bank with a demonstration, and says who is who and what of the plan is
/// there. Only in the profile named demo. Asking again changes nothing and says the same.
/// </summary>
internal static class DemoEndpoint
{
    public const string Path = "/v1/demo";

    public static void Map(WebApplication web, HostedBank hosted)
    {
        web.MapPost(
                Path,
                async (HttpRequest http, CancellationToken token) =>
                {
                    var asked = await http.ReadFromJsonAsync(DemoJson.Default.DemoRequest, token)
                        .ConfigureAwait(false);
                    return asked is not null && IsSound(asked)
                        ? await AnswerAsync(() => BuildAsync(hosted, asked, token))
                            .ConfigureAwait(false)
                        : Unsound();
                }
            )
            .RequireAuthorization(KeyScopes.Admin.ToNames()[0])
            .WithSummary("Build the demonstration bank")
            .WithDescription(
                "Customers, accounts and machines that follow from a seed. Only in the profile named demo."
            );
        web.MapGet(
                Path,
                async (int seed, string language, int persons, CancellationToken token) =>
                {
                    DemoRequest asked = new(seed, language, persons, default, 0);
                    return IsSound(asked)
                        ? await AnswerAsync(() => LookAsync(hosted, asked, token))
                            .ConfigureAwait(false)
                        : Unsound();
                }
            )
            .RequireAuthorization(KeyScopes.Admin.ToNames()[0])
            .WithSummary("What of a demonstration is there")
            .WithDescription("Only looks. Only in the profile named demo.");
    }

    private static bool IsSound(DemoRequest asked) =>
        asked
            is { Persons: > 0 and <= DemoOptions.PersonsMax, Days: >= 0 and <= DemoPeriod.DaysMax }
        && Languages.All.Contains(asked.Language, StringComparer.Ordinal);

    private static IResult Unsound() =>
        Results.Problem(
            $"Persons (1 to {DemoOptions.PersonsMax}), a seed, a language (en, zh-Hans, zh-Hant) and days (0 to {DemoPeriod.DaysMax}) are needed.",
            statusCode: StatusCodes.Status400BadRequest
        );

    private static async Task<IResult> AnswerAsync(Func<Task<DemoAnswer>> work)
    {
        try
        {
            return Results.Json(await work().ConfigureAwait(false), DemoJson.Default.DemoAnswer);
        }
        catch (Exception refused)
            when (refused is InvalidOperationException or IdentityUnavailableException)
        {
            return Results.Problem(
                refused.Message,
                statusCode: StatusCodes.Status503ServiceUnavailable
            );
        }
    }

    private static async Task<DemoAnswer> BuildAsync(
        HostedBank hosted,
        DemoRequest asked,
        CancellationToken token
    )
    {
        var plan = DemoPlanner.Draw(asked.ToOptions());
        var directory = await new DemoBuilder(hosted.Bank, hosted.CardKeys)
            .BuildAsync(plan, new DemoPeriod(asked.Until, asked.Days), token)
            .ConfigureAwait(false);
        foreach (var login in DemoLogins.Of(plan, directory))
        {
            // False when there is such a login: the demonstration was built before.
            _ = await hosted.Logins.MakeAsync(login, token).ConfigureAwait(false);
        }
        // Last: while it is built, its days are nobody else's to close.
        _ = await hosted
            .Bank.EndOfDay.SetScheduleAsync(
                new Actor.Bank("demo"),
                "opening",
                DaySchedule.Midnight(TimeZoneInfo.Local.Id),
                token
            )
            .ConfigureAwait(false);
        return await LookAsync(hosted, asked, token).ConfigureAwait(false);
    }

    private static async Task<DemoAnswer> LookAsync(
        HostedBank hosted,
        DemoRequest asked,
        CancellationToken token
    ) =>
        DemoAnswer.Of(
            await DemoInventory
                .TakeAsync(
                    hosted.Bank,
                    DemoPlanner.Draw(asked.ToOptions()),
                    withCards: hosted.CardKeys is not null,
                    token
                )
                .ConfigureAwait(false)
        );
}
