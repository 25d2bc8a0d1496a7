using System.Net;
using System.Security.Cryptography;
using Evenkeel.Host.CommandLine;
using Evenkeel.Model.Clusters;
using Evenkeel.Replication;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.Host.Clusters;

/// <summary>What a node needs to know to be a member of a cluster.</summary>
internal sealed record Membership
{
    /// <summary>Who belongs, and how that changes.</summary>
    public required MembershipBook Book { get; init; }

    /// <summary>What counts now.</summary>
    public ClusterFile File => Book.Current;

    /// <summary>Where the cluster file lies; paths in it are relative to its directory.</summary>
    public required string Path { get; init; }

    public required ClusterMember Self { get; init; }

    /// <summary>Where this member keeps its files.</summary>
    public string DataDirectory { get; init; } = "";

    /// <summary>Where the consensus engine listens, when not where its peers call it.</summary>
    public IPEndPoint? RaftListen { get; init; }

    /// <summary>The file of the operator's key, made before the cluster was; null = none.</summary>
    public string? OperatorKeyPath { get; init; }

    /// <summary>What members on loopback know each other by.</summary>
    public required string Secret { get; init; }

    /// <summary>By which members know each other; null on loopback, where the secret does.</summary>
    public PeerTls? Tls { get; init; }

    public IEnumerable<ClusterMember> Others => File.Members.Where(m => !IsSelf(m.Name));

    public bool IsSelf(string name) => string.Equals(name, Self.Name, StringComparison.Ordinal);

    /// <summary>A path of the cluster file, absolute.</summary>
    public string? Resolve(string? path) =>
        path is null
            ? null
            : System.IO.Path.GetFullPath(path, System.IO.Path.GetDirectoryName(Path)!);

    /// <summary>How a client of this member reaches the others.</summary>
    public SocketsHttpHandler CreatePeerHandler() =>
        Tls?.CreateHandler() ?? new SocketsHttpHandler { UseProxy = false };

    /// <summary>Lets a client say who it is, where certificates don't.</summary>
    public void Introduce(HttpClient http)
    {
        if (Tls is null)
        {
            http.DefaultRequestHeaders.Add(PeerSecret.Header, Secret);
        }
    }

    /// <summary>True for a request of a member. Without certificates only from this machine.</summary>
    public bool Admits(HttpContext http) =>
        Tls is not null
            ? Tls.MemberOf(http.Connection.ClientCertificate) is not null
            : http.Connection.RemoteIpAddress is { } from
                && IPAddress.IsLoopback(from)
                && PeerSecret.IsSame(http.Request.Headers[PeerSecret.Header], Secret);

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
        var self =
            file.Find(name)
            ?? throw new CommandFailedException(
                ExitCode.Usage,
                Text.ClusterNoSuchMember(
                    name,
                    whole,
                    string.Join(", ", file.Members.Select(static m => m.Name))
                )
            );
        return new Membership
        {
            Book = new MembershipBook(file, name, whole),
            Path = whole,
            Self = self,
            Tls = LoadTls(file, self, System.IO.Path.GetDirectoryName(whole)!),
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

    /// <exception cref="CommandFailedException">A certificate is missing or not what it should be.</exception>
    private static PeerTls? LoadTls(ClusterFile file, ClusterMember self, string directory)
    {
        if (file.Authority is not { } authority)
        {
            return null;
        }
        string Resolve(string path) => System.IO.Path.GetFullPath(path, directory);
        try
        {
            return PeerTls.Load(
                Resolve(self.Certificate!),
                Resolve(self.CertificateKey!),
                Resolve(authority),
                file.Members.Select(static m => m.Name)
            );
        }
        catch (Exception e)
            when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(
                ExitCode.Usage,
                Text.ClusterCertificateBad(self.Name, e.Message)
            );
        }
    }

    /// <summary>Certificates admit whoever belongs now.</summary>
    public void FollowBook()
    {
        if (Tls is { } tls)
        {
            Book.Changed += file => tls.Admit(file.Members.Select(static m => m.Name));
        }
    }

    /// <summary>The log's options of this member.</summary>
    public RaftLogOptions Configure(RaftLogOptions options) =>
        options with
        {
            Lineage = LineageId.Parse(File.Lineage),
            Tls = Tls,
            Endpoint = Self.RaftEndpoint,
            ListenEndpoint = RaftListen,
            Book = Book,
            LowerElectionTimeoutMs = File.Timeouts.ElectionMsMin,
            UpperElectionTimeoutMs = File.Timeouts.ElectionMsMax,
            RequestTimeoutMs = File.Timeouts.RequestMs,
            ConnectTimeoutMs = File.Timeouts.ConnectMs,
            HeartbeatThreshold = (double)File.Timeouts.HeartbeatMs / File.Timeouts.ElectionMsMin,
        };
}
