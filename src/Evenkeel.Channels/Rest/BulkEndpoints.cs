using System.Collections.Concurrent;
using System.Globalization;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Evenkeel.Channels.Rest;

/// <summary>
/// Files with many payments: brought by one login, released by another. The bytes are the file's name: to
/// bring the same again is the same run.
/// </summary>
internal static class BulkEndpoints
{
    private const string Csv = "text/csv";
    private const int DaysBack = 31;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapPost("/bulk-files", UploadAsync)
            .For(Who.Person | Who.Program, ProgramScopes.WriteBulk)
            .Accepts<string>(Csv)
            .Produces<BulkRunBody>(StatusCodes.Status201Created)
            .Produces<BulkRunBody>()
            .WithSummary("Bring a file with many payments")
            .WithDescription(
                "Taken whole or not at all; nothing moves before another login releases it. A file that is "
                    + "not as it should be is refused with its first faulty line. The same bytes again are "
                    + "the same run."
            );
        routes
            .MapGet("/bulk-files", ListAsync)
            .For(Who.Person | Who.Program | Who.Staff, ProgramScopes.WriteBulk)
            .Produces<BulkRunsBody>()
            .WithSummary("Files of an account by execution date");
        routes
            .MapGet("/bulk-files/{run}", GetAsync)
            .For(Who.Person | Who.Program | Who.Staff, ProgramScopes.WriteBulk)
            .Produces<BulkRunBody>()
            .WithSummary("How far a file has come");
        routes
            .MapGet("/bulk-files/{run}/items", ItemsAsync)
            .For(Who.Person | Who.Program | Who.Staff, ProgramScopes.WriteBulk)
            .Produces<BulkItemsBody>()
            .WithSummary("What became of each line");
        routes
            .MapPost("/bulk-files/{run}/release", ReleaseAsync)
            .For(Who.Person | Who.Program, ProgramScopes.WriteBulk)
            .Accepts<BulkReleaseBody>("application/json")
            .Produces<BulkRunBody>()
            .WithSummary("Let a file go: another login than the one that brought it")
            .WithDescription(
                "A held file has payments that are in another file of the day: it goes only with "
                    + "accept_overlap, and what was paid before is returned as a duplicate."
            );
        routes
            .MapPost("/bulk-files/{run}/cancel", CancelAsync)
            .For(Who.Person | Who.Program, ProgramScopes.WriteBulk)
            .Produces<BulkRunBody>()
            .WithSummary("Take a file back before any of it was paid");
    }

    private static async Task<IResult> UploadAsync(
        HttpContext http,
        IBulkFiles files,
        UploadRoom room
    )
    {
        var actor = AccountEndpoints.ActorOf(http);
        if (
            http.Request.ContentType is not { } type
            || !type.StartsWith(Csv, StringComparison.OrdinalIgnoreCase)
        )
        {
            return RestProblem.Of(OutcomeReason.Malformed);
        }
        if (!room.TryEnter(actor.Name))
        {
            return RestProblem.Of(OutcomeReason.Busy);
        }
        try
        {
            return await ReadAsync(http) is not { } content
                ? Refused(new BulkUpload.Faulty(BulkFault.TooLarge, 0))
                : await files.UploadAsync(actor, content, http.RequestAborted) switch
                {
                    BulkUpload.Taken taken => Brought(http, taken.Run, "taken"),
                    BulkUpload.Known known => Brought(http, known.Run, "known"),
                    BulkUpload.Faulty faulty => Refused(faulty),
                    BulkUpload.NotDone notDone => RestProblem.Of(notDone.Reason),
                    _ => throw new InvalidOperationException("A fifth kind of upload."),
                };
        }
        finally
        {
            room.Leave(actor.Name);
        }
    }

    private static async Task<IResult> ListAsync(
        HttpContext http,
        IBulkFiles files,
        TimeProvider time,
        string? account = null,
        string? from = null,
        string? to = null
    )
    {
        if (!AccountNumber.TryParse(account, out var payer))
        {
            return RestProblem.Of(OutcomeReason.DebtorAccountUnknown);
        }
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (
            AccountEndpoints.DateOf(to, today.AddDays(DaysBack)) is not { } last
            || AccountEndpoints.DateOf(from, last.AddDays(-2 * DaysBack)) is not { } first
        )
        {
            return RestProblem.Of(OutcomeReason.DateInvalid);
        }
        var culture = Texts.Languages.Of(http);
        return AccountEndpoints.Answer(
            await files.ListRunsAsync(
                AccountEndpoints.ActorOf(http),
                new BulkRunsQuery(payer, first, last),
                http.RequestAborted
            ),
            (runs, _) =>
                Results.Json(
                    new BulkRunsBody([.. runs.Select(run => BulkRunBody.Of(run, culture))]),
                    RestJson.Default.BulkRunsBody
                )
        );
    }

    private static async Task<IResult> GetAsync(HttpContext http, string run, IBulkFiles files) =>
        Shown(
            http,
            await files.GetRunAsync(AccountEndpoints.ActorOf(http), run, http.RequestAborted)
        );

    private static async Task<IResult> ItemsAsync(
        HttpContext http,
        string run,
        IBulkFiles files,
        int page = 0
    )
    {
        var culture = Texts.Languages.Of(http);
        return AccountEndpoints.Answer(
            await files.GetLinesAsync(
                AccountEndpoints.ActorOf(http),
                run,
                page,
                http.RequestAborted
            ),
            (found, _) =>
                Results.Json(
                    new BulkItemsBody(
                        [.. found.Lines.Select(line => BulkItemBody.Of(line, culture))],
                        found.Next
                    ),
                    RestJson.Default.BulkItemsBody
                )
        );
    }

    private static async Task<IResult> ReleaseAsync(HttpContext http, string run, IBulkFiles files)
    {
        BulkReleaseBody? body = new();
        if (http.Request.ContentType is not null)
        {
            body = await Bodies.ReadAsync(http, RestJson.Default.BulkReleaseBody);
        }
        return body is null
            ? RestProblem.Of(OutcomeReason.Malformed)
            : Shown(
                http,
                await files.ReleaseAsync(
                    AccountEndpoints.ActorOf(http),
                    run,
                    body.AcceptOverlap,
                    http.RequestAborted
                )
            );
    }

    private static async Task<IResult> CancelAsync(
        HttpContext http,
        string run,
        IBulkFiles files
    ) =>
        Shown(
            http,
            await files.CancelAsync(AccountEndpoints.ActorOf(http), run, http.RequestAborted)
        );

    private static IResult Shown(HttpContext http, QueryAnswer<BulkRun> answer)
    {
        var culture = Texts.Languages.Of(http);
        return AccountEndpoints.Answer(
            answer,
            (run, _) => Results.Json(BulkRunBody.Of(run, culture), RestJson.Default.BulkRunBody)
        );
    }

    private static IResult Brought(HttpContext http, BulkRun run, string outcome)
    {
        http.Response.Headers.Location = $"{RestChannel.Root}/v1/bulk-files/{run.Id}";
        return Results.Json(
            BulkRunBody.Of(run, Texts.Languages.Of(http)) with
            {
                Outcome = outcome,
            },
            RestJson.Default.BulkRunBody,
            statusCode: outcome is "taken" ? StatusCodes.Status201Created : StatusCodes.Status200OK
        );
    }

    private static RestProblem Refused(BulkUpload.Faulty faulty) =>
        RestProblem.Of(OutcomeReason.FileFaulty) with
        {
            Fault = Bodies.NameOf(faulty.Fault),
            Line = faulty.Line == 0 ? null : faulty.Line,
        };

    /// <summary>Null when there is more than a file may have.</summary>
    private static async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = PaymentLimits.BulkFileBytesMax;
        }
        if (http.Request.ContentLength > PaymentLimits.BulkFileBytesMax)
        {
            return null;
        }
        using MemoryStream content = new((int)(http.Request.ContentLength ?? 0));
        try
        {
            await http.Request.Body.CopyToAsync(content, http.RequestAborted);
        }
        catch (BadHttpRequestException e)
            when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return null;
        }
        return content.GetBuffer().AsMemory(0, (int)content.Length);
    }
}

