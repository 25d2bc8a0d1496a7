using System.Net;
using Evenkeel.Model;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Contract.Serving;

/// <summary>How a bank answers the contract.</summary>
public sealed record ContractServerOptions
{
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>0 = any free one.</summary>
    public int Port { get; init; }

    /// <summary>What callers on this machine show; without <see cref="Tls"/> nobody else is admitted.</summary>
    public required string Secret { get; init; }

    /// <summary>Needed beyond loopback.</summary>
    public ContractTls? Tls { get; init; }

    /// <summary>True while decisions are taken here. Asked before anything is queued.</summary>
    public required Func<bool> Leads { get; init; }

    /// <summary>Calls at once; further ones are told "busy", nothing done.</summary>
    public int CallsMax { get; init; } = 2_048;

    /// <summary>Bytes of the largest call: what a bulk file may have.</summary>
    public int MessageBytesMax { get; init; } = 16 << 20;

    /// <summary>For calls that are being answered when the server stops; then their lines are cut.</summary>
    public TimeSpan StopMax { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>
/// The server of the contract, on a port of its own that speaks nothing else. Deny by default: one
/// door before all methods asks who calls.
/// </summary>
public sealed class ContractServer : IAsyncDisposable
{
    private readonly WebApplication _web;

    private ContractServer(WebApplication web, Uri address)
    {
        _web = web;
        Address = address;
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<ContractServer> StartAsync(
        ContractServerOptions options,
        BankServices services,
        ILoggerFactory logging,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        // Without certificates the secret would travel in the clear.
        Check.That(options.Tls is not null || IPAddress.IsLoopback(options.Address));
        // Nothing but what is written here: no settings from files or variables that happen to be there.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel();
        if (options.Tls is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options));
        builder.Services.AddRouting();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.StopMax);
        builder.Services.AddSingleton(logging);
        builder.Services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(services);
        builder.Services.AddSingleton<Door>();
        builder.Services.AddSingleton<BankService>();
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = options.MessageBytesMax;
            grpc.MaxSendMessageSize = options.MessageBytesMax;
            grpc.IgnoreUnknownServices = false;
            grpc.Interceptors.Add<Door>();
        });
        var web = builder.Build();
        try
        {
            web.MapGrpcService<BankService>();
            await web.StartAsync(cancellationToken);
        }
        catch
        {
            await web.DisposeAsync();
            throw;
        }
        var bound = web
            .Services.GetRequiredService<IServer>()
            .Features.Get<IServerAddressesFeature>()!
            .Addresses.Single();
        return new ContractServer(web, new Uri(bound));
    }

    public async ValueTask DisposeAsync()
    {
        await _web.StopAsync(CancellationToken.None);
        await _web.DisposeAsync();
    }

    private static void Listen(KestrelServerOptions kestrel, ContractServerOptions options)
    {
        kestrel.AddServerHeader = false;
        // A file comes in many messages of one request; each of them has its own bound.
        kestrel.Limits.MaxRequestBodySize =
            options.MessageBytesMax + PaymentLimits.BulkFileBytesMax;
        kestrel.Limits.Http2.MaxStreamsPerConnection = 256;
        // A payment a second is a quiet channel, not a slow one.
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Listen(
            options.Address,
            options.Port,
            listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                if (options.Tls is { } tls)
                {
                    listen.UseHttps(https =>
                    {
                        https.ServerCertificate = tls.Own;
                        https.SslProtocols = ContractTls.Protocols;
                        https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                        https.ClientCertificateValidation = (shown, _, _) => tls.Admits(shown);
                    });
                }
            }
        );
    }
}
