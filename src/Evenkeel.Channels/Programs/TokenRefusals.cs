using System.Globalization;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Http;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Evenkeel.Channels.Programs;

/// <summary>When a token may be asked for again.</summary>
internal sealed record RetryAfter(int Seconds);

/// <summary>
/// Statuses of refusals for which the standard has none: RFC 6749 knows 400 and 401 only, and programs
/// need to tell "wrong" from "later".
/// </summary>
internal sealed class TokenRefusals : IOpenIddictServerHandler<ApplyTokenResponseContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor
            .CreateBuilder<ApplyTokenResponseContext>()
            .UseSingletonHandler<TokenRefusals>()
            .SetOrder(
                OpenIddictServerAspNetCoreHandlers
                    .AttachHttpResponseCode<ApplyTokenResponseContext>
                    .Descriptor
                    .Order + 500
            )
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(ApplyTokenResponseContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        // The library's pages explain its own settings, which is nothing for our clients.
        context.Response.ErrorUri = null;
        var http = context.Transaction.GetHttpRequest()!.HttpContext;
        switch (context.Error)
        {
            case Errors.SlowDown:
                http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
                break;
            case Errors.TemporarilyUnavailable:
                http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                break;
            default:
                break;
        }
        if (http.Features.Get<RetryAfter>() is { } later)
        {
            http.Response.Headers.RetryAfter = later.Seconds.ToString(CultureInfo.InvariantCulture);
        }
        return ValueTask.CompletedTask;
    }
}
