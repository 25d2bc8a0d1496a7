using Evenkeel.Channels.Rest;
using Evenkeel.Payments;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Http;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Evenkeel.Channels.Programs;

/// <summary>A client that the bank has verified, and what its token is to allow.</summary>
internal sealed record VerifiedProgram(Actor.ApiClient Actor, IReadOnlyList<string> Scopes);

/// <summary>
/// Asks the bank whether a client is who it says: the bank keeps the secrets, counts wrong tries and
/// blocks. Nothing about clients is known here.
/// </summary>
internal sealed class ProgramSignIn(ISignIn signIn, SignInBrake brake, TimeProvider time)
    : IOpenIddictServerHandler<ValidateTokenRequestContext>
{
    private const int RetryAfterSeconds = 1;
    private const int RetryAfterMinuteSeconds = 60;

    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor
            .CreateBuilder<ValidateTokenRequestContext>()
            .UseSingletonHandler<ProgramSignIn>()
            // After all that the library itself has to say about the request.
            .SetOrder(int.MaxValue - 100_000)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public async ValueTask HandleAsync(ValidateTokenRequestContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var http = context.Transaction.GetHttpRequest()!.HttpContext;
        if (context.Request is not { ClientId: { } client, ClientSecret: { } secret })
        {
            context.Reject(Errors.InvalidClient, "Client and secret are needed.");
            return;
        }
        var network = SignInBrake.NetworkOf(http);
        if (!brake.MayTry(network))
        {
            SlowDown(context, http, RetryAfterMinuteSeconds);
            return;
        }
        var answer = await signIn.SignInAsync(
            new SignInRequest(LoginKind.Program, client, secret, network),
            http.RequestAborted
        );
        switch (answer)
        {
            case SignInAnswer.SignedIn { Actor: Actor.ApiClient actor } signedIn:
                Grant(context, http, actor, signedIn.Scopes);
                break;
            case SignInAnswer.NotBefore notBefore:
                var seconds = Math.Ceiling((notBefore.At - time.GetUtcNow()).TotalSeconds);
                SlowDown(context, http, (int)Math.Clamp(seconds, 1, int.MaxValue));
                break;
            case SignInAnswer.Unavailable:
                http.Features.Set(new RetryAfter(RetryAfterSeconds));
                context.Reject(Errors.TemporarilyUnavailable, "Nobody can say now.");
                break;
            default:
                // What was wrong is never told.
                context.Reject(Errors.InvalidClient, "The client or its secret is not right.");
                break;
        }
    }

    private static void Grant(
        ValidateTokenRequestContext context,
        HttpContext http,
        Actor.ApiClient actor,
        IReadOnlyList<string> given
    )
    {
        var asked = context.Request.GetScopes();
        if (asked.Except(given, StringComparer.Ordinal).Any())
        {
            context.Reject(Errors.InvalidScope, "The client was not given all of these scopes.");
            return;
        }
        http.Features.Set(new VerifiedProgram(actor, asked.Length == 0 ? given : asked));
    }

    private static void SlowDown(ValidateTokenRequestContext context, HttpContext http, int seconds)
    {
        http.Features.Set(new RetryAfter(seconds));
        context.Reject(Errors.SlowDown, "Too many tries.");
    }
}
