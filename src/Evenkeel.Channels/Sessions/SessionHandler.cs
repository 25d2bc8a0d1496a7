using System.Security.Claims;
using System.Text.Encodings.Web;
using Evenkeel.Channels.Programs;
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

/// <summary>
/// Authenticates by <c>Authorization: Bearer</c>: with the token of a person's session, or of a program.
/// </summary>
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

    public static bool Allows(ClaimsPrincipal user, string? scope) =>
        scope is not null
        && (user.Identity as SessionIdentity)?.Session.Scopes.Contains(
            scope,
            StringComparer.Ordinal
        ) == true;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization;
        if (
            header.Count != 1
            || header[0] is not { } value
            || !value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            // Keys of the ledger's interface go through this process as well, and are not ours to read.
            || !Request.Path.StartsWithSegments(RestChannel.Root, StringComparison.Ordinal)
        )
        {
            return AuthenticateResult.NoResult();
        }
        var token = value[Bearer.Length..].Trim();
        var session =
            token.StartsWith(SessionTokens.Prefix, StringComparison.Ordinal) ? tokens.Read(token)
            : token.Length <= ProgramTokens.CharsMax ? await ProgramTokens.ReadAsync(Context)
            : null;
        return session is null
            ? AuthenticateResult.Fail("Not a valid token.")
            : AuthenticateResult.Success(
                new AuthenticationTicket(
                    new ClaimsPrincipal(new SessionIdentity(session)),
                    SchemeName
                )
            );
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer realm=\"evenkeel-bank\"";
        return RestProblem.Unauthenticated.WriteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var serves = Context.GetEndpoint()?.Metadata.GetMetadata<Serves>();
        if (
            serves is null
            && !Request.HasJsonContentType()
            && Request.ContentLength is not (null or 0)
        )
        {
            // Nothing of ours was found: the router chose its own answer to a body of another type.
            return RestProblem.NotJson.WriteAsync(Context);
        }
        if (serves?.Scope is not { } scope || WhoOf(Context.User) != Who.Program)
        {
            return RestProblem.Of(OutcomeReason.NotAuthorised).WriteAsync(Context);
        }
        // RFC 6750, section 3.1: says which one would do.
        Response.Headers.WWWAuthenticate =
            $"Bearer realm=\"evenkeel-bank\", error=\"insufficient_scope\", scope=\"{scope}\"";
        return RestProblem.ScopeMissing.WriteAsync(Context);
    }
}
