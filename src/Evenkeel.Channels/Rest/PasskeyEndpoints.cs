using System.Text.Json;
using Evenkeel.Channels.Sessions;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Evenkeel.Channels.Rest;

/// <summary>Passkeys: signing in with one, making a session strong, having several.</summary>
internal static class PasskeyEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapPost("/sessions/passkey/options", PromptAsync)
            .For(Who.Anyone)
            .Accepts<PasskeyPromptBody>("application/json")
            .Produces<PasskeyChallengeBody>()
            .WithSummary("Begin to sign in with a passkey")
            .WithDescription("The answer is the same whether there is such a login or not.");
        routes
            .MapPost("/sessions/passkey", SignInAsync)
            .For(Who.Anyone)
            .Accepts<PasskeySignInBody>("application/json")
            .Produces<SessionBody>()
            .WithSummary("Sign in with a passkey: strong");
        routes
            .MapPost("/sessions/step-up/passkey/options", StepUpPromptAsync)
            .For(Who.Person)
            .Produces<PasskeyChallengeBody>()
            .WithSummary("Begin to show a passkey as second factor");
        routes
            .MapPost("/sessions/step-up/passkey", StepUpAsync)
            .For(Who.Person)
            .Accepts<PasskeyStepUpBody>("application/json")
            .Produces<SessionBody>()
            .WithSummary("Show a passkey as second factor")
            .WithDescription("The same session, strong.");
        routes
            .MapGet("/me/passkeys", ListAsync)
            .For(Who.Person | Who.Staff)
            .Produces<PasskeysBody>()
            .WithSummary("Own passkeys");
        routes
            .MapPost("/me/passkeys/options", BeginAsync)
            .For(Who.Person | Who.Staff)
            .Produces<PasskeyChallengeBody>()
            .WithSummary("Begin to add a passkey: strong");
        routes
            .MapPost("/me/passkeys", AddAsync)
            .For(Who.Person | Who.Staff)
            .Accepts<NewPasskeyBody>("application/json")
            .Produces<PasskeyBody>()
            .WithSummary("Add a passkey: strong");
        routes
            .MapDelete("/me/passkeys/{id}", RemoveAsync)
            .For(Who.Person | Who.Staff)
            .Produces(StatusCodes.Status204NoContent)
            .WithSummary("Remove a passkey: strong")
            .WithDescription("The last second factor of a login stays.");
    }

    private static async Task<IResult> PromptAsync(
        HttpContext http,
        ISignIn signIn,
        SignInBrake brake
    )
    {
        if (
            await Bodies.ReadAsync(http, RestJson.Default.PasskeyPromptBody) is not { } body
            || SessionEndpoints.KindOf(body.Kind) is not { } kind
        )
        {
            return RestProblem.Of(OutcomeReason.Malformed);
        }
        if (kind == LoginKind.Program)
        {
            return RestProblem.ProgramsUseTokens;
        }
        return brake.MayTry(SignInBrake.NetworkOf(http))
            ? Challenge(
                await signIn.ChallengeAsync(
                    new PasskeyPrompt(kind) { Login = body.Login },
                    http.RequestAborted
                )
            )
            : RestProblem.TooMany;
    }

    private static async Task<IResult> SignInAsync(
        HttpContext http,
        ISignIn signIn,
        SessionTokens tokens,
        SignInBrake brake
    )
    {
        if (
            await Bodies.ReadAsync(http, RestJson.Default.PasskeySignInBody) is not { } body
            || SessionEndpoints.KindOf(body.Kind) is not { } kind
        )
        {
            return RestProblem.Of(OutcomeReason.Malformed);
        }
        if (kind == LoginKind.Program)
        {
            return RestProblem.ProgramsUseTokens;
        }
        if (!brake.MayTry(SignInBrake.NetworkOf(http)))
        {
            return RestProblem.TooMany;
        }
        var answer = await signIn.SignInWithPasskeyAsync(
            new PasskeySignIn(kind, body.State, body.Credential.GetRawText())
            {
                Device = body.Device,
            },
            http.RequestAborted
        );
        if (answer is not SignInAnswer.SignedIn { Login: { } login } signedIn)
        {
            return SessionEndpoints.ProblemOf(answer);
        }
        var (token, session) = tokens.Issue(kind, login, signedIn.Actor);
        return SessionEndpoints.Answer(token, session, signedIn.Device);
    }

    private static async Task<IResult> StepUpPromptAsync(HttpContext http, ISignIn signIn)
    {
        var session = SessionHandler.SessionOf(http);
        return Challenge(
            await signIn.ChallengeAsync(
                new PasskeyPrompt(session.Kind) { Login = session.Login, Session = session.Name },
                http.RequestAborted
            )
        );
    }

    private static async Task<IResult> StepUpAsync(
        HttpContext http,
        ISignIn signIn,
        SessionTokens tokens,
        SignInBrake brake
    )
    {
        if (await Bodies.ReadAsync(http, RestJson.Default.PasskeyStepUpBody) is not { } body)
        {
            return RestProblem.Of(OutcomeReason.Malformed);
        }
        if (!brake.MayTry(SignInBrake.NetworkOf(http)))
        {
            return RestProblem.TooMany;
        }
        var session = SessionHandler.SessionOf(http);
        return SessionEndpoints.Stronger(
            tokens,
            session,
            await signIn.SignInWithPasskeyAsync(
                new PasskeySignIn(session.Kind, body.State, body.Credential.GetRawText())
                {
                    Session = session.Name,
                    Device = body.Device,
                },
                http.RequestAborted
            )
        );
    }

    private static async Task<IResult> ListAsync(HttpContext http, IPasskeys passkeys) =>
        AccountEndpoints.Answer(
            await passkeys.ListAsync(OwnerOf(http), http.RequestAborted),
            static (found, _) =>
                Results.Json(
                    new PasskeysBody([.. found.Select(BodyOf)]),
                    RestJson.Default.PasskeysBody
                )
        );

    private static async Task<IResult> BeginAsync(HttpContext http, IPasskeys passkeys) =>
        Challenge(await passkeys.BeginAsync(OwnerOf(http), http.RequestAborted));

    private static async Task<IResult> AddAsync(HttpContext http, IPasskeys passkeys) =>
        await Bodies.ReadAsync(http, RestJson.Default.NewPasskeyBody) is not { } body
            ? RestProblem.Of(OutcomeReason.Malformed)
            : AccountEndpoints.Answer(
                await passkeys.AddAsync(
                    OwnerOf(http),
                    new NewPasskey(body.Name, body.State, body.Credential.GetRawText()),
                    http.RequestAborted
                ),
                static (found, _) => Results.Json(BodyOf(found), RestJson.Default.PasskeyBody)
            );

    private static async Task<IResult> RemoveAsync(
        HttpContext http,
        string id,
        IPasskeys passkeys
    ) =>
        AccountEndpoints.Answer(
            await passkeys.RemoveAsync(OwnerOf(http), id, http.RequestAborted),
            static (_, _) => Results.NoContent()
        );

    private static PasskeyOwner OwnerOf(HttpContext http)
    {
        var session = SessionHandler.SessionOf(http);
        return new PasskeyOwner(session.ToActor(), session.Login, session.Name);
    }

    private static IResult Challenge(QueryAnswer<PasskeyChallenge> answer) =>
        AccountEndpoints.Answer(
            answer,
            static (found, _) =>
            {
                using var options = JsonDocument.Parse(found.Options);
                return Results.Json(
                    new PasskeyChallengeBody(options.RootElement.Clone(), found.State),
                    RestJson.Default.PasskeyChallengeBody
                );
            }
        );

    private static PasskeyBody BodyOf(PasskeyView view) =>
        new(view.Id, view.Name, view.Since, view.LastUsed, view.IsSynced);
}
