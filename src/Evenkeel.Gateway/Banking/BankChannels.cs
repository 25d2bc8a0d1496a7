using Evenkeel.Channels.Iso8583;
using Evenkeel.Channels.Rest;
using Evenkeel.Contract.Calling;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Gateway.Banking;

/// <summary>The bank's channels in the gateway's process, on a bank that is called from afar.</summary>
internal static class BankChannels
{
    public static void Add(IServiceCollection services, BankLink link)
    {
        services.AddSingleton(link);
        services.AddSingleton<IBankLocator, LeaderLocator>();
        services.AddSingleton(s => new RemoteBank(
            new RemoteBankOptions
            {
                Secret = link.Secret,
                Tls = link.Tls,
                AnswerMax = s.GetRequiredService<GatewayOptions>().HoldMax,
            },
            s.GetRequiredService<IBankLocator>(),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<RemoteBank>>()
        ));
        services.AddSingleton<IPaymentProcessor>(s => new RecordedPayments(
            s.GetRequiredService<RemoteBank>().SubmitAndReportAsync,
            s.GetRequiredService<Attempts.AttemptRecorder>(),
            s.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton<IAccountQueries>(s => s.GetRequiredService<RemoteBank>());
        services.AddSingleton<ICustomerServices>(s => s.GetRequiredService<RemoteBank>());
        services.AddSingleton<ISignIn>(s => s.GetRequiredService<RemoteBank>());
        services.AddSingleton<IBulkFiles>(s => s.GetRequiredService<RemoteBank>());
        services.AddSingleton<IStandingOrders>(s => s.GetRequiredService<RemoteBank>());
        services.AddSingleton<ICreditQueries>(s => s.GetRequiredService<RemoteBank>());
        services.AddSingleton<IBranchServices>(s => s.GetRequiredService<RemoteBank>());
        services.AddSingleton<IPasskeys>(s => s.GetRequiredService<RemoteBank>());
        services.AddRestChannel(link.Rest);
        if (link.Iso is { } iso)
        {
            services.AddSingleton(iso);
            services.AddSingleton<IsoHost>();
            services.AddHostedService(s => s.GetRequiredService<IsoHost>());
        }
    }

    public static void Map(WebApplication app) => app.MapRestChannel();
}

/// <summary>Opens the line for machines with the gateway, and closes it first.</summary>
internal sealed class IsoHost(
    IsoLink link,
    IPaymentProcessor payments,
    IAccountQueries queries,
    TimeProvider time,
    ILogger<IsoListener> log
) : IHostedService, IAsyncDisposable
{
    private IsoListener? _listener;

    /// <summary>Where machines are served.</summary>
    public System.Net.IPEndPoint? EndPoint => _listener?.EndPoint;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _listener = IsoListener.Start(link.Options, payments, queries, link.Keys, time, log);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken) => await DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _listener, null) is { } listener)
        {
            await listener.DisposeAsync();
        }
    }
}