/// <summary>Bounds the memory of files that are being brought: so many at once, one of each asker.</summary>
internal sealed class UploadRoom
{
    private const int AtOnceMax = 4;

    private readonly ConcurrentDictionary<string, byte> _inside = new(StringComparer.Ordinal);
    private int _count;

    public bool TryEnter(string asker)
    {
        if (Interlocked.Increment(ref _count) <= AtOnceMax && _inside.TryAdd(asker, 0))
        {
            return true;
        }
        Interlocked.Decrement(ref _count);
        return false;
    }

    public void Leave(string asker)
    {
        _inside.TryRemove(asker, out _);
        Interlocked.Decrement(ref _count);
    }
}

/// <param name="State">awaiting_release, held, scheduled, paying, done, part, not_done, cancelled.</param>
/// <param name="Overlap">Lines whose payments are in other files of the day.</param>
internal sealed record BulkRunBody(
    string Run,
    string State,
    string From,
    string Reference,
    DateOnly ExecutionDate,
    AmountBody Sum,
    int Count,
    int Overlap,
    int PaidCount,
    AmountBody Paid,
    int ReturnedCount,
    AmountBody Returned
)
{
    /// <summary><c>taken</c> or <c>known</c>: of an upload.</summary>
    public string? Outcome { get; init; }

    public DateOnly? ValueDate { get; init; }

    /// <summary>Why it is held or was not paid, for programs and for people.</summary>
    public string? Reason { get; init; }

    public string? Text { get; init; }

    public static BulkRunBody Of(BulkRun run, CultureInfo culture)
    {
        var (reason, text) = Bodies.Say(run.Reason, culture);
        return new(
            run.Id,
            Bodies.NameOf(run.State),
            run.Payer.ToString(),
            run.Reference,
            run.ExecutionDate,
            AmountBody.Of(run.Sum),
            run.Count,
            run.Overlap,
            run.PaidCount,
            AmountBody.Of(run.Paid),
            run.ReturnedCount,
            AmountBody.Of(run.Returned)
        )
        {
            ValueDate = run.ValueDate,
            Reason = reason,
            Text = text,
        };
    }
}

internal sealed record BulkRunsBody(IReadOnlyList<BulkRunBody> Files);

internal sealed record BulkReleaseBody
{
    /// <summary>Also when some of its payments are in other files of the day.</summary>
    public bool AcceptOverlap { get; init; }
}

/// <param name="Next">The next page; missing at the end.</param>
internal sealed record BulkItemsBody(IReadOnlyList<BulkItemBody> Items, int? Next);

/// <param name="Line">In the file, from 1.</param>
/// <param name="State">none while it was not paid yet.</param>
/// <param name="Instruction">By which the money is found.</param>
internal sealed record BulkItemBody(
    int Line,
    string EndToEndId,
    AmountBody Amount,
    string State,
    string Instruction,
    string? Reason,
    string? Text
)
{
    public static BulkItemBody Of(BulkRunLine line, CultureInfo culture)
    {
        var (reason, text) = Bodies.Say(line.Reason, culture);
        return new(
            line.Line,
            line.EndToEndId,
            AmountBody.Of(line.Amount),
            Bodies.NameOf(line.State),
            line.Instruction.ToString(),
            reason,
            text
        );
    }
}
