using Evenkeel.Channels.Texts;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.Channels.Rest;

/// <summary>What a problem's type points to.</summary>
internal static class ProblemPages
{
    public static IResult Show(HttpContext http, string slug)
    {
        var row = ReasonTable.All.FirstOrDefault(r =>
            string.Equals(r.Slug, slug, StringComparison.Ordinal)
        );
        var culture = Languages.Of(http);
        http.Response.Headers.ContentLanguage = culture.Name;
        return row is null
            ? RestProblem.Of(OutcomeReason.OriginalUnknown)
            : Results.Json(
                new ProblemBody
                {
                    Type = $"{RestChannel.Root}/problems/{row.Slug}",
                    Title = ReasonText.Of(row.Slug, culture),
                    Status = row.HttpStatus,
                    Reason = row.Slug,
                    State = RestProblem.NotDone,
                    Retry = RestProblem.NameOf(row.Advice),
                },
                RestJson.Default.ProblemBody
            );
    }
}
