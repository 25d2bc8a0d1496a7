using Evenkeel.Watch.Drills.Checking;
using Evenkeel.Watch.Drills.TestBed;

namespace Evenkeel.Watch.Drills.Measuring;

/// <summary>What the nodes of a test bed say and keep, to be compared with each other.</summary>
internal static class NodeComparison
{
    /// <summary>
    /// Stops the nodes as planned before their files are read: the end of a file that is being
    /// written says nothing.
    /// </summary>
    public static async Task<IReadOnlyList<NodeEvidence>> ReadAndStopAsync(
        TestCluster cluster,
        CancellationToken cancellationToken
    )
    {
        await Task.WhenAll(cluster.Nodes.Select(n => n.TerminateAsync()));
        var chains = ArchiveChains.Read(
            [.. cluster.Nodes.Select(n => (n.Name, n.VisibleDirectory))],
            cancellationToken
        );
        return
        [
            .. cluster.Nodes.Select(n => new NodeEvidence(
                n.Name,
                new Dictionary<ulong, string>(),
                chains[n.Name]
            )),
        ];
    }
}
