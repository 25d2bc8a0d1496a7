using Evenkeel.LedgerApi.Paging;
using Evenkeel.LedgerApi.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.LedgerApi.OpenApi;

/// <summary>An example of a request body, JSON.</summary>
internal sealed record RequestExample(string Json);

internal sealed record IdempotencyKeyTaken;

/// <summary>Says beside each endpoint what it takes and gives.</summary>
internal static class Describing
{
    private const string Json = "application/json";

    public static RouteHandlerBuilder Describe(
        this RouteHandlerBuilder builder,
        string summary,
        string description
    ) => builder.WithSummary(summary).WithDescription(description);

    public static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder builder, string example)
        where T : notnull => builder.Accepts<T>(Json).WithMetadata(new RequestExample(example));

    public static RouteHandlerBuilder Gives<T>(
        this RouteHandlerBuilder builder,
        int status = 200
    ) => builder.Produces<T>(status, Json);

    public static RouteHandlerBuilder Asks(
        this RouteHandlerBuilder builder,
        QueryParameter[] parameters
    ) => builder.WithMetadata(new QueryParameters(parameters));

    public static RouteHandlerBuilder TakesIdempotencyKey(this RouteHandlerBuilder builder) =>
        builder.WithMetadata(new IdempotencyKeyTaken());
}
