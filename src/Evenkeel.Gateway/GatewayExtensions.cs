using System.Net;
using System.Security.Cryptography.X509Certificates;
using Evenkeel.Gateway.Attempts;
using Evenkeel.Gateway.Banking;
using Evenkeel.Gateway.Forwarding;
using Evenkeel.Gateway.Leaders;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

namespace Evenkeel.Gateway;

/// <summary>The gateway before the primary's REST interface (ADR 0017).</summary>
public static class GatewayExtensions
{
    /// <summary>Adds the gateway and makes the web server listen.</summary>
    public static WebApplicationBuilder AddGateway(
        this WebApplicationBuilder builder,
        GatewayOptions options
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Nodes.Count == 0)
        {
            throw new ArgumentException("There is no node.", nameof(options));
        }
        if (options.UsesTls)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }
        // Request lines of the framework and of the proxy hold addresses, and those hold account numbers.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("Yarp", LogLevel.None);
        builder.Logging.AddFilter("OpenIddict", LogLevel.Warning);
        builder.Logging.AddFilter("Evenkeel.Channels.Sessions", LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options));
        IServiceCollection services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(options.Attempts);
        services.AddSingleton(new BufferBudget(options.BufferedBytesMax));
        services.TryAddSingleton<IAttemptFiles, AttemptFiles>();
        services.TryAddSingleton<ILeaderProbe, LeaderProbe>();
        services.AddSingleton<AttemptRecorder>();
        services.AddSingleton<AttemptLog>();
        services.AddSingleton<LeaderFinder>();
        services.AddSingleton<GatewayMetrics>();
        services.AddSingleton<RequestForwarder>();
        services.AddHostedService<Starter>();
        services.AddHttpForwarder();
        if (options.Bank is { } bank)
        {
            BankChannels.Add(services, bank);
        }
        services
            .AddOpenTelemetry()
            .WithMetrics(metrics =>
                metrics.AddMeter("Evenkeel.*").AddRuntimeInstrumentation().AddPrometheusExporter()
            );
        return builder;
    }

    /// <summary>Puts the gateway into the request pipeline.</summary>
    public static WebApplication MapGateway(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        GatewayOptions options = app.Services.GetRequiredService<GatewayOptions>();
        RequestForwarder forwarder = app.Services.GetRequiredService<RequestForwarder>();
        if (options.Bank is not null)
        {
            BankChannels.Map(app);
        }
        // Open here: what is forwarded is judged by the interface that it goes to.
        app.MapGet("/healthz", GatewayHealthEndpoints.LiveAsync).AllowAnonymous();
        app.MapGet("/readyz", GatewayHealthEndpoints.ReadyAsync).AllowAnonymous();
        if (options.OperationsPort is not null)
        {
            app.MapPrometheusScrapingEndpoint("/metrics").AllowAnonymous().AddEndpointFilter();
        }
        app.MapFallback("{**path}", forwarder.ServeAsync).AllowAnonymous();
        return app;
    }

    /// <summary>Metrics are for whoever is on this machine, at the port that only listens there.</summary>
    private static void AddEndpointFilter(this IEndpointConventionBuilder endpoint) =>
        endpoint.Add(builder =>
        {
            RequestDelegate inner = builder.RequestDelegate!;
            builder.RequestDelegate = http =>
                OperationsListener.IsOf(http)
                    ? inner(http)
                    : GatewayProblem.NotFound.WriteAsync(http);
        });

    private static void Listen(KestrelServerOptions kestrel, GatewayOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;
        KestrelServerLimits limits = kestrel.Limits;
        limits.MaxRequestBodySize = options.BodyBytesMax;
        limits.MaxConcurrentConnections = options.ConnectionsMax;
        limits.RequestHeadersTimeout = options.HeadersMax;
        limits.MinRequestBodyDataRate = new MinDataRate(
            options.BodyBytesPerSecondMin,
            options.BodyGrace
        );
        kestrel.Listen(
            options.Address,
            options.Port,
            listen =>
            {
                if (options.CertificatePath is not { } certificate)
                {
                    // Without TLS there is no way to agree on HTTP/2.
                    listen.Protocols = HttpProtocols.Http1;
                    return;
                }
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(
                    X509Certificate2.CreateFromPemFile(certificate, options.CertificateKeyPath)
                );
            }
        );
        if (options.OperationsPort is { } port)
        {
            kestrel.Listen(
                IPAddress.Loopback,
                port,
                listen =>
                {
                    listen.Protocols = HttpProtocols.Http1;
                    listen.Use(OperationsListener.Mark);
                }
            );
        }
    }

    /// <summary>Begins to look for the leader before the first request comes.</summary>
    private sealed class Starter(LeaderFinder leaders) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            leaders.Start();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
