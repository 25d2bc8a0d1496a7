using Evenkeel.Channels.Sessions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;

namespace Evenkeel.Channels.Rest;

/// <summary>Kinds of actors at the REST channel.</summary>
[Flags]
internal enum Who
{
    Nobody = 0,

    /// <summary>A customer who signed in.</summary>
    Person = 1,

    /// <summary>A company's program.</summary>
    Program = 2,
    Staff = 4,

    /// <summary>Also without a session.</summary>
    Anyone = 8,
}

/// <summary>Whom an endpoint serves, as its metadata.</summary>
internal sealed record Serves(Who Who);

/// <summary>Who may call what: deny by default, opened endpoint by endpoint.</summary>
internal static class Audience
{
    private static readonly Who[] Used =
    [
        Who.Person,
        Who.Program,
        Who.Staff,
        Who.Person | Who.Program,
        Who.Person | Who.Staff,
        Who.Person | Who.Program | Who.Staff,
    ];

    public static void AddTo(AuthorizationOptions options)
    {
        foreach (var who in Used)
        {
            options.AddPolicy(
                NameOf(who),
                policy =>
                    policy
                        .AddAuthenticationSchemes(SessionHandler.SchemeName)
                        .RequireAuthenticatedUser()
                        .RequireAssertion(c => (SessionHandler.WhoOf(c.User) & who) != 0)
            );
        }
        // An endpoint that names nobody serves nobody.
        options.FallbackPolicy = new AuthorizationPolicyBuilder(SessionHandler.SchemeName)
            .RequireAuthenticatedUser()
            .RequireAssertion(static _ => false)
            .Build();
    }

    public static TBuilder For<TBuilder>(this TBuilder builder, Who who)
        where TBuilder : IEndpointConventionBuilder =>
        who == Who.Anyone
            ? builder.AllowAnonymous().WithMetadata(new Serves(who))
            : builder.RequireAuthorization(NameOf(who)).WithMetadata(new Serves(who));

    private static string NameOf(Who who) => $"evenkeel.bank.{(int)who}";
}
