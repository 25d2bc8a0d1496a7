using System.Security.Claims;
using System.Text.Encodings.Web;
using Evenkeel.Channels.Rest;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Evenkeel.Channels.Sessions;

/// <summary>Somebody who signed in.</summary>
internal sealed class SessionIdentity(Session session) : ClaimsIdentity(SessionHandler.SchemeName)
{
    public Session Session => session;
}

/// <summary>Authenticates by <c>Authorization: Bearer es_...</c>.</summary>
internal sealed class SessionHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    SessionTokens tokens
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Session";
    private const string Bearer = "Bearer ";

    public static Session SessionOf(HttpContext http) =>
        ((SessionIdentity)http.User.Identity!).Session;

    public static Who WhoOf(ClaimsPrincipal user) =>
        (user.Identity as SessionIdentity)?.Session.Kind switch
        {
            LoginKind.Customer => Who.Person,
            LoginKind.Program => Who.Program,
            LoginKind.Staff => Who.Staff,
            _ => Who.Nobody,
        };

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization;
        if (
            header.Count != 1
            || header[0] is not { } value
            || !value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
        )
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }
        return Task.FromResult(
            tokens.Read(value[Bearer.Length..].Trim()) is { } session
                ? AuthenticateResult.Success(
                    new AuthenticationTicket(
                        new ClaimsPrincipal(new SessionIdentity(session)),
                        SchemeName
                    )
                )
                : AuthenticateResult.Fail("Not a valid session.")
        );
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer realm=\"evenkeel-bank\"";
        return RestProblem.Unauthenticated.WriteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        RestProblem.Of(OutcomeReason.NotAuthorised).WriteAsync(Context);
}
