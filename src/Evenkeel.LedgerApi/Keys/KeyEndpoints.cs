using System.Globalization;
using Evenkeel.Journal.Access;
using Evenkeel.LedgerApi.Idempotency;
using Evenkeel.LedgerApi.Json;
using Evenkeel.LedgerApi.OpenApi;
using Evenkeel.LedgerApi.Paging;
using Evenkeel.LedgerApi.Problems;
using Evenkeel.LedgerApi.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Evenkeel.LedgerApi.Keys;

internal static class KeyEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapPost("/v1/keys", IssueAsync)
            .RequireScope(KeyScopes.Admin)
            .Describe(
                "Issue a key",
                "The answer holds the token, this once. An Idempotency-Key is refused: what is not kept "
                    + "can't be given again."
            )
            .Takes<IssueKeyRequest>(Examples.Key)
            .Gives<IssuedKeyResponse>(StatusCodes.Status201Created);
        routes
            .MapGet("/v1/keys", ListAsync)
            .RequireScope(KeyScopes.Admin)
            .Describe("List keys", "In the order of their numbers, revoked ones included.")
            .Asks([QueryParameters.Limit, QueryParameters.Cursor])
            .Gives<KeyPageResponse>();
        routes
            .MapGet("/v1/keys/{number}", GetAsync)
            .RequireScope(KeyScopes.Admin)
            .Describe("Read a key", "Everything but the secret, which nobody has.")
            .Gives<KeyResponse>();
        routes
            .MapDelete("/v1/keys/{number}", RevokeAsync)
            .RequireScope(KeyScopes.Admin)
            .Describe(
                "Revoke a key",
                "For ever, at once on this node and within two seconds on others. The last key with the "
                    + "scope admin stays."
            )
            .Gives<KeyResponse>();
    }

    private static async Task<IResult> IssueAsync(
        HttpContext http,
        KeyAdministration keys,
        ILogger<KeyAdministration> log
    )
    {
        ApiCall call = new(http);
        IdempotencyKey.Refuse(http);
        var body = await call.ReadBodyAsync(ApiJson.Default.IssueKeyRequest);
        if (
            Array.Exists(body.Scopes, s => s is null)
            || !ScopeNames.TryParse(body.Scopes, out var scopes, out _)
        )
        {
            throw new RefusedException(
                Reasons.InvalidRequest,
                $"scopes: expected at least one of {string.Join(", ", ScopeNames.All)}."
            );
        }
        var outcome = ApiCall.Done(
            await keys.IssueAsync(
                body.Name,
                scopes,
                issuedBy: call.Key.Number,
                firstOnly: false,
                call.Proposing()
            )
        );
        ThrowUnlessDone(outcome.Change);
        var (key, token) = outcome.Issued!;
        log.KeyIssued(key.Number, call.Key.Number);
        http.Response.Headers.Location = IssuedKeyResponse.LocationOf(key.Number);
        return ApiCall.Json(
            new IssuedKeyResponse { Token = token.Reveal(), Key = KeyResponse.From(key) },
            ApiJson.Default.IssuedKeyResponse,
            StatusCodes.Status201Created
        );
    }

    private static async Task<IResult> ListAsync(HttpContext http, KeyAdministration keys)
    {
        ApiCall call = new(http);
        QueryReader query = new(http);
        var after = Cursor.Timestamp(query, http) ?? 0;
        var page = ApiCall.Done(await keys.ListAsync(after, query.Limit(), call.Ended));
        return ApiCall.Json(
            new KeyPageResponse
            {
                Keys = [.. page.Keys.Select(KeyResponse.From)],
                NextCursor = page.Next is { } next
                    ? Cursor.OfTimestamp(query.FilterText(http), next)
                    : null,
            },
            ApiJson.Default.KeyPageResponse
        );
    }

    private static async Task<IResult> GetAsync(
        HttpContext http,
        KeyAdministration keys,
        string number
    )
    {
        ApiCall call = new(http);
        var key = ApiCall.Done(await keys.FindAsync(Number(number), call.Ended));
        return key is null
            ? throw new RefusedException(Reasons.NotFound)
            : ApiCall.Json(KeyResponse.From(key), ApiJson.Default.KeyResponse);
    }

    private static async Task<IResult> RevokeAsync(
        HttpContext http,
        KeyAdministration keys,
        ILogger<KeyAdministration> log,
        string number
    )
    {
        ApiCall call = new(http);
        var parsed = Number(number);
        var outcome = ApiCall.Done(
            await keys.RevokeAsync(parsed, revokedBy: call.Key.Number, call.Proposing())
        );
        ThrowUnlessDone(outcome.Change);
        log.KeyRevoked(parsed, call.Key.Number);
        return ApiCall.Json(KeyResponse.From(outcome.Key!), ApiJson.Default.KeyResponse);
    }

    private static void ThrowUnlessDone(KeyChange change)
    {
        var reason = change switch
        {
            KeyChange.Done => null,
            KeyChange.NotFound => Reasons.NotFound,
            KeyChange.LastAdmin => Reasons.LastAdminKey,
            KeyChange.TooMany => Reasons.KeyLimitReached,
            KeyChange.Contended => Reasons.Busy,
            _ => Reasons.InvalidRequest,
        };
        if (reason is not null)
        {
            throw new RefusedException(
                reason,
                change == KeyChange.Invalid
                    ? $"Expected a name of 1 to {KeyAdministration.NameCharsMax} characters and at least one scope."
                    : null
            );
        }
    }

    private static ulong Number(string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Refusals.Parameter("number", "the number of a key");
}
