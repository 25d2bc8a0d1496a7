using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.LedgerApi.Problems;
using Evenkeel.Model;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Evenkeel.LedgerApi.Security;

/// <summary>
/// Authenticates by <c>Authorization: Bearer ek_...</c> or <c>X-Api-Key: ek_...</c>.
/// </summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    IKeyring keyring
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";
    public const string HeaderName = "X-Api-Key";
    private const string Bearer = "Bearer ";

    private (FrameStatus Reason, string Detail)? _unavailable;

    /// <summary>The key behind an authenticated user.</summary>
    public static KeyIdentity IdentityOf(ClaimsPrincipal user) =>
        ((KeyClaimsIdentity)user.Identity!).Key;

    /// <summary>False for a user without a key: rules are asked about those, too.</summary>
    public static bool Has(ClaimsPrincipal user, KeyScopes needed) =>
        user.Identity is KeyClaimsIdentity identity && identity.Key.Has(needed);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (TokenOf(Request) is not { } token)
        {
            return AuthenticateResult.NoResult();
        }
        switch (await keyring.AuthenticateAsync(token, Context.RequestAborted))
        {
            case Answer<KeyIdentity?>.Done({ } key):
                var user = new ClaimsPrincipal(new KeyClaimsIdentity(key));
                return AuthenticateResult.Success(new AuthenticationTicket(user, SchemeName));
            case Answer<KeyIdentity?>.NotDone(var reason, var detail):
                _unavailable = (reason, detail);
                return AuthenticateResult.Fail("The keys can't be read.");
            default:
                return AuthenticateResult.Fail("Not a valid key.");
        }
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (_unavailable is var (reason, detail))
        {
            return ProblemWriter.WriteAsync(Context, Reasons.Of(reason), detail);
        }
        Response.Headers.WWWAuthenticate = "Bearer realm=\"evenkeel\"";
        return ProblemWriter.WriteAsync(Context, Reasons.Unauthenticated);
    }

    protected override async Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var endpoint = Context.GetEndpoint();
        if (Policies.NeededBy(endpoint) is { } needed)
        {
            var missing = needed & ~IdentityOf(Context.User).Scopes;
            await ProblemWriter.WriteAsync(Context, Refusals.MissingScopes(missing));
        }
        else if (endpoint is null or RouteEndpoint)
        {
            await ProblemWriter.WriteAsync(Context, Reasons.NotFound);
        }
        else if (endpoint.RequestDelegate is { } refuse)
        {
            // The router's own answer for a known path: another method or media type is meant.
            await refuse(Context);
        }
    }

    /// <summary>Null when there is none; two different ones are none.</summary>
    private static string? TokenOf(HttpRequest request)
    {
        var bearer = request.Headers.Authorization;
        var header = request.Headers[HeaderName];
        if (bearer.Count + header.Count != 1)
        {
            return null;
        }
        return header.Count == 1 ? header[0]
            : bearer[0]?.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) == true
                ? bearer[0]![Bearer.Length..].Trim()
            : null;
    }

    private sealed class KeyClaimsIdentity(KeyIdentity key)
        : ClaimsIdentity(
            [
                new Claim(
                    ClaimTypes.NameIdentifier,
                    key.Number.ToString(CultureInfo.InvariantCulture)
                ),
            ],
            SchemeName
        )
    {
        public KeyIdentity Key { get; } = key;
    }
}
