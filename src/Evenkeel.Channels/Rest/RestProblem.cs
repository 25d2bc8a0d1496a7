using System.Globalization;
using System.Text.Json;
using Evenkeel.Channels.Texts;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.Channels.Rest;

/// <summary>Problem details (RFC 9457) made from the one table of reasons, in the asker's language.</summary>
/// <param name="Slug">Last part of the problem's type; key of its text.</param>
/// <param name="State">"not_done" or "being_resolved".</param>
/// <param name="Retry">What to do next.</param>
internal sealed record RestProblem(int Status, string Slug, string State, string Retry) : IResult
{
    public const string NotDone = "not_done";
    private const int RetryAfterSeconds = 1;

    /// <summary>No session, or one that has run out.</summary>
    public static readonly RestProblem Unauthenticated = new(
        StatusCodes.Status401Unauthorized,
        "unauthenticated",
        NotDone,
        "sign_in"
    );

    /// <summary>The first factor was right.</summary>
    public static readonly RestProblem CodeNeeded = new(
        StatusCodes.Status401Unauthorized,
        "code-needed",
        NotDone,
        "same_with_code"
    );

    /// <summary>Too many wrong tries, or too many requests.</summary>
    public static readonly RestProblem TooMany = new(
        StatusCodes.Status429TooManyRequests,
        "too-many-requests",
        NotDone,
        "later"
    );

    /// <summary>A header that makes a repetition safe is missing.</summary>
    public static readonly RestProblem KeyMissing = new(
        StatusCodes.Status400BadRequest,
        "idempotency-key-missing",
        NotDone,
        "correct_and_send_new"
    );

    /// <summary>A body that says it is something else than the route takes.</summary>
    public static readonly RestProblem NotJson = new(
        StatusCodes.Status415UnsupportedMediaType,
        "content-type-not-taken",
        NotDone,
        "correct_and_send_new"
    );

    /// <summary>Programs sign in elsewhere.</summary>
    public static readonly RestProblem ProgramsUseTokens = new(
        StatusCodes.Status400BadRequest,
        "programs-use-tokens",
        NotDone,
        "get_token"
    );

    /// <summary>The token of a program does not allow it.</summary>
    public static readonly RestProblem ScopeMissing = new(
        StatusCodes.Status403Forbidden,
        "scope-missing",
        NotDone,
        "get_token"
    );

    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Of a file: what is wrong with it.</summary>
    public string? Fault { get; init; }

    /// <summary>Of a file: where, from 1.</summary>
    public int? Line { get; init; }

    public static RestProblem Of(OutcomeReason reason)
    {
        var row = ReasonTable.Of(reason);
        return new(
            // "Accepted" would say what is not so: certainly nothing was done.
            row.HttpStatus == StatusCodes.Status202Accepted
                ? StatusCodes.Status503ServiceUnavailable
                : row.HttpStatus,
            row.Slug,
            NotDone,
            NameOf(row.Advice)
        );
    }

    public static string NameOf(RetryAdvice advice) =>
        advice switch
        {
            RetryAdvice.DoNotRetry => "never",
            RetryAdvice.CorrectAndSendNew => "correct_and_send_new",
            RetryAdvice.SendNewLater => "send_new_later",
            RetryAdvice.RepeatSame => "same_request",
            RetryAdvice.AskForState => "ask_for_state",
            _ => throw new InvalidOperationException("No advice."),
        };

    public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext);

    public Task WriteAsync(HttpContext http)
    {
        var culture = Languages.Of(http);
        http.Response.StatusCode = Status;
        http.Response.ContentType = "application/problem+json";
        http.Response.Headers.ContentLanguage = culture.Name;
        if (
            Status
            is StatusCodes.Status503ServiceUnavailable
                or StatusCodes.Status429TooManyRequests
        )
        {
            http.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(
                CultureInfo.InvariantCulture
            );
        }
        return JsonSerializer.SerializeAsync(
            http.Response.Body,
            new ProblemBody
            {
                Type = $"/bank/problems/{Slug}",
                Title = ReasonText.Of(Slug, culture),
                Status = Status,
                Reason = Slug,
                State = State,
                Retry = Retry,
                NotBefore = NotBefore,
                Fault = Fault,
                Line = Line,
            },
            RestJson.Default.ProblemBody,
            http.RequestAborted
        );
    }
}
