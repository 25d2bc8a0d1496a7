using System.Text.Json.Nodes;
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
        var digests = await Task.WhenAll(
            cluster.Nodes.Select(n => DigestsAsync(cluster, n, cancellationToken))
        );
        await Task.WhenAll(cluster.Nodes.Select(n => n.TerminateAsync()));
        var chains = ArchiveChains.Read(
            [.. cluster.Nodes.Select(n => (n.Name, n.VisibleDirectory))],
            cancellationToken
        );
        return
        [
            .. cluster.Nodes.Zip(
                digests,
                (n, own) => new NodeEvidence(n.Name, own, chains[n.Name])
            ),
        ];
    }

    /// <summary>The digests that a node has taken at positions which the log determines.</summary>
    private static async Task<IReadOnlyDictionary<ulong, string>> DigestsAsync(
        TestCluster cluster,
        TestNode node,
        CancellationToken cancellationToken
    )
    {
        var (_, body) = await cluster.Http.GetAsync(
            new Uri(node.Rest, "/peer/v1/statement"),
            cluster.Key,
            cancellationToken
        );
        Dictionary<ulong, string> digests = [];
        foreach (JsonNode? digest in body?["digests"] as JsonArray ?? [])
        {
            digests[(ulong)digest!["index"]!] = (string)digest["state"]!;
        }
        return digests;
    }
}
