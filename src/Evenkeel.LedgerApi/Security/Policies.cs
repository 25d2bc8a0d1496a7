using Evenkeel.Journal.Access;
using Evenkeel.Model;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.LedgerApi.Security;

/// <summary>The scope that an endpoint needs, as its metadata.</summary>
internal sealed record NeededScope(KeyScopes Scope);

internal static class Policies
{
    /// <summary>One policy for each scope, by the scope's name; nothing else opens an endpoint.</summary>
    public static void Add(AuthorizationOptions options)
    {
        foreach (var name in ScopeNames.All)
        {
            Check.That(ScopeNames.TryParse([name], out var scope, out _));
            options.AddPolicy(
                name,
                policy =>
                    policy
                        .AddAuthenticationSchemes(ApiKeyHandler.SchemeName)
                        .RequireAuthenticatedUser()
                        .RequireAssertion(c => ApiKeyHandler.Has(c.User, scope))
            );
        }
        // An endpoint that names no scope and is not open on purpose serves nobody.
        options.FallbackPolicy = new AuthorizationPolicyBuilder(ApiKeyHandler.SchemeName)
            .RequireAuthenticatedUser()
            .RequireAssertion(_ => false)
            .Build();
    }

    public static TBuilder RequireScope<TBuilder>(this TBuilder builder, KeyScopes scope)
        where TBuilder : IEndpointConventionBuilder =>
        builder.RequireAuthorization(scope.ToNames().Single()).WithMetadata(new NeededScope(scope));

    /// <summary>
    /// The scope by which an endpoint is opened, whoever mapped it: policies are called by their scopes.
    /// Null when nothing opens it.
    /// </summary>
    public static KeyScopes? NeededBy(Endpoint? endpoint) =>
        endpoint?.Metadata.GetMetadata<NeededScope>()?.Scope
        ?? (
            endpoint?.Metadata.GetMetadata<IAuthorizeData>()?.Policy is { } name
            && ScopeNames.TryParse([name], out var scope, out _)
                ? scope
                : null
        );
}
