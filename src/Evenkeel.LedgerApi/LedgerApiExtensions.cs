using System.Security.Cryptography.X509Certificates;
using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.LedgerApi.Accounts;
using Evenkeel.LedgerApi.Changes;
using Evenkeel.LedgerApi.Health;
using Evenkeel.LedgerApi.Idempotency;
using Evenkeel.LedgerApi.Json;
using Evenkeel.LedgerApi.Keys;
using Evenkeel.LedgerApi.OpenApi;
using Evenkeel.LedgerApi.Operations;
using Evenkeel.LedgerApi.Problems;
using Evenkeel.LedgerApi.Records;
using Evenkeel.LedgerApi.Security;
using Evenkeel.LedgerApi.Transfers;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Scalar.AspNetCore;

namespace Evenkeel.LedgerApi;

/// <summary>The ledger's own REST interface (docs/api.md).</summary>
public static class LedgerApiExtensions
{
    /// <summary>
    /// Adds the interface and makes the web server listen. The host must have registered
    /// <see cref="IJournal"/> and <see cref="IReadiness"/>; a <see cref="Keyring"/> and its
    /// <see cref="KeyAdministration"/> too, if another interface of the process uses them.
    /// </summary>
    public static WebApplicationBuilder AddLedgerApi(
        this WebApplicationBuilder builder,
        LedgerApiOptions options
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        if (options.UsesTls)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }
        // The framework's request lines hold whole addresses, and those hold account numbers.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options));
        var services = builder.Services;
        services.AddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(s => new Keyring(
            s.GetRequiredService<IJournal>(),
            s.GetRequiredService<TimeProvider>()
        ));
        services.TryAddSingleton<IKeyring>(s => s.GetRequiredService<Keyring>());
        services.TryAddSingleton(s => new KeyAdministration(
            s.GetRequiredService<IJournal>(),
            s.GetRequiredService<Keyring>(),
            s.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton<IdempotencyStore>();
        services.AddHostedService<IdempotencySweeper>();
        services.ConfigureHttpJsonOptions(json =>
        {
            var own = ApiJson.Default.Options;
            json.SerializerOptions.PropertyNamingPolicy = own.PropertyNamingPolicy;
            json.SerializerOptions.NumberHandling = own.NumberHandling;
            json.SerializerOptions.UnmappedMemberHandling = own.UnmappedMemberHandling;
            json.SerializerOptions.DefaultIgnoreCondition = own.DefaultIgnoreCondition;
            json.SerializerOptions.RespectNullableAnnotations = own.RespectNullableAnnotations;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
            foreach (var converter in own.Converters)
            {
                json.SerializerOptions.Converters.Add(converter);
            }
        });
        // The core only: the full set also makes cookie keys in the home directory of the user.
        services.AddAuthenticationCore(o => o.DefaultScheme = ApiKeyHandler.SchemeName);
        services.AddWebEncoders();
        new AuthenticationBuilder(services).AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(
            ApiKeyHandler.SchemeName,
            configureOptions: null
        );
        services.AddAuthorization(Policies.Add);
        services.AddRateLimiter(limiter => RateLimits.Configure(limiter, options));
        services.AddRequestTimeouts(timeouts =>
            timeouts.DefaultPolicy = new RequestTimeoutPolicy
            {
                Timeout = options.RequestTimeout,
                WriteTimeoutResponse = http =>
                    ProblemWriter.WriteAsync(
                        http,
                        ApiCall.HasProposed(http) ? Reasons.UnknownOutcome : Reasons.TimedOut
                    ),
            }
        );
        services.AddOpenApi("v1", DescriptionTransformers.Configure);
        AddTelemetry(services, options);
        return builder;
    }

    /// <summary>Puts the interface into the request pipeline.</summary>
    public static WebApplication MapLedgerApi(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var options = app.Services.GetRequiredService<LedgerApiOptions>();
        app.UseSecurityHeaders(options.UsesTls);
        app.UseMiddleware<Refusing>();
        app.UseRouting();
        app.UseRequestTimeouts();
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();
        MapEndpoints(app, options);
        return app;
    }

    private static void MapEndpoints(IEndpointRouteBuilder routes, LedgerApiOptions options)
    {
        AccountEndpoints.Map(routes);
        TransferEndpoints.Map(routes);
        ChangeEndpoints.Map(routes);
        OperationEndpoints.Map(routes);
        RecordEndpoints.Map(routes);
        KeyEndpoints.Map(routes);
        HealthEndpoints.Map(routes);
        routes.MapPrometheusScrapingEndpoint("/metrics").RequireScope(KeyScopes.MetricsRead);
        routes.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        if (options.ServeReference)
        {
            routes
                .MapScalarApiReference(
                    "/reference",
                    scalar =>
                        scalar
                            .WithTitle("Evenkeel ledger")
                            .WithOpenApiRoutePattern("/openapi/{documentName}.json")
                            .DisableDefaultFonts()
                            .DisableTelemetry()
                            .DisableAgent()
                            .DisableMcp()
                            .HideClientButton()
                            .HideDeveloperTools()
                            .AddPreferredSecuritySchemes("api_key")
                )
                .AllowAnonymous();
        }
    }

    private static void Listen(KestrelServerOptions kestrel, LedgerApiOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;
        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = options.BodyBytesMax;
        limits.MaxConcurrentConnections = options.ConnectionsMax;
        limits.RequestHeadersTimeout = options.HeadersTimeout;
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
                listen.UseHttps(https =>
                {
                    https.ServerCertificate = X509Certificate2.CreateFromPemFile(
                        certificate,
                        options.CertificateKeyPath
                    );
                    if (options.AsksForClientCertificates)
                    {
                        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                        https.AllowAnyClientCertificate();
                    }
                });
            }
        );
    }

    private static void AddTelemetry(IServiceCollection services, LedgerApiOptions options)
    {
        var telemetry = services
            .AddOpenTelemetry()
            .ConfigureResource(static resource => resource.AddService("evenkeel"))
            .WithMetrics(metrics =>
                metrics
                    .AddMeter("Evenkeel.*")
                    .AddAspNetCoreInstrumentation()
                    .AddRuntimeInstrumentation()
                    .AddPrometheusExporter()
            );
        if (options.OtlpEndpoint is { } endpoint)
        {
            telemetry.WithTracing(traces =>
                traces
                    .AddSource("Evenkeel.*")
                    .AddAspNetCoreInstrumentation()
                    .AddOtlpExporter(otlp => otlp.Endpoint = endpoint)
            );
        }
    }
}
