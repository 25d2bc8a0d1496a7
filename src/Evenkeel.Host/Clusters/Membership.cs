using System.Net;
using Evenkeel.Host.CommandLine;
using Evenkeel.Model.Clusters;
using Evenkeel.Replication;

namespace Evenkeel.Host.Clusters;

/// <summary>What a node needs to know to be a member of a cluster.</summary>
internal sealed record Membership
{
    public required ClusterFile File { get; init; }

    /// <summary>Where the cluster file lies; paths in it are relative to its directory.</summary>
    public required string Path { get; init; }

    public required ClusterMember Self { get; init; }

    /// <summary>Where the consensus engine listens, when not where its peers call it.</summary>
    public IPEndPoint? RaftListen { get; init; }

    /// <summary>The file of the operator's key, made before the cluster was; null = none.</summary>
    public string? OperatorKeyPath { get; init; }

    /// <summary>What members on loopback know each other by.</summary>
    public required string Secret { get; init; }

    public IEnumerable<ClusterMember> Others => File.Members.Where(m => m != Self);

    /// <summary>A path of the cluster file, absolute.</summary>
    public string? Resolve(string? path) =>
        path is null
            ? null
            : System.IO.Path.GetFullPath(path, System.IO.Path.GetDirectoryName(Path)!);

    /// <exception cref="CommandFailedException">The file can't be used, or has no such member.</exception>
    public static Membership Open(
        string path,
        string name,
        IPEndPoint? raftListen,
        string? operatorKeyPath
    )
    {
        var whole = System.IO.Path.GetFullPath(path);
        var file = ReadFile(whole);
        return new Membership
        {
            File = file,
            Path = whole,
            Self =
                file.Find(name)
                ?? throw new CommandFailedException(
                    ExitCode.Usage,
                    Text.ClusterNoSuchMember(
                        name,
                        whole,
                        string.Join(", ", file.Members.Select(static m => m.Name))
                    )
                ),
            RaftListen = raftListen,
            OperatorKeyPath = operatorKeyPath,
            Secret = PeerSecret.ReadOrMake(System.IO.Path.GetDirectoryName(whole)!),
        };
    }

    /// <exception cref="CommandFailedException">The file can't be used.</exception>
    public static ClusterFile ReadFile(string path)
    {
        try
        {
            return ClusterFile.Read(path);
        }
        catch (ClusterFileException e)
        {
            throw new CommandFailedException(
                ExitCode.Usage,
                [Text.ClusterFileBad(path), .. e.Problems.Select(static p => "  " + p)]
            );
        }
    }

    /// <summary>The log's options of this member.</summary>
    public RaftLogOptions Configure(RaftLogOptions options) =>
        options with
        {
            Lineage = LineageId.Parse(File.Lineage),
            Endpoint = Self.RaftEndpoint,
            ListenEndpoint = RaftListen,
            Members = [.. File.Members.Select(static m => m.RaftEndpoint)],
            LowerElectionTimeoutMs = File.Timeouts.ElectionMsMin,
            UpperElectionTimeoutMs = File.Timeouts.ElectionMsMax,
            RequestTimeoutMs = File.Timeouts.RequestMs,
            ConnectTimeoutMs = File.Timeouts.ConnectMs,
            HeartbeatThreshold = (double)File.Timeouts.HeartbeatMs / File.Timeouts.ElectionMsMin,
        };
}
