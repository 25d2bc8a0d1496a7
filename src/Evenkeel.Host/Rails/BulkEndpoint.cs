using System.Security.Claims;
using System.Text.Json.Serialization;
using Evenkeel.Banking;
using Evenkeel.Banking.Bulk;
using Evenkeel.Journal.Access;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Evenkeel.Host.Rails;

/// <summary>
/// Payroll at the operator's door, for drills on a node without a gateway: the same as a company's own
/// channel (<see cref="IBulkFiles"/>), with keys in the place of logins. Nobody releases what they brought.
/// </summary>
internal static class BulkEndpoint
{
    public const string Path = "/v1/bank/bulk";

    public static void Map(WebApplication web, Bank bank)
    {
        web.MapPost(
                Path,
                (HttpContext http, CancellationToken token) => UploadAsync(bank, http, token)
            )
            .RequireAuthorization(KeyScopes.Admin.ToNames()[0])
            .WithSummary("Bring a file with many payments")
            .WithDescription("Taken whole or not at all; nothing moves before it is released.");
        web.MapPost(
                Path + "/{run}/release",
                async (HttpContext http, string run, bool? acceptOverlap) =>
                    Shown(
                        "released",
                        await bank
                            .BulkFiles.ReleaseAsync(
                                ActorOf(http),
                                run,
                                acceptOverlap ?? false,
                                http.RequestAborted
                            )
                            .ConfigureAwait(false)
                    )
            )
            .RequireAuthorization(KeyScopes.Admin.ToNames()[0])
            .WithSummary("Release a file with another key than the one that brought it");
        web.MapGet(
                Path + "/{run}",
                async (HttpContext http, string run) =>
                    Shown(
                        "known",
                        await bank
                            .BulkFiles.GetRunAsync(ActorOf(http), run, http.RequestAborted)
                            .ConfigureAwait(false)
                    )
            )
            .RequireAuthorization(KeyScopes.Admin.ToNames()[0])
            .WithSummary("How far a file has come");
    }

    private static async Task<IResult> UploadAsync(
        Bank bank,
        HttpContext http,
        CancellationToken token
    )
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = BulkLimits.FileBytesMax;
        }
        using MemoryStream content = new();
        await http.Request.Body.CopyToAsync(content, token).ConfigureAwait(false);
        return await bank
            .BulkFiles.UploadAsync(ActorOf(http), content.ToArray(), token)
            .ConfigureAwait(false) switch
        {
            BulkUpload.Taken taken => Json(BulkAnswer.Of("taken", taken.Run)),
            BulkUpload.Known known => Json(BulkAnswer.Of("known", known.Run)),
            BulkUpload.Faulty faulty => Results.Json(
                new BulkAnswer("faulty") { Fault = $"{faulty.Fault}", Line = faulty.Line },
                BulkAnswerJson.Default.BulkAnswer,
                statusCode: StatusCodes.Status422UnprocessableEntity
            ),
            BulkUpload.NotDone no => Refused(no.Reason),
            _ => throw new InvalidOperationException("A fifth kind of upload."),
        };
    }

    private static Actor.Staff ActorOf(HttpContext http) =>
        new($"key-{http.User.FindFirstValue(ClaimTypes.NameIdentifier)}", "HQ");

    private static IResult Shown(string outcome, QueryAnswer<BulkRun> answer) =>
        answer switch
        {
            QueryAnswer<BulkRun>.Found found => Json(BulkAnswer.Of(outcome, found.Value)),
            QueryAnswer<BulkRun>.Refused refused => Refused(refused.Reason),
            _ => throw new InvalidOperationException("A third kind of answer."),
        };

    private static IResult Json(BulkAnswer answer) =>
        Results.Json(answer, BulkAnswerJson.Default.BulkAnswer);

    private static IResult Refused(OutcomeReason reason) =>
        Results.Problem(ReasonTable.Of(reason).Slug, statusCode: ReasonTable.Of(reason).HttpStatus);
}

/// <param name="Outcome">"taken", "known", "released", "faulty".</param>
internal sealed record BulkAnswer(string Outcome)
{
    public string? Run { get; init; }

    public string? State { get; init; }

    public string? Reason { get; init; }

    public int Count { get; init; }

    public long SumMinor { get; init; }

    public int Overlap { get; init; }

    public int PaidCount { get; init; }

    public long PaidMinor { get; init; }

    public int ReturnedCount { get; init; }

    public long ReturnedMinor { get; init; }

    public DateOnly? ValueDate { get; init; }

    public string? Fault { get; init; }

    public int? Line { get; init; }

    public static BulkAnswer Of(string outcome, BulkRun run) =>
        new(outcome)
        {
            Run = run.Id,
            State = $"{run.State}",
            Reason = run.Reason == OutcomeReason.None ? null : ReasonTable.Of(run.Reason).Slug,
            Count = run.Count,
            SumMinor = run.Sum.Minor,
            Overlap = run.Overlap,
            PaidCount = run.PaidCount,
            PaidMinor = run.Paid.Minor,
            ReturnedCount = run.ReturnedCount,
            ReturnedMinor = run.Returned.Minor,
            ValueDate = run.ValueDate,
        };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(BulkAnswer))]
[JsonSerializable(typeof(PayrollRequest))]
[JsonSerializable(typeof(PayrollAnswer))]
internal sealed partial class BulkAnswerJson : JsonSerializerContext;
