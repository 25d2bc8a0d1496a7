using System.Security.Claims;
using System.Security.Cryptography;
using Evenkeel.Channels.Rest;
using Evenkeel.Channels.Sessions;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using OpenIddict.Validation.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Evenkeel.Channels.Programs;

/// <summary>
/// Tokens of companies' programs: OAuth 2.0 client credentials (RFC 6749, section 4.4) by OpenIddict,
/// with no store of its own. The bank says whether a client is who it says; tokens are sealed with
/// the ring of keys that all gateways share, so that each takes what another has issued.
/// </summary>
internal static class ProgramTokens
{
    public const string Path = $"{RestChannel.Root}/v1/oauth/token";

    /// <summary>Where the server describes itself (RFC 8414, and the older place of OpenID).</summary>
    public static readonly string[] Descriptions =
    [
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
    ];

    /// <summary>A client that is blocked at the bank is out after so long at most.</summary>
    public static readonly TimeSpan Lifetime = SessionLimits.Lifetime;

    /// <summary>Characters of a token; ours have fewer than a thousand.</summary>
    public const int CharsMax = 4_096;

    private const int KeyBytes = 32;

    public static void Add(IServiceCollection services, RestChannelOptions options)
    {
        services.AddSingleton<ProgramSignIn>();
        services
            .AddOpenIddict()
            .AddServer(server =>
            {
                server
                    .EnableDegradedMode()
                    .AllowClientCredentialsFlow()
                    .SetTokenEndpointUris(Path.TrimStart('/'))
                    .SetConfigurationEndpointUris([.. Descriptions.Select(d => d.TrimStart('/'))])
                    // Nobody but the gateways reads a token: there are no public keys to show.
                    .SetJsonWebKeySetEndpointUris(Array.Empty<string>())
                    .SetAccessTokenLifetime(Lifetime);
                if (options.Issuer is { } issuer)
                {
                    server.SetIssuer(issuer);
                }
                UseUnusedKeys(server);
                server.Configure(static o =>
                {
                    // Nobody's identity is told here, only what a program may do.
                    o.Scopes.Clear();
                    o.Scopes.UnionWith(ProgramScopes.All);
                    o.ClientAuthenticationMethods.Clear();
                    o.ClientAuthenticationMethods.Add(
                        ClientAuthenticationMethods.ClientSecretBasic
                    );
                    o.ClientAuthenticationMethods.Add(ClientAuthenticationMethods.ClientSecretPost);
                    o.ClientAssertionTypes.Clear();
                });
                server.AddEventHandler(SafeTransport.Descriptor);
                server.AddEventHandler(ProgramSignIn.Descriptor);
                server.AddEventHandler(TokenRefusals.Descriptor);
                server.UseDataProtection();
                server
                    .UseAspNetCore()
                    .EnableTokenEndpointPassthrough()
                    // In its place stands SafeTransport, which knows loopback.
                    .DisableTransportSecurityRequirement();
            })
            .AddValidation(static validation =>
            {
                validation.UseLocalServer();
                validation.UseDataProtection();
                validation
                    .UseAspNetCore()
                    // A token in an address ends up in logs.
                    .DisableAccessTokenExtractionFromQueryString()
                    .DisableAccessTokenExtractionFromBodyForm();
            });
    }

    /// <summary>What the token says; null when it is none of ours, or has run out.</summary>
    public static async Task<Session?> ReadAsync(HttpContext http)
    {
        var read = await http.AuthenticateAsync(
            OpenIddictValidationAspNetCoreDefaults.AuthenticationScheme
        );
        return
            read is { Succeeded: true, Principal: { } principal }
            && principal.GetClaim(Claims.ClientId) is { } client
            && principal.GetClaim(Claims.Subject) is { } customer
            && principal.GetCreationDate() is { } began
            && principal.GetExpirationDate() is { } expires
            ? new Session(
                LoginKind.Program,
                client,
                customer,
                Branch: null,
                Assurance.Strong,
                began,
                expires,
                Guid.Empty
            )
            {
                Scopes = principal.GetScopes(),
            }
            : null;
    }

    /// <summary>Answers a request whose client the bank has just verified.</summary>
    public static IResult Issue(HttpContext http)
    {
        if (http.Features.Get<VerifiedProgram>() is not { } program)
        {
            return RestProblem.Of(OutcomeReason.Malformed);
        }
        ClaimsIdentity identity = new(
            OpenIddictServerAspNetCoreDefaults.AuthenticationScheme,
            Claims.Subject,
            roleType: null
        );
        identity.SetClaim(Claims.Subject, program.Actor.OnBehalfOf.Value);
        identity.SetScopes(program.Scopes);
        return Results.SignIn(
            new ClaimsPrincipal(identity),
            properties: null,
            OpenIddictServerAspNetCoreDefaults.AuthenticationScheme
        );
    }

    /// <summary>
    /// The library wants a key to sign with and one to encrypt with, for formats that are not used
    /// here: these are made anew in each process and nothing is ever made with them.
    /// </summary>
    private static void UseUnusedKeys(OpenIddictServerBuilder server)
    {
        server.AddSigningKey(new ECDsaSecurityKey(ECDsa.Create(ECCurve.NamedCurves.nistP256)));
        server.AddEncryptionKey(new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(KeyBytes)));
    }
}
