using System.CommandLine;
using System.Net.Security;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Serving;
using Evenkeel.Model.Clusters;

namespace Evenkeel.Host.Clusters;

/// <summary>Finds the cluster that the command line names, and a member of it to talk to.</summary>
internal static class ClusterDoor
{
    public static readonly Option<FileInfo?> Cluster = new("--cluster")
    {
        Description = Text.ClusterDoorOption,
        HelpName = "FILE",
    };

    /// <summary>What every command about a cluster takes.</summary>
    public static Command WithClusterOptions(this Command command)
    {
        command.Options.Add(CommonOptions.Data);
        command.Options.Add(Cluster);
        command.Options.Add(CommonOptions.Key);
        command.Options.Add(CommonOptions.Json);
        return command;
    }

    /// <summary>The path of the cluster file.</summary>
    /// <exception cref="CommandFailedException">There is none.</exception>
    public static string PathOf(ParseResult parsed)
    {
        if (parsed.GetValue(Cluster) is { } file)
        {
            return file.FullName;
        }
        var folder = parsed.GetRequiredValue(CommonOptions.Data).FullName;
        return ClusterSetup.Exists(folder)
            ? ClusterSetup.PathIn(folder)
            : throw new CommandFailedException(ExitCode.NotDone, Text.ClusterNone(folder));
    }

    /// <summary>The member that leads, else any that answers.</summary>
    /// <param name="mustLead">Nobody else will do.</param>
    /// <exception cref="CommandFailedException">Nobody answers, or nobody leads.</exception>
    public static async Task<RestBank> OpenAsync(
        ParseResult parsed,
        bool mustLead,
        CancellationToken cancellationToken
    )
    {
        var path = PathOf(parsed);
        var file = Membership.ReadFile(path);
        var key =
            parsed.GetValue(CommonOptions.Key)
            ?? Environment.GetEnvironmentVariable("EVENKEEL_KEY")
            ?? OperatorKey.Read(Path.GetDirectoryName(path)!)
            ?? throw new CommandFailedException(
                ExitCode.NotDone,
                Text.NoKey(OperatorKey.PathIn(Path.GetDirectoryName(path)!))
            );
        List<MemberEndpoints> members =
        [
            .. file.Members.Select(static m => new MemberEndpoints(
                m.Name,
                m.Binary,
                m.RestAddress
            )),
        ];
        var tls = ClusterTrust.Of(file, path);
        using LeaderFinder finder = new(tls);
        if (await finder.FindAsync(members, cancellationToken).ConfigureAwait(false) is { } leader)
        {
            return Open(leader, key, tls);
        }
        if (mustLead)
        {
            throw new CommandFailedException(ExitCode.NotDone, Text.ClusterNoLeader(path));
        }
        foreach (var member in members)
        {
            var bank = Open(member, key, tls);
            if (
                await bank.ProbeAsync("/healthz", cancellationToken).ConfigureAwait(false)
                is not null
            )
            {
                return bank;
            }
            await bank.DisposeAsync().ConfigureAwait(false);
        }
        throw new CommandFailedException(ExitCode.NotDone, Text.ClusterSilent(path));
    }

    private static RestBank Open(
        MemberEndpoints member,
        string key,
        SslClientAuthenticationOptions? tls
    ) => new(member.Rest, key, certificateSha256: null, own: null, tls);
}
