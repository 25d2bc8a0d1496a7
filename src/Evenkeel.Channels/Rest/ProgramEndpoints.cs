using Evenkeel.Channels.Programs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Evenkeel.Channels.Rest;

/// <summary>Where programs get tokens. Errors here are those of OAuth, not problem details.</summary>
internal static class ProgramEndpoints
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes
            .MapPost("/oauth/token", ProgramTokens.Issue)
            .For(Who.Anyone)
            .Accepts<TokenForm>("application/x-www-form-urlencoded")
            .Produces<TokenBody>()
            .Produces<TokenRefusalBody>(StatusCodes.Status400BadRequest)
            .Produces<TokenRefusalBody>(StatusCodes.Status401Unauthorized)
            .Produces<TokenRefusalBody>(StatusCodes.Status429TooManyRequests)
            .Produces<TokenRefusalBody>(StatusCodes.Status503ServiceUnavailable)
            .WithSummary("Get a token for a program")
            .WithDescription(
                "OAuth 2.0 client credentials (RFC 6749, section 4.4): the client's id and secret as HTTP "
                    + "Basic or in the form. Without scope the token allows all that the client was given."
            );
}
