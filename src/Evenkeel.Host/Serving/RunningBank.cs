using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Evenkeel.Host.Clusters;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Demos;
using Evenkeel.Host.Rails;
using Evenkeel.Host.Upgrades;
using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.LedgerApi;
using Evenkeel.LedgerApi.Health;
using Evenkeel.Model.Clusters;
using Evenkeel.Node;
using Evenkeel.Node.Entries;
using Evenkeel.Node.Protocol;
using Evenkeel.Node.Quarantine;
using Evenkeel.Replication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Host.Serving;

/// <summary>A node with all its interfaces in this process: the only place that composes them.</summary>
internal sealed class RunningBank : IAsyncDisposable
{
    private readonly string _dataDirectory;
    private readonly EvenkeelNode _node;
    private readonly WebApplication _web;
    private readonly X509Certificate2? _certificate;
    private readonly PeerClient? _peers;
    private readonly HostedBank _bank;
    private readonly CancellationTokenSource _stopping = new();
    private Task _ensuringKey = Task.CompletedTask;
    private ClusterWatch? _watch;

    private RunningBank(
        string dataDirectory,
        EvenkeelNode node,
        WebApplication web,
        X509Certificate2? certificate,
        PeerClient? peers,
        HostedBank bank,
        Endpoints endpoints
    )
    {
        _bank = bank;
        _certificate = certificate;
        _peers = peers;
        _dataDirectory = dataDirectory;
        _node = node;
        _web = web;
        Endpoints = endpoints;
    }

    public Endpoints Endpoints { get; }

    /// <summary>Every route that this process serves by HTTP.</summary>
    internal IReadOnlyList<Endpoint> Routes =>
        _web.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    /// <summary>What start-up found and did; empty when all was well.</summary>
    public IReadOnlyList<string> RecoveryNotes => _node.RecoveryNotes;

    /// <summary>The text of a key that was just made; null when there were keys already.</summary>
    public string? NewKey { get; private set; }

