using System.Globalization;
using System.Text.Json.Nodes;
using Evenkeel.Host.Clusters;
using Evenkeel.Replication;
using Evenkeel.Watch.Drills.TestBed;

namespace Evenkeel.Host.Benches;

/// <summary>Compares what the nodes of a test bed hold.</summary>
internal static class NodeDigests
{
    private const string Statement = "/peer/v1/statement";
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// State digests as the running nodes state them, at positions that all have had. Waits until there
    /// is one beyond where the log stood at the call.
    /// </summary>
    /// <returns>Positions compared, and whether all were equal; none when nodes state no digests.</returns>
    public static async Task<(int Positions, bool Equal)> CompareStatesAsync(
        TestCluster cluster,
        CancellationToken cancellationToken
    )
    {
        using HttpClient http = new(new SocketsHttpHandler { UseProxy = false });
        http.DefaultRequestHeaders.Add(PeerSecret.Header, PeerSecret.ReadOrMake(cluster.Directory));
        using CancellationTokenSource late = new(WaitMax);
        Dictionary<ulong, string>[] stated = [];
        ulong from = 0;
        while (!late.IsCancellationRequested)
        {
            var statements = await Task.WhenAll(
                    cluster.Nodes.Select(n => StatementAsync(http, n, cancellationToken))
                )
                .ConfigureAwait(false);
            if (statements.All(s => s is not null))
            {
                stated = [.. statements.Select(s => Digests(s!))];
                from = from > 0 ? from : statements.Max(s => Number(s!["appliedIndex"]));
                if (Common(stated).Any(i => i >= from))
                {
                    break;
                }
            }
            await Task.Delay(Poll, cancellationToken).ConfigureAwait(false);
        }
        var common = Common(stated);
        return (
            common.Length,
            common.All(i => stated.Select(d => d[i]).Distinct(StringComparer.Ordinal).Count() == 1)
        );
    }

    /// <summary>
    /// Ends the nodes as planned and compares the chain hashes of their archives at the last entry
    /// that all have: equal there means equal in every byte before.
    /// </summary>
    public static async Task<bool> StopAndCompareArchivesAsync(TestCluster cluster)
    {
        await Task.WhenAll(cluster.Nodes.Select(n => n.TerminateAsync())).ConfigureAwait(false);
        var last = cluster.Nodes.Min(n => Walk(n.DataDirectory, ulong.MaxValue).Index);
        return last > 0
            && cluster
                .Nodes.Select(n => Walk(n.DataDirectory, last).Chain)
                .Distinct(StringComparer.Ordinal)
                .Count() == 1;
    }

    private static (ulong Index, string Chain) Walk(string directory, ulong until)
    {
        using ArchiveReader reader = new(Path.Combine(directory, "archive"), fromIndex: 1);
        while (reader.Index < until && reader.Read())
        {
            // Each entry is checked against the chain on the way.
        }
        return (reader.Index, reader.Chain.ToString());
    }

    private static ulong[] Common(Dictionary<ulong, string>[] stated) =>
        stated.Length == 0
            ? []
            : [.. stated[0].Keys.Where(i => Array.TrueForAll(stated, d => d.ContainsKey(i)))];

    private static Dictionary<ulong, string> Digests(JsonObject statement) =>
        ((JsonArray?)statement["digests"] ?? [])
            .OfType<JsonObject>()
            .ToDictionary(d => Number(d["index"]), d => (string?)d["state"] ?? "");

    private static ulong Number(JsonNode? node) =>
        ulong.TryParse(node?.ToString(), CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static async Task<JsonObject?> StatementAsync(
        HttpClient http,
        TestNode node,
        CancellationToken cancellationToken
    )
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(node.Rest, Statement), cancellationToken)
                .ConfigureAwait(false);
            return answer.IsSuccessStatusCode
                ? JsonNode.Parse(
                    await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false)
                ) as JsonObject
                : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
