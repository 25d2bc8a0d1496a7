using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text.Json.Serialization;

namespace Evenkeel.Model.Clusters;

/// <summary>One member, as the others reach it.</summary>
public sealed record ClusterMember
{
    /// <summary>Letters, digits, '-': also the name of its directory.</summary>
    public required string Name { get; init; }

    /// <summary>ADDRESS:PORT where its peers reach its consensus engine: its identity in the log.</summary>
    public required string Raft { get; init; }

    /// <summary>HOST:PORT of the binary protocol.</summary>
    public required string Binary { get; init; }

    /// <summary>URL of the REST interface, which also serves its peers.</summary>
    public required string Rest { get; init; }

    /// <summary>PEM file of its certificate; relative to the cluster file.</summary>
    public string? Certificate { get; set; }

    /// <summary>PEM file of the certificate's private key; relative to the cluster file.</summary>
    public string? CertificateKey { get; set; }

    [JsonIgnore]
    public IPEndPoint RaftEndpoint => IPEndPoint.Parse(Raft);

    [JsonIgnore]
    public Uri RestAddress => new(Rest);

    internal bool TryParseRaft([NotNullWhen(true)] out IPEndPoint? endpoint) =>
        IPEndPoint.TryParse(Raft, out endpoint) && endpoint.Port != 0;

    internal IEnumerable<string> Problems()
    {
        if (
            Name.Length is 0 or > ClusterFile.NameCharsMax
            || !Name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-')
        )
        {
            yield return $"member \"{Name}\": a name has 1 to {ClusterFile.NameCharsMax} letters, "
                + "digits or '-'";
        }
        if (!TryParseRaft(out IPEndPoint? raft))
        {
            yield return $"member {Name}: raft must be ADDRESS:PORT, not \"{Raft}\"";
        }
        else if (raft.Address.Equals(IPAddress.Any) || raft.Address.Equals(IPAddress.IPv6Any))
        {
            yield return $"member {Name}: raft must be an address that others can call";
        }
        if (!IsHostAndPort(Binary))
        {
            yield return $"member {Name}: binary must be HOST:PORT, not \"{Binary}\"";
        }
        if (
            !Uri.TryCreate(Rest, UriKind.Absolute, out Uri? rest)
            || rest.Scheme is not ("http" or "https")
            || rest.Port <= 0
        )
        {
            yield return $"member {Name}: rest must be http://HOST:PORT or https://, not \"{Rest}\"";
        }
    }

    private static bool IsHostAndPort(string text)
    {
        int colon = text.LastIndexOf(':');
        return colon > 0
            && ushort.TryParse(text.AsSpan(colon + 1), out ushort port)
            && port != 0
            && (
                IPAddress.TryParse(text.AsSpan(0, colon), out _)
                || Uri.CheckHostName(text[..colon]) != UriHostNameType.Unknown
            );
    }
}

/// <summary>Times of the consensus engine, each in milliseconds.</summary>
public sealed record ClusterTimeouts
{
    /// <summary>A follower that hears nothing for at least so long stands for election.</summary>
    public int ElectionMsMin { get; set; } = 150;

    public int ElectionMsMax { get; set; } = 300;

    /// <summary>Of one message; below <see cref="ElectionMsMin"/>, since a vote waits for every member.</summary>
    public int RequestMs { get; set; } = 120;

    public int ConnectMs { get; set; } = 50;

    /// <summary>Heartbeats come so often; below <see cref="ElectionMsMin"/>.</summary>
    public int HeartbeatMs { get; set; } = 45;

    internal IEnumerable<string> Problems()
    {
        if (ElectionMsMin is < 20 or > 60_000 || ElectionMsMax > 120_000)
        {
            yield return "timeouts: electionMsMin must be 20 to 60000, electionMsMax at most 120000";
        }
        if (ElectionMsMax <= ElectionMsMin)
        {
            yield return "timeouts: electionMsMax must be above electionMsMin";
        }
        if (RequestMs < 1 || RequestMs >= ElectionMsMin)
        {
            yield return "timeouts: requestMs must be below electionMsMin";
        }
        if (ConnectMs < 1 || ConnectMs > RequestMs)
        {
            yield return "timeouts: connectMs must be at most requestMs";
        }
        if (HeartbeatMs < 1 || HeartbeatMs >= ElectionMsMin)
        {
            yield return "timeouts: heartbeatMs must be below electionMsMin";
        }
    }
}

/// <summary>How much each member may remember; null = the node's own default.</summary>
public sealed record ClusterBudgets
{
    public long? AccountsMax { get; set; }

    public long? TransferIdsMax { get; set; }
}

/// <summary>Where customers' requests come in.</summary>
public sealed record ClusterGateway
{
    /// <summary>URL of the gateway's REST interface.</summary>
    public required string Rest { get; init; }

    /// <summary>PEM file of its certificate; relative to the cluster file.</summary>
    public string? Certificate { get; set; }

    /// <summary>PEM file of the certificate's private key; relative to the cluster file.</summary>
    public string? CertificateKey { get; set; }
}
