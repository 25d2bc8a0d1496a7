using System.Net;

namespace Evenkeel.Bench;

/// <summary>A node, or a cluster of them, in processes and a data directory of its own, for one measurement.</summary>
public interface INodeUnderTest : IAsyncDisposable
{
    /// <summary>Of its binary protocol; several when it is a cluster.</summary>
    IReadOnlyList<EndPoint> Endpoints { get; }

    string ApiKey { get; }

    string DataDirectory { get; }

    /// <summary>Memory that the process holds in RAM, bytes.</summary>
    long ResidentBytes { get; }

    /// <summary>Ends the process as a power cut would, as far as a signal can.</summary>
    Task KillAsync(CancellationToken cancellationToken);

    /// <summary>Starts it again on the same directory; returns when it answers.</summary>
    Task StartAsync(CancellationToken cancellationToken);
}

/// <summary>Starts a node on an empty directory; returns when it answers.</summary>
public delegate Task<INodeUnderTest> StartNode(CancellationToken cancellationToken);
