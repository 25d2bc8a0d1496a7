using System.Text.Json.Serialization;
using Evenkeel.Identity;
using Evenkeel.Journal.Access;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.Host.Serving;

/// <summary>Makes a login, for the operator's key: for customers, programs of companies, and staff.</summary>
internal static class LoginEndpoint
{
    public const string Path = "/v1/bank/logins";

    public static void Map(WebApplication web, LoginAdministration logins) =>
        web.MapPost(
                Path,
                async (HttpRequest http, CancellationToken token) =>
                {
                    var asked = await http.ReadFromJsonAsync(LoginJson.Default.LoginRequest, token)
                        .ConfigureAwait(false);
                    if (asked is null || KindOf(asked.Kind) is not { } kind)
                    {
                        return Results.Problem(statusCode: StatusCodes.Status400BadRequest);
                    }
                    return await WhileAvailableAsync(async () =>
                        {
                            var isMade = await logins
                                .MakeAsync(
                                    new NewLogin(kind, asked.Login, asked.Subject, asked.Secret)
                                    {
                                        Branch = asked.Branch,
                                        Scopes = asked.Scopes,
                                    },
                                    token
                                )
                                .ConfigureAwait(false);
                            if (!isMade)
                            {
                                return Results.Problem(
                                    "There is such a login, its secret is too short, or its scopes can't be given.",
                                    statusCode: StatusCodes.Status409Conflict
                                );
                            }
                            var key = asked.Authenticator
                                ? await logins
                                    .AddAuthenticatorAsync(kind, asked.Login, token)
                                    .ConfigureAwait(false)
                                : null;
                            return Results.Json(
                                new LoginMade(asked.Login, key),
                                LoginJson.Default.LoginMade
                            );
                        })
                        .ConfigureAwait(false);
                }
            )
            .RequireAuthorization(KeyScopes.Admin.ToNames()[0])
            .WithSummary("Make a login")
            .WithDescription("The key of the authenticator is shown this once.");

    /// <summary>Answers, or says that nobody can now.</summary>
    internal static async Task<IResult> WhileAvailableAsync(Func<Task<IResult>> answer)
    {
        try
        {
            return await answer().ConfigureAwait(false);
        }
        catch (IdentityUnavailableException unavailable)
        {
            return Results.Problem(
                unavailable.Message,
                statusCode: StatusCodes.Status503ServiceUnavailable
            );
        }
    }

    internal static LoginKind? KindOf(string name) =>
        name switch
        {
            "customer" => LoginKind.Customer,
            "program" => LoginKind.Program,
            "staff" => LoginKind.Staff,
            _ => null,
        };
}

/// <param name="Kind">customer, program or staff.</param>
/// <param name="Subject">Customer's number, or the member of staff.</param>
internal sealed record LoginRequest(string Kind, string Login, string Subject, string Secret)
{
    public string? Branch { get; init; }

    /// <summary>Of a program; null = all that there are today.</summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    public bool Authenticator { get; init; }
}

/// <param name="AuthenticatorKey">In Base32.</param>
internal sealed record LoginMade(string Login, string? AuthenticatorKey);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LoginRequest))]
[JsonSerializable(typeof(LoginMade))]
[JsonSerializable(typeof(LoginChange))]
internal sealed partial class LoginJson : JsonSerializerContext;
