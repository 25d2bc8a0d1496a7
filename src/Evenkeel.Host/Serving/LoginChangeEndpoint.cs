using Evenkeel.Identity;
using Evenkeel.Journal.Access;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.Host.Serving;

/// <summary>Changes a login, for the operator's key.</summary>
internal static class LoginChangeEndpoint
{
    public const string Path = "/v1/bank/logins/changes";

    private const string Block = "block";
    private const string Unblock = "unblock";
    private const string NewAuthenticator = "new-authenticator";
    private const string WithoutAuthenticator = "without-authenticator";

    public static IReadOnlyList<string> Names { get; } =
    [Block, Unblock, NewAuthenticator, WithoutAuthenticator];

    public static void Map(WebApplication web, LoginAdministration logins) =>
        web.MapPost(
                Path,
                async (HttpRequest http, CancellationToken token) =>
                {
                    var asked = await http.ReadFromJsonAsync(LoginJson.Default.LoginChange, token)
                        .ConfigureAwait(false);
                    if (
                        asked is null
                        || LoginEndpoint.KindOf(asked.Kind) is not { } kind
                        || !Names.Contains(asked.Change, StringComparer.Ordinal)
                    )
                    {
                        return Results.Problem(statusCode: StatusCodes.Status400BadRequest);
                    }
                    return await LoginEndpoint
                        .WhileAvailableAsync(async () =>
                        {
                            var (isDone, key) = await ChangeAsync(logins, kind, asked, token)
                                .ConfigureAwait(false);
                            return isDone
                                ? Results.Json(
                                    new LoginMade(asked.Login, key),
                                    LoginJson.Default.LoginMade
                                )
                                : Results.Problem(
                                    "There is no such login, its authenticator is all that it has beside the password, or it was changed at the same time.",
                                    statusCode: StatusCodes.Status409Conflict
                                );
                        })
                        .ConfigureAwait(false);
                }
            )
            .RequireAuthorization(KeyScopes.Admin.ToNames()[0])
            .WithSummary("Change a login")
            .WithDescription(
                "block, unblock, new-authenticator (its key is shown this once) or without-authenticator. Open sessions end by themselves, after twelve hours at most."
            );

    private static async Task<(bool IsDone, string? Key)> ChangeAsync(
        LoginAdministration logins,
        LoginKind kind,
        LoginChange asked,
        CancellationToken cancellationToken
    )
    {
        switch (asked.Change)
        {
            case NewAuthenticator:
                var key = await logins
                    .AddAuthenticatorAsync(kind, asked.Login, cancellationToken)
                    .ConfigureAwait(false);
                return (key is not null, key);
            case WithoutAuthenticator:
                return (
                    await logins
                        .RemoveAuthenticatorAsync(kind, asked.Login, cancellationToken)
                        .ConfigureAwait(false),
                    null
                );
            default:
                return (
                    await logins
                        .BlockAsync(
                            kind,
                            asked.Login,
                            string.Equals(asked.Change, Block, StringComparison.Ordinal),
                            cancellationToken
                        )
                        .ConfigureAwait(false),
                    null
                );
        }
    }
}

/// <param name="Change">One of <see cref="LoginChangeEndpoint.Names"/>.</param>
internal sealed record LoginChange(string Kind, string Login, string Change);
