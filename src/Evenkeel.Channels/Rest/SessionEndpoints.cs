using Evenkeel.Channels.Sessions;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Evenkeel.Channels.Rest;

/// <summary>Signing in, showing more of oneself, staying, leaving.</summary>
internal static class SessionEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapPost("/sessions", BeginAsync)
            .For(Who.Anyone)
            .Accepts<SignInBody>("application/json")
            .Produces<SessionBody>()
            .WithSummary("Sign in")
            .WithDescription(
                "With a login and its secret; with the code of the authenticator for strong assurance."
            );
        routes
            .MapPost("/sessions/step-up", StepUpAsync)
            .For(Who.Person)
            .Accepts<StepUpBody>("application/json")
            .Produces<SessionBody>()
            .WithSummary("Show a second factor")
            .WithDescription(
                "For a new payee or a large amount: the same session, strong. The code of the authenticator; the secret is not needed again."
            );
        routes
            .MapPost("/sessions/renew", Renew)
            .For(Who.Person | Who.Staff)
            .Produces<SessionBody>()
            .WithSummary("Stay signed in");
        routes
            .MapDelete("/sessions/current", End)
            .For(Who.Person | Who.Staff)
            .Produces(StatusCodes.Status204NoContent)
            .WithSummary("Sign out");
    }

    private static async Task<IResult> BeginAsync(
        HttpContext http,
        ISignIn signIn,
        SessionTokens tokens,
        SignInBrake brake
    )
    {
        if (
            await Bodies.ReadAsync(http, RestJson.Default.SignInBody) is not { } body
            || KindOf(body.Kind) is not { } kind
        )
        {
            return RestProblem.Of(OutcomeReason.Malformed);
        }
        if (kind == LoginKind.Program)
        {
            return RestProblem.ProgramsUseTokens;
        }
        var network = SignInBrake.NetworkOf(http);
        if (!brake.MayTry(network))
        {
            return RestProblem.TooMany;
        }
        SignInRequest request = new(kind, body.Login, body.Secret, network)
        {
            Code = body.Code,
            Device = body.Device,
        };
        var answer = await signIn.SignInAsync(request, http.RequestAborted);
        if (answer is not SignInAnswer.SignedIn signedIn)
        {
            return ProblemOf(answer);
        }
        var (token, session) = tokens.Issue(kind, body.Login, signedIn.Actor);
        return Answer(token, session, signedIn.Device);
    }

    private static async Task<IResult> StepUpAsync(
        HttpContext http,
        ISignIn signIn,
        SessionTokens tokens,
        SignInBrake brake
    )
    {
        var session = SessionHandler.SessionOf(http);
        if (await Bodies.ReadAsync(http, RestJson.Default.StepUpBody) is not { } body)
        {
            return RestProblem.Of(OutcomeReason.Malformed);
        }
        var network = SignInBrake.NetworkOf(http);
        if (!brake.MayTry(network))
        {
            return RestProblem.TooMany;
        }
        var answer = body.Secret is { } secret
            ? await signIn.SignInAsync(
                new SignInRequest(session.Kind, session.Login, secret, network)
                {
                    Code = body.Code,
                    Device = body.Device,
                },
                http.RequestAborted
            )
            : await signIn.ConfirmAsync(
                new CodeConfirmation(session.Kind, session.Login, body.Code, network)
                {
                    Device = body.Device,
                },
                http.RequestAborted
            );
        return Stronger(tokens, session, answer);
    }

    /// <summary>The session, if it was its own person who showed two factors.</summary>
    internal static IResult Stronger(SessionTokens tokens, Session session, SignInAnswer answer)
    {
        switch (answer)
        {
            case SignInAnswer.SignedIn
            {
                Actor: Actor.Customer { Assurance: Assurance.Strong } customer
            } signedIn
                when string.Equals(customer.Id.Value, session.Subject, StringComparison.Ordinal):
                var (token, stronger) = tokens.Strengthen(session);
                return Answer(token, stronger, signedIn.Device);
            case SignInAnswer.SignedIn:
                return RestProblem.Of(OutcomeReason.StrongAuthenticationRequired);
            default:
                return ProblemOf(answer);
        }
    }

    private static IResult Renew(HttpContext http, SessionTokens tokens) =>
        tokens.Renew(SessionHandler.SessionOf(http)) is var (token, session)
            ? Answer(token, session, device: null)
            : RestProblem.Unauthenticated;

    private static IResult End(HttpContext http, SessionTokens tokens)
    {
        tokens.End(SessionHandler.SessionOf(http));
        return Results.NoContent();
    }

    internal static IResult Answer(string token, Session session, string? device) =>
        Results.Json(
            new SessionBody(token, session.Expires, Bodies.NameOf(session.Assurance), device),
            RestJson.Default.SessionBody
        );

    internal static RestProblem ProblemOf(SignInAnswer answer) =>
        answer switch
        {
            SignInAnswer.CodeNeeded => RestProblem.CodeNeeded,
            SignInAnswer.NotBefore notBefore => RestProblem.TooMany with
            {
                NotBefore = notBefore.At,
            },
            SignInAnswer.Unavailable => RestProblem.Of(OutcomeReason.ServiceUnavailable),
            _ => RestProblem.Unauthenticated,
        };

    internal static LoginKind? KindOf(string? name) =>
        name switch
        {
            null or "customer" => LoginKind.Customer,
            "program" => LoginKind.Program,
            "staff" => LoginKind.Staff,
            _ => null,
        };
}