    /// <exception cref="CommandFailedException">It can't start; the message says what to do.</exception>
    public static async Task<RunningBank> StartAsync(
        ServeSettings settings,
        ILoggerFactory logging,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await OpenAsync(settings, logging, cancellationToken).ConfigureAwait(false);
        }
        catch (DirectoryInUseException)
        {
            throw new CommandFailedException(
                ExitCode.NotDone,
                Text.DirectoryInUse(settings.DataDirectory)
            );
        }
        catch (Exception e)
            when (e
                    is RecoveryException
                        or PoisonEntryException
                        or QuarantineException
                        or UnknownStateVersionException
            )
        {
            throw new CommandFailedException(ExitCode.NotDone, Text.StartFailed(e.Message));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new CommandFailedException(
                ExitCode.NotDone,
                Text.PortInUse(new IPEndPoint(settings.Address, settings.Port))
            );
        }
        catch (SocketException e)
        {
            throw new CommandFailedException(ExitCode.NotDone, Text.StartFailed(e.Message));
        }
        catch (CryptographicException e)
        {
            throw new CommandFailedException(ExitCode.NotDone, Text.StartFailed(e.Message));
        }
    }

    public async ValueTask DisposeAsync()
    {
        // First out of the phone book, then out of business.
        EndpointFile.Delete(_dataDirectory);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _ensuringKey.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_watch is not null)
        {
            await _watch.DisposeAsync().ConfigureAwait(false);
        }
        await _web.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _web.DisposeAsync().ConfigureAwait(false);
        await _bank.DisposeAsync().ConfigureAwait(false);
        await _node.DisposeAsync().ConfigureAwait(false);
        _peers?.Dispose();
        _certificate?.Dispose();
        _stopping.Dispose();
    }

    private static async Task<RunningBank> OpenAsync(
        ServeSettings settings,
        ILoggerFactory logging,
        CancellationToken cancellationToken
    )
    {
        // Not disposed here: the protocol's server shows it to every new connection.
        var certificate = settings.Certificate is { } path
            ? X509Certificate2.CreateFromPemFile(path, settings.CertificateKey)
            : null;
        Directory.CreateDirectory(settings.DataDirectory);
        var peers = settings.Membership is { } membership ? new PeerClient(membership) : null;
        var node = await StartNodeAsync(
                settings,
                NodeOptions(settings, certificate, peers, logging),
                peers,
                logging,
                cancellationToken
            )
            .ConfigureAwait(false);
        WebApplication? web = null;
        ClusterWatch? watch = null;
        HostedBank? hosted = null;
        try
        {
            // In a cluster nobody leads yet; the key is made when somebody does.
            var newKey = settings.Membership is null
                ? await FirstKeyAsync(settings, node, cancellationToken).ConfigureAwait(false)
                : null;
            watch = settings.Membership is { } self
                ? new ClusterWatch(
                    node,
                    self,
                    peers!,
                    TimeProvider.System,
                    logging.CreateLogger<ClusterWatch>()
                )
                : null;
            hosted = await HostedBank
                .StartAsync(settings, node, logging, cancellationToken)
                .ConfigureAwait(false);
            web = Web(settings, node, hosted, peers, watch, logging);
            await StartWebAsync(web, settings, cancellationToken).ConfigureAwait(false);
            Endpoints endpoints = new(
                Reachable(node.ProtocolEndpoint!).ToString(),
                RestAddress(web),
                certificate?.GetCertHashString(HashAlgorithmName.SHA256)
            )
            {
                Bank = hosted.Contract,
            };
            EndpointFile.Write(settings.DataDirectory, endpoints);
            var bank = new RunningBank(
                settings.DataDirectory,
                node,
                web,
                certificate,
                peers,
                hosted,
                endpoints
            )
            {
                NewKey = newKey,
                _watch = watch,
            };
            if (settings.Membership is { } member)
            {
                EndWhenTakenOut(node, member);
            }
            if (settings.Membership?.OperatorKeyPath is { } keyPath)
            {
                bank._ensuringKey = ClusterKey.EnsureAsync(node, keyPath, bank._stopping.Token);
            }
            return bank;
        }
        catch
        {
            if (web is not null)
            {
                await web.DisposeAsync().ConfigureAwait(false);
            }
            if (hosted is not null)
            {
                await hosted.DisposeAsync().ConfigureAwait(false);
            }
            if (watch is not null)
            {
                await watch.DisposeAsync().ConfigureAwait(false);
            }
            await node.DisposeAsync().ConfigureAwait(false);
            peers?.Dispose();
            certificate?.Dispose();
            throw;
        }
    }

    /// <summary>A member's directory is made whole first, when it is not.</summary>
    private static async Task<EvenkeelNode> StartNodeAsync(
        ServeSettings settings,
        NodeOptions options,
        PeerClient? peers,
        ILoggerFactory logging,
        CancellationToken cancellationToken
    )
    {
        if (settings.Membership is not { } membership)
        {
            return await EvenkeelNode.StartAsync(options, cancellationToken).ConfigureAwait(false);
        }
        if (settings.Found && MemberStart.IsNew(settings.DataDirectory))
        {
            MemberStart.MarkFounding(settings.DataDirectory);
        }
        membership.Book.Open(settings.DataDirectory);
        await MembershipSync
            .RunAsync(membership, settings.DataDirectory, peers!, cancellationToken)
            .ConfigureAwait(false);
        await SeedAsync().ConfigureAwait(false);
        membership.FollowBook();
        try
        {
            return await EvenkeelNode.StartAsync(options, cancellationToken).ConfigureAwait(false);
        }
        catch (ReseedRequiredException)
        {
            // Found out while opening, and written down there.
            await SeedAsync().ConfigureAwait(false);
        }
        return await EvenkeelNode.StartAsync(options, cancellationToken).ConfigureAwait(false);

        // What comes with the files says who belongs.
        async Task SeedAsync()
        {
            await SeedPhase
                .RunAsync(settings.DataDirectory, membership, logging, cancellationToken)
                .ConfigureAwait(false);
            membership.Book.Open(settings.DataDirectory);
        }
    }

    private static NodeOptions NodeOptions(
        ServeSettings settings,
        X509Certificate2? certificate,
        PeerClient? peers,
        ILoggerFactory logging
    )
    {
        NodeBudgets budgets = new();
        return new NodeOptions
        {
            DataDirectory = settings.DataDirectory,
            RecordIndexes = Banking.Bank.RecordIndexes,
            Protocol = new ProtocolOptions
            {
                Endpoint = new IPEndPoint(settings.Address, settings.Port),
                Certificate = certificate,
            },
            Budgets = budgets with
            {
                AccountsMax = settings.AccountsMax ?? budgets.AccountsMax,
                TransferIdsMax = settings.TransferIdsMax ?? budgets.TransferIdsMax,
            },
            ConfigureLog = log =>
                settings.Membership is { } membership
                    // Asked when the log is opened: a seeding may have changed who belongs.
                    ? membership.Configure(log) with
                    {
                        ConfirmAtLeader = peers!.ConfirmAtLeaderAsync,
                    }
                    : log,
            StateVersionMax = settings.StateVersionMax ?? EvenkeelNode.StateVersionNewest,
            Logging = logging,
            OnFatal = reason => End(reason, logging),
        };
    }

    private static void EndWhenTakenOut(EvenkeelNode node, Membership membership)
    {
        membership.Book.Changed += Look;
        // A change that came before anybody listened.
        Look(membership.File);

        void Look(ClusterFile file)
        {
            if (file.Find(membership.Self.Name) is null && !membership.Book.IsJoining)
            {
                // Not on the applying thread: ending waits for it.
                _ = Task.Run(() =>
                    node.HaltAsEnded(MembershipSync.TakenOut(membership.Self.Name, file))
                );
            }
        }
    }

    /// <summary>
    /// Ends the process at once, so that nothing wrong is served or written. A member that must be
    /// seeded says so by its exit status; whoever looks after it starts it again.
    /// </summary>
    private static void End(Exception reason, ILoggerFactory logging)
    {
        if (reason is ReseedRequiredException)
        {
            logging.CreateLogger<RunningBank>().MustBeSeeded(reason.Message);
            Environment.Exit(ExitCode.StartAgain);
        }
        if (reason is MembershipBehindException)
        {
            Environment.Exit(ExitCode.StartAgain);
        }
        if (reason is MembershipEndedException)
        {
            Environment.Exit(ExitCode.NotDone);
        }
        Environment.FailFast($"Evenkeel stops: {reason.Message}", reason);
    }

    /// <summary>Makes the first key and keeps it, or makes up for a death in between.</summary>
    private static async Task<string?> FirstKeyAsync(
        ServeSettings settings,
        EvenkeelNode node,
        CancellationToken cancellationToken
    )
    {
        var marker = OperatorKey.MarkerIn(settings.DataDirectory);
        var isInterrupted = File.Exists(marker) && OperatorKey.Read(settings.DataDirectory) is null;
        if (!File.Exists(marker) && OperatorKey.Read(settings.DataDirectory) is null)
        {
            await File.WriteAllTextAsync(marker, "", cancellationToken).ConfigureAwait(false);
        }
        var issued = await IssuedAsync(
                KeyBootstrap.EnsureFirstKeyAsync(node.Keys, cancellationToken)
            )
            .ConfigureAwait(false);
        if (issued is null && (isInterrupted || settings.RescueKey))
        {
            issued = await IssuedAsync(
                    KeyBootstrap.IssueRescueKeyAsync(node.Keys, cancellationToken)
                )
                .ConfigureAwait(false);
        }
        var token = issued?.Token.Reveal();
        if (token is not null)
        {
            OperatorKey.Write(settings.DataDirectory, token);
        }
        File.Delete(marker);
        return token;

        static async Task<IssuedKey?> IssuedAsync(ValueTask<Answer<IssuedKey?>> pending) =>
            await pending.ConfigureAwait(false) switch
            {
                Answer<IssuedKey?>.Done done => done.Value,
                var answer => throw new CommandFailedException(
                    ExitCode.NotDone,
                    Text.KeysNotMade(answer)
                ),
            };
    }

    private static WebApplication Web(
        ServeSettings settings,
        EvenkeelNode node,
        HostedBank hosted,
        PeerClient? peers,
        ClusterWatch? watch,
        ILoggerFactory logging
    )
    {
        // Nothing but what is written here: no settings from files or variables that happen to be there.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel();
        builder.Services.AddRouting();
        builder.Services.AddSingleton(logging);
        builder.Services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        builder.Services.AddSingleton(node.Journal);
        builder.Services.AddSingleton(node.Keyring);
        builder.Services.AddSingleton(node.Keys);
        builder.Services.AddSingleton<IReadiness>(new NodeReadiness(node, hosted));
        builder.AddLedgerApi(
            new LedgerApiOptions
            {
                Address = settings.Address,
                Port = settings.RestPort,
                CertificatePath = settings.Certificate,
                CertificateKeyPath = settings.CertificateKey,
                AsksForClientCertificates = settings.Membership?.Tls is not null,
                OtlpEndpoint = settings.Otlp,
                Lineage = node.Replication.Lineage,
                History = HistoryOf(settings.DataDirectory),
            }
        );
        var web = builder.Build();
        web.MapLedgerApi();
        ClockEndpoint.Map(web, node);
        BankEndpoint.Map(web, hosted.Bank);
        LoginEndpoint.Map(web, hosted.Logins);
        LoginChangeEndpoint.Map(web, hosted.Logins);
        EndOfDayEndpoints.Map(web, hosted.Bank);
        BulkEndpoint.Map(web, hosted.Bank);
        AuditEndpoint.Map(web, hosted.Bank);
        if (settings.IsDemo)
        {
            DemoEndpoint.Map(web, hosted);
            MonthEndpoint.Map(web, hosted);
            PayrollEndpoint.Map(web, hosted.Bank);
        }
        StateVersionEndpoint.Map(web, new ActivationDesk(node, settings.Membership, peers));
        if (settings.Membership is { } membership)
        {
            PeerEndpoints.Map(web, node, membership, watch!);
            HandOver handOver = new(
                node,
                membership,
                peers!,
                watch!,
                logging.CreateLogger<HandOver>()
            );
            MemberDesk desk = new(
                node,
                membership,
                peers!,
                watch!,
                logging.CreateLogger<MemberDesk>()
            );
            ClusterEndpoints.Map(web, watch!, handOver, desk);
            StateVersionEndpoint.MapPeer(PeerEndpoints.Group(web, membership), node);
        }
        CheckpointEndpoint.Map(web, node);
        return web;
    }

    private static FeedHistory? HistoryOf(string directory) =>
        Lineage.Find(directory) is { } lineage
            ? new FeedHistory(
                lineage.Id.Value,
                [
                    .. lineage.Ancestors.Select(static a => new FeedAncestor(
                        a.Id.Value,
                        a.ForkIndex,
                        a.ForkTime
                    )),
                ]
            )
            : null;

    private static async Task StartWebAsync(
        WebApplication web,
        ServeSettings settings,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await web.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new CommandFailedException(
                ExitCode.NotDone,
                Text.PortInUse(new IPEndPoint(settings.Address, settings.RestPort)),
                e.Message
            );
        }
    }

    private static Uri RestAddress(WebApplication web)
    {
        var addresses = web
            .Services.GetRequiredService<IServer>()
            .Features.Get<IServerAddressesFeature>()!
            .Addresses;
        Uri bound = new(addresses.Single());
        var host = IPAddress.TryParse(bound.Host.Trim('[', ']'), out var address)
            ? Reachable(new IPEndPoint(address, bound.Port)).Address.ToString()
            : bound.Host;
        return new UriBuilder(bound) { Host = host }.Uri;
    }

    /// <summary>"Any address" can be listened on, not called.</summary>
    private static IPEndPoint Reachable(IPEndPoint bound) =>
        bound.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, bound.Port)
        : bound.Address.Equals(IPAddress.IPv6Any)
            ? new IPEndPoint(IPAddress.IPv6Loopback, bound.Port)
        : bound;

    private sealed class NodeReadiness(EvenkeelNode node, HostedBank hosted) : IReadiness
    {
        public Readiness Now()
        {
            var health = node.Health;
            return new Readiness(
                health.IsLive,
                health.IsReady,
                [.. health.Reasons.Select(r => new ReadinessReason(r.Code, r.Detail))]
            )
            {
                Leads = node.IsLeading,
                Term = node.Term,
                BankPort = hosted.Contract.Port,
            };
        }
    }
}
