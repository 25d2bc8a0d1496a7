using System.Security.Claims;
using Evenkeel.Channels.Sessions;
using Evenkeel.Model;
using Evenkeel.Payments;
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
/// <param name="Scope">What the token of a program must allow; null where none is served.</param>
internal sealed record Serves(Who Who, string? Scope);

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
            string?[] scopes = who.HasFlag(Who.Program) ? [.. ProgramScopes.All] : [null];
            foreach (var scope in scopes)
            {
                options.AddPolicy(
                    NameOf(who, scope),
                    policy =>
                        policy
                            .AddAuthenticationSchemes(SessionHandler.SchemeName)
                            .RequireAuthenticatedUser()
                            .RequireAssertion(c => IsServed(c.User, who, scope))
                );
            }
        }
        // An endpoint that names nobody serves nobody.
        options.FallbackPolicy = new AuthorizationPolicyBuilder(SessionHandler.SchemeName)
            .RequireAuthenticatedUser()
            .RequireAssertion(static _ => false)
            .Build();
    }

    /// <param name="scope">Named by every route that programs are served at, and by no other.</param>
    public static TBuilder For<TBuilder>(this TBuilder builder, Who who, string? scope = null)
        where TBuilder : IEndpointConventionBuilder
    {
        Check.That(who.HasFlag(Who.Program) == scope is not null);
        builder.WithMetadata(new Serves(who, scope));
        return who == Who.Anyone
            ? builder.AllowAnonymous()
            : builder.RequireAuthorization(NameOf(who, scope));
    }

    private static bool IsServed(ClaimsPrincipal user, Who who, string? scope) =>
        SessionHandler.WhoOf(user) is var asker
        && (asker & who) != 0
        && (asker != Who.Program || SessionHandler.Allows(user, scope));

    private static string NameOf(Who who, string? scope) => $"evenkeel.bank.{(int)who}.{scope}";
}
