using System.Net;
using System.Security.Cryptography;
using Evenkeel.Gateway;
using Evenkeel.Host.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Host.Gateways;

/// <summary>A gateway in this process.</summary>
internal sealed class RunningGateway : IAsyncDisposable
{
    private readonly WebApplication _web;

    private RunningGateway(WebApplication web, Uri rest, Uri? operations)
    {
        _web = web;
        Rest = rest;
        Operations = operations;
    }

    /// <summary>What customers call.</summary>
    public Uri Rest { get; }

    /// <summary>Metrics and health, on this machine only; null when not served.</summary>
    public Uri? Operations { get; }

    /// <exception cref="CommandFailedException">It can't start; the message says what to do.</exception>
    public static async Task<RunningGateway> StartAsync(
        GatewayOptions options,
        ILoggerFactory logging,
        CancellationToken cancellationToken
    )
    {
        // Nothing but what is written here: no settings from files or variables that happen to be there.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel();
        builder.Services.AddRouting();
        builder.Services.AddSingleton(logging);
        builder.Services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        builder.AddGateway(options);
        WebApplication? web = null;
        try
        {
            web = builder.Build();
            web.MapGateway();
            await web.StartAsync(cancellationToken).ConfigureAwait(false);
            Uri[] addresses =
            [
                .. web
                    .Services.GetRequiredService<IServer>()
                    .Features.Get<IServerAddressesFeature>()!
                    .Addresses.Select(a => new Uri(a)),
            ];
            return new RunningGateway(
                web,
                addresses[0],
                options.OperationsPort is null ? null : addresses[^1]
            );
        }
        catch (Exception failure)
            when (failure is IOException or CryptographicException or InvalidDataException)
        {
            if (web is not null)
            {
                await web.DisposeAsync().ConfigureAwait(false);
            }
            throw new CommandFailedException(
                ExitCode.NotDone,
                failure is IOException
                    ? Text.PortInUse(new IPEndPoint(options.Address, options.Port))
                    : Text.StartFailed(failure.Message),
                failure.Message
            );
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _web.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _web.DisposeAsync().ConfigureAwait(false);
    }
}
