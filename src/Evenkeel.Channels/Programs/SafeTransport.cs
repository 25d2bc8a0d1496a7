using System.Net;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Http;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Evenkeel.Channels.Programs;

/// <summary>
/// A secret is taken over TLS, or on this machine. Elsewhere it would be read by whoever listens,
/// whatever the gateway was told about its own door.
/// </summary>
internal sealed class SafeTransport : IOpenIddictServerHandler<ProcessRequestContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor
            .CreateBuilder<ProcessRequestContext>()
            .UseSingletonHandler<SafeTransport>()
            .SetOrder(
                OpenIddictServerAspNetCoreHandlers
                    .ValidateTransportSecurityRequirement
                    .Descriptor
                    .Order
            )
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(ProcessRequestContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (
            context.EndpointType != OpenIddictServerEndpointType.Unknown
            && !IsSafe(context.Transaction.GetHttpRequest()!)
        )
        {
            context.Reject(Errors.InvalidRequest, "Tokens are issued over TLS only.");
        }
        return ValueTask.CompletedTask;
    }

    /// <summary>Both ends are asked: a listener on every address also has lines from this machine.</summary>
    internal static bool IsSafe(HttpRequest request) =>
        request.IsHttps
        || request.HttpContext.Connection is { RemoteIpAddress: { } from, LocalIpAddress: { } here }
            && IPAddress.IsLoopback(from)
            && IPAddress.IsLoopback(here);
}
