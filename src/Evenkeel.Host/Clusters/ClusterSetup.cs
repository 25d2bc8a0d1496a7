using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Serving;
using Evenkeel.Journal.Access;
using Evenkeel.Model.Clusters;
using Evenkeel.Replication;

namespace Evenkeel.Host.Clusters;

/// <summary>Makes what a cluster on one machine needs before its first start, once.</summary>
internal static class ClusterSetup
{
    public const string FileName = "cluster.json";

    /// <summary>The first member's Raft port is one above.</summary>
    private const int RaftPortDefault = 4170;

    public static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, FileName);

    public static bool Exists(string dataDirectory) => File.Exists(PathIn(dataDirectory));

    /// <summary>The cluster file of the directory, made when it is not there yet.</summary>
    /// <param name="nodes">Members; null = as the file says.</param>
    /// <exception cref="CommandFailedException">The directory holds something else.</exception>
    public static ClusterFile ReadOrMake(ServeSettings settings, int? nodes)
    {
        var path = PathIn(settings.DataDirectory);
        if (File.Exists(path))
        {
            var file = Membership.ReadFile(path);
            return nodes is null || nodes == file.Members.Count
                ? file
                : throw new CommandFailedException(
                    ExitCode.Usage,
                    Text.ClusterOtherCount(path, file.Members.Count, nodes.Value)
                );
        }
        if (File.Exists(Path.Combine(settings.DataDirectory, "lineage.json")))
        {
            throw new CommandFailedException(
                ExitCode.NotDone,
                Text.ClusterIsSingle(settings.DataDirectory)
            );
        }
        Directory.CreateDirectory(settings.DataDirectory);
        // The key first: when the file is there, the key is.
        KeepOperatorKey(settings.DataDirectory);
        var made = Make(settings, nodes ?? 3);
        // Before the file is there: once it is, an empty directory is one that was lost.
        foreach (var member in made.Members)
        {
            MemberStart.MarkFounding(Path.Combine(settings.DataDirectory, member.Name));
        }
        made.Write(path);
        return made;
    }

    private static ClusterFile Make(ServeSettings settings, int nodes)
    {
        using var ports = new Ports(settings.Address);
        string Host(int port) => new IPEndPoint(settings.Address, port).ToString();
        var gateway = ports.Take(settings.RestPort, 0);
        return new ClusterFile
        {
            FormatVersion = ClusterFile.FormatVersionNow,
            Lineage = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
            Members =
            [
                .. Enumerable
                    .Range(1, nodes)
                    .Select(number => new ClusterMember
                    {
                        Name = string.Create(CultureInfo.InvariantCulture, $"n{number}"),
                        Raft = Host(ports.Take(settings.Port == 0 ? 0 : RaftPortDefault, number)),
                        Binary = Host(ports.Take(settings.Port, number)),
                        Rest = $"http://{Host(ports.Take(settings.RestPort, number))}",
                    }),
            ],
            Gateway = new ClusterGateway { Rest = $"http://{Host(gateway)}" },
            Budgets =
                settings.AccountsMax is null && settings.TransferIdsMax is null
                    ? null
                    : new ClusterBudgets
                    {
                        AccountsMax = settings.AccountsMax,
                        TransferIdsMax = settings.TransferIdsMax,
                    },
        };
    }

    private static void KeepOperatorKey(string dataDirectory)
    {
        if (OperatorKey.Read(dataDirectory) is null)
        {
            OperatorKey.Write(dataDirectory, ApiKeyToken.Create(number: 1).Reveal());
        }
    }

    /// <summary>Ports by number, or any free ones; those are held until all are chosen.</summary>
    private sealed class Ports(IPAddress address) : IDisposable
    {
        private readonly List<Socket> _held = [];

        public int Take(int firstPort, int number)
        {
            if (firstPort != 0)
            {
                return firstPort + number;
            }
            Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            _held.Add(socket);
            socket.Bind(new IPEndPoint(address, 0));
            return ((IPEndPoint)socket.LocalEndPoint!).Port;
        }

        public void Dispose() => _held.ForEach(static s => s.Dispose());
    }
}
