using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Houses;
using Evenkeel.Host.Serving;
using Evenkeel.Model.Clusters;
using Evenkeel.Replication;

namespace Evenkeel.Host.Clusters;

/// <summary>
/// <c>evenkeel run --nodes N</c>: every member of a cluster on this machine in a process of its own,
/// and the gateway before them. It holds no state: killing it and starting it again changes nothing.
/// </summary>
internal sealed class Supervisor(
    ServeSettings settings,
    ClusterFile file,
    IReadOnlySet<string> commands,
    Terminal terminal,
    House? house = null
)
{
    private const int LookMs = 100;
    private const string GatewayCommand = "gateway";

    private readonly Lock _gate = new();

    /// <summary>What counts now: members come and go.</summary>
    private ClusterFile file = file;

    /// <summary>Whether this program can start a gateway for the cluster.</summary>
    private bool HasGateway => file.Gateway is not null && commands.Contains(GatewayCommand);

    public async Task RunAsync(CancellationToken stopping)
    {
        using var only = Lock();
        // Ours, so that commands don't take endpoints of another run for these.
        EndpointFile.Write(settings.DataDirectory, Endpoints());
        var path = ClusterSetup.PathIn(settings.DataDirectory);
        var gateway = HasGateway
            ? NewChild(
                    GatewayCommand,
                    [GatewayCommand, "--cluster", path, .. house?.ChannelArguments ?? []]
                )
                .KeepAsync(stopping)
            : Task.CompletedTask;
        ClusterChildren members = new(settings.DataDirectory, StartMemberAsync, Changed);
        var following = members.FollowAsync(file, stopping);
        Task[] around =
        [
            .. (house?.Children(node: null, Say) ?? []).Select(child => child.KeepAsync(stopping)),
        ];
        await GreetAsync(stopping).ConfigureAwait(false);
        if (house is not null && HasGateway)
        {
            await FurnishAsync(new Uri(file.Gateway!.Rest), stopping).ConfigureAwait(false);
        }
        await Task.WhenAll([following, gateway, .. around]).ConfigureAwait(false);
        EndpointFile.Delete(settings.DataDirectory);

        Task StartMemberAsync(string name, string clusterFile, CancellationToken leaving) =>
            NewChild(
                    name,
                    [
                        "node",
                        "--cluster",
                        clusterFile,
                        "--name",
                        name,
                        "--operator-key",
                        OperatorKey.PathIn(settings.DataDirectory),
                        .. house?.NodeArguments ?? [],
                    ]
                )
                .KeepAsync(leaving);

        void Changed(ClusterFile now)
        {
            file = now;
            EndpointFile.Write(settings.DataDirectory, Endpoints());
        }
    }

    private async Task FurnishAsync(Uri gateway, CancellationToken stopping)
    {
        try
        {
            await house!.FurnishAsync(gateway, stopping).ConfigureAwait(false);
            house.Greet(gateway);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopped while it was being built: the next start goes on.
        }
    }

    private Child NewChild(string name, params string[] arguments) =>
        new(
            name,
            [.. arguments, "--data", Path.Combine(settings.DataDirectory, name)],
            Path.Combine(settings.DataDirectory, name),
            Path.Combine(settings.DataDirectory, "logs", $"{name}.log"),
            Say
        );

    private DirectoryLock Lock()
    {
        try
        {
            return DirectoryLock.Acquire(settings.DataDirectory);
        }
        catch (DirectoryInUseException)
        {
            throw new CommandFailedException(
                ExitCode.NotDone,
                Text.DirectoryInUse(settings.DataDirectory)
            );
        }
    }

    private Endpoints Endpoints() =>
        new(
            file.Members[0].Binary,
            HasGateway ? new Uri(file.Gateway!.Rest) : file.Members[0].RestAddress,
            CertificateSha256: null
        )
        {
            Members =
            [
                .. file.Members.Select(static m => new MemberEndpoints(
                    m.Name,
                    m.Binary,
                    m.RestAddress
                )),
            ],
            Gateway = HasGateway ? new Uri(file.Gateway!.Rest) : null,
        };

    private async Task GreetAsync(CancellationToken stopping)
    {
        using LeaderFinder finder = new();
        var endpoints = Endpoints();
        MemberEndpoints? leader = null;
        while (!stopping.IsCancellationRequested && leader is null)
        {
            leader = await finder.FindAsync(endpoints.Members!, stopping).ConfigureAwait(false);
            if (leader is null)
            {
                await Task.Delay(LookMs, stopping)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        if (leader is null)
        {
            return;
        }
        Say(Text.RunOpen(settings.DataDirectory));
        Say(Text.ClusterLeader(leader.Name));
        foreach (var member in file.Members)
        {
            Say(Text.ClusterMemberAt(member.Name, member.Binary, member.RestAddress));
        }
        if (endpoints.Gateway is { } gateway)
        {
            Say(Text.ClusterGatewayAt(gateway));
        }
        Say(Text.RunKeyStored(OperatorKey.PathIn(settings.DataDirectory)));
        Say(Text.RunStopHint);
    }

    private void Say(string line)
    {
        lock (_gate)
        {
            terminal.Line(line);
        }
    }
}
