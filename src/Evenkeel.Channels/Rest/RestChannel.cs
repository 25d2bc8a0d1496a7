using Evenkeel.Channels.Programs;
using Evenkeel.Channels.Sessions;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Scalar.AspNetCore;

namespace Evenkeel.Channels.Rest;

/// <summary>How the REST channel is served.</summary>
public sealed record RestChannelOptions
{
    /// <summary>Keys of sessions; the same directory for all gateways. Null = lost with the process.</summary>
    public string? SessionKeys { get; init; }

    /// <summary>
    /// Name of the token server towards programs; null = the address by which it is called. To be set
    /// where gateways are reached by one name.
    /// </summary>
    public Uri? Issuer { get; init; }

    /// <summary>How long a payment waits for the bank; then it is being resolved.</summary>
    public TimeSpan AnswerMax { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Requests of one network address to sign in, a minute.</summary>
    public int SignInsPerMinuteMax { get; init; } = 30;
}

/// <summary>
/// REST for customers, companies' programs and counters under <c>/bank</c>. Needs an
/// <see cref="IPaymentProcessor"/>, <see cref="IAccountQueries"/>, <see cref="ICustomerServices"/> and
/// an <see cref="ISignIn"/>; what else there is is refused with a reason unless the bank brings it.
/// </summary>
public static class RestChannel
{
    /// <summary>Everything of this channel is below.</summary>
    public const string Root = "/bank";

    private const UnixFileMode OwnerOnly =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The reference page may load from this server and from nowhere else.</summary>
    private const string OwnOnly =
        "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        + "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'";

    public static IServiceCollection AddRestChannel(
        this IServiceCollection services,
        RestChannelOptions options
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        services.AddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        var keys = services.AddDataProtection().SetApplicationName("evenkeel");
        if (options.SessionKeys is { } path)
        {
            var directory = Directory.CreateDirectory(path);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, OwnerOnly);
            }
            keys.PersistKeysToFileSystem(directory);
        }
        else
        {
            keys.UseEphemeralDataProtectionProvider();
        }
        services.AddSingleton<EndedSessions>();
        services.AddSingleton<SessionTokens>();
        services.AddSingleton<SignInBrake>();
        services.AddSingleton<UploadRoom>();
        // A bank that does not offer these says so.
        NotOffered refusing = new();
        services.TryAddSingleton<IBulkFiles>(refusing);
        services.TryAddSingleton<IStandingOrders>(refusing);
        services.TryAddSingleton<ICreditQueries>(refusing);
        services.TryAddSingleton<IBranchServices>(refusing);
        services.TryAddSingleton<IPasskeys>(refusing);
        services.AddAuthenticationCore(o => o.DefaultScheme = SessionHandler.SchemeName);
        services.AddWebEncoders();
        new AuthenticationBuilder(services).AddScheme<AuthenticationSchemeOptions, SessionHandler>(
            SessionHandler.SchemeName,
            configureOptions: null
        );
        ProgramTokens.Add(services, options);
        services.AddAuthorization(Audience.AddTo);
        services.ConfigureHttpJsonOptions(json =>
        {
            var own = RestJson.Default.Options;
            json.SerializerOptions.PropertyNamingPolicy = own.PropertyNamingPolicy;
            json.SerializerOptions.DefaultIgnoreCondition = own.DefaultIgnoreCondition;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, RestJson.Default);
        });
        services.AddOpenApi(
            "openapi",
            openApi =>
            {
                openApi.ShouldInclude = static description =>
                    description.RelativePath?.StartsWith("bank/v1", StringComparison.Ordinal)
                    ?? false;
                openApi.AddDocumentTransformer(
                    static (document, _, _) =>
                    {
                        document.Info.Title = "Evenkeel bank";
                        document.Info.Version = "v1";
                        return Task.CompletedTask;
                    }
                );
            }
        );
        return services;
    }

    /// <summary>Puts the channel into the request pipeline, authentication included.</summary>
    public static WebApplication MapRestChannel(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseWhen(
            static http => http.Request.Path.StartsWithSegments(Root, StringComparison.Ordinal),
            static branch => branch.Use(SecureAsync)
        );
        app.UseAuthentication();
        app.UseAuthorization();
        var v1 = app.MapGroup($"{Root}/v1");
        SessionEndpoints.Map(v1);
        ProgramEndpoints.Map(v1);
        PasskeyEndpoints.Map(v1);
        AccountEndpoints.Map(v1);
        PaymentEndpoints.Map(v1);
        ServiceEndpoints.Map(v1);
        CounterEndpoints.Map(v1);
        StatementCsv.Map(v1);
        BulkEndpoints.Map(v1);
        StandingOrderEndpoints.Map(v1);
        CreditEndpoints.Map(v1);
        BranchEndpoints.Map(v1);
        app.MapGet($"{Root}/problems/{{slug}}", ProblemPages.Show)
            .For(Who.Anyone)
            .ExcludeFromDescription();
        app.MapOpenApi($"{Root}/{{documentName}}.json").For(Who.Anyone);
        app.MapScalarApiReference(
                $"{Root}/reference",
                static scalar =>
                    scalar
                        .WithTitle("Evenkeel bank")
                        .AddDocument("openapi", routePattern: $"{Root}/openapi.json")
                        .DisableDefaultFonts()
                        .DisableTelemetry()
                        .DisableAgent()
                        .DisableMcp()
                        .HideClientButton()
                        .HideDeveloperTools()
            )
            .For(Who.Anyone);
        return app;
    }

    private static Task SecureAsync(HttpContext http, RequestDelegate next)
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = http.Request.Path.StartsWithSegments(
            $"{Root}/reference",
            StringComparison.Ordinal
        )
            ? OwnOnly
            : "default-src 'none'; frame-ancestors 'none'";
        return next(http);
    }
}
