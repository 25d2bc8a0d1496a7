using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.LedgerApi.Json;
using Evenkeel.LedgerApi.Problems;
using Evenkeel.LedgerApi.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Evenkeel.LedgerApi;

/// <summary>A refusal on its way out of a handler; it becomes problem details.</summary>
internal sealed class RefusedException(Reason reason, string? detail = null) : Exception(detail)
{
    public Reason Reason { get; } = reason;
    public string? Detail { get; } = detail;
    public string[]? MissingScopes { get; init; }
    public int? FailedIndex { get; init; }
    public string? FailedStatus { get; init; }
    public ulong? ForkTimestamp { get; init; }
    public ulong? ForkIndex { get; init; }
}

/// <summary>One request, as the handlers see it.</summary>
internal sealed class ApiCall(HttpContext http)
{
    /// <summary>LINEAGE/INDEX of a write's answer (docs/api.md).</summary>
    public const string PositionHeader = "Evenkeel-Position";

    private static readonly object ProposedKey = new();

    private ulong _index;

    public HttpContext Http { get; } = http;

    public IJournal Journal { get; } = http.RequestServices.GetRequiredService<IJournal>();

    public KeyIdentity Key { get; } = ApiKeyHandler.IdentityOf(http.User);

    /// <summary>Ends when the client leaves and when the time limit is over.</summary>
    public CancellationToken Ended => Http.RequestAborted;

    /// <summary>From here on the outcome may become unknown.</summary>
    public CancellationToken Proposing()
    {
        Http.Items[ProposedKey] = ProposedKey;
        return Ended;
    }

    public static bool HasProposed(HttpContext http) => http.Items.ContainsKey(ProposedKey);

    public void Require(KeyScopes needed)
    {
        if (!Key.Has(needed))
        {
            throw Refusals.MissingScopes(needed & ~Key.Scopes);
        }
    }

    /// <summary>The value of a done answer; every other answer is a problem.</summary>
    public static T Done<T>(Answer<T> answer) =>
        answer switch
        {
            Answer<T>.Done(var value) => value,
            Answer<T>.NotDone(var reason, var detail) => throw new RefusedException(
                Reasons.Of(reason),
                detail
            ),
            Answer<T>.Unknown(var detail) => throw new RefusedException(
                Reasons.UnknownOutcome,
                detail
            ),
            _ => throw new UnreachableException(),
        };

    /// <summary>
    /// As <see cref="Done"/>, for a write: the answer tells the position of the log that did it, so
    /// that whoever keeps answers knows which of them a restored bank has.
    /// </summary>
    public T Written<T>(Answer<T> answer)
    {
        if (answer is Answer<T>.Done { AppliedIndex: > 0 } done)
        {
            _index = Math.Max(_index, done.AppliedIndex);
            if (Http.RequestServices.GetRequiredService<LedgerApiOptions>().Lineage is { } lineage)
            {
                Http.Response.Headers[PositionHeader] = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{lineage}/{_index}"
                );
            }
        }
        return Done(answer);
    }

    public async ValueTask<T> ReadBodyAsync<T>(JsonTypeInfo<T> type)
        where T : class
    {
        if (!Http.Request.HasJsonContentType())
        {
            throw new RefusedException(Reasons.UnsupportedMediaType);
        }
        try
        {
            return await JsonSerializer.DeserializeAsync(Http.Request.Body, type, Ended)
                ?? throw new RefusedException(Reasons.InvalidJson, "The body is null.");
        }
        catch (JsonException e)
        {
            throw new RefusedException(Reasons.InvalidJson, Explain(e));
        }
    }

    public static IResult Json<T>(T value, JsonTypeInfo<T> type, int status = 200) =>
        Results.Json(value, type, statusCode: status);

    /// <summary>Where it is; and what was expected, when one of our own converters says so.</summary>
    private static string Explain(JsonException e)
    {
        var where =
            $"at {e.Path ?? "$"} (line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1})";
        return e.Message.StartsWith("Expected ", StringComparison.Ordinal)
            ? $"{e.Message} Found otherwise {where}."
            : $"Not understood {where}: the syntax, an unknown, missing or repeated member, or a value of another type.";
    }
}

internal static class Refusals
{
    public static RefusedException MissingScopes(KeyScopes missing) =>
        new(Reasons.MissingScope, $"It needs also: {string.Join(", ", missing.ToNames())}.")
        {
            MissingScopes = missing.ToNames(),
        };

    public static RefusedException Parameter(string name, string expected) =>
        new(Reasons.InvalidParameter, $"{name}: expected {expected}.");

    public static UInt128 ParseId(string? text) =>
        WholeNumber.TryParse(text, out var id)
            ? id
            : throw Parameter("id", "a decimal number of at most 128 bits");
}
