using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Evenkeel.Replication;

namespace Evenkeel.Host.Tests;

/// <summary>A cluster on this machine whose members speak TLS by their own authority.</summary>
internal static class CertifiedCluster
{
    /// <summary>Writes <c>cluster.json</c> beside the certificates of <c>cluster certificates</c>.</summary>
    public static void WriteFile(string home, IReadOnlyList<string> names)
    {
        var ports = FreePorts(3 * names.Count);
        JsonObject file = new()
        {
            ["formatVersion"] = 1,
            ["lineage"] = new string('7', 32),
            ["authority"] = ClusterCertificates.AuthorityName,
            // Three members under TLS and other tests share two cores.
            ["timeouts"] = new JsonObject
            {
                ["electionMsMin"] = 1_200,
                ["electionMsMax"] = 2_400,
                ["requestMs"] = 1_000,
                ["connectMs"] = 800,
                ["heartbeatMs"] = 300,
            },
            ["members"] = new JsonArray([
                .. names.Select(
                    (name, i) =>
                        new JsonObject
                        {
                            ["name"] = name,
                            ["raft"] = Host(ports[3 * i]),
                            ["binary"] = Host(ports[(3 * i) + 1]),
                            ["rest"] = $"https://{Host(ports[(3 * i) + 2])}",
                            ["certificate"] = ClusterCertificates.CertificateName(name),
                            ["certificateKey"] = ClusterCertificates.KeyName(name),
                        }
                ),
            ]),
        };
        File.WriteAllText(Path.Combine(home, "cluster.json"), file.ToJsonString());
    }

    private static string Host(int port) =>
        string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable
            .Range(0, count)
            .Select(static _ => new TcpListener(IPAddress.Loopback, 0))
            .ToList();
        listeners.ForEach(static l => l.Start());
        var ports = listeners.ConvertAll(static l => ((IPEndPoint)l.LocalEndpoint).Port);
        listeners.ForEach(static l => l.Stop());
        return [.. ports];
    }
}
