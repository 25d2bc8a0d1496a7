using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.Node;
using Evenkeel.Node.Protocol;

namespace Evenkeel.Cluster.Tests;

/// <summary>A node in a process of its own, to be killed without warning.</summary>
internal sealed class NodeProcess : IDisposable
{
    public const string DirectoryVariable = "EVENKEEL_CLUSTER_NODE_DIRECTORY";
    private const string PortVariable = "EVENKEEL_CLUSTER_NODE_PORT";
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private NodeProcess(Process process, string token, string digest)
    {
        _process = process;
        Token = token;
        Digest = digest;
    }

    /// <summary>A key with every scope, made at this start.</summary>
    public string Token { get; }

    /// <summary>Digest of the ledger after recovery, before anything was served.</summary>
    public string Digest { get; }

    public static async Task<NodeProcess> StartAsync(string directory, int port)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment[DirectoryVariable] = directory;
        start.Environment[PortVariable] = port.ToString(CultureInfo.InvariantCulture);
        Process process = Process.Start(start)!;
        string? line = await process.StandardOutput.ReadLineAsync().WaitAsync(StartPatience);
        string[] words = (line ?? "").Split(' ');
        return words is ["ready", var token, var digest]
            ? new NodeProcess(process, token, digest)
            : throw new InvalidOperationException($"The node said: {line}");
    }

    /// <summary>Digest of the ledger now; nothing may be written meanwhile.</summary>
    public async Task<string> AskDigestAsync()
    {
        await _process.StandardInput.WriteLineAsync("digest");
        return (await _process.StandardOutput.ReadLineAsync().WaitAsync(StartPatience))!;
    }

    /// <summary>SIGKILL: nothing of the process runs afterwards.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
        _process.Dispose();
    }

    public static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>What the child process does.</summary>
    public static async Task ServeAsync(string directory)
    {
        int port = int.Parse(
            Environment.GetEnvironmentVariable(PortVariable)!,
            CultureInfo.InvariantCulture
        );
        var options = new NodeOptions
        {
            DataDirectory = directory,
            Protocol = new ProtocolOptions { Endpoint = new IPEndPoint(IPAddress.Loopback, port) },
            Ledger = new(),
            // Small, so that kills meet snapshots, new files and trimming as well.
            ConfigureLog = log =>
                log with
                {
                    ChunkBytes = 1 << 20,
                    SegmentBytesMax = 4 << 20,
                    SnapshotEveryBytes = 6 << 20,
                    DiskFloorBytes = 16 << 20,
                },
        };
        await using EvenkeelNode node = await EvenkeelNode.StartAsync(options);
        string digest = DigestOf(node);
        Answer<IssueOutcome> key = await node.Keys.IssueAsync(
            "cluster test",
            KeyScopes.All,
            issuedBy: 0,
            firstOnly: false,
            CancellationToken.None
        );
        string token = ((Answer<IssueOutcome>.Done)key).Value.Issued!.Token.Reveal();
        Say($"ready {token} {digest}");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            if (line == "digest")
            {
                Say(DigestOf(node));
            }
        }
    }

    private static string DigestOf(EvenkeelNode node) =>
        node.ComputeDigest().Ledger.ToString("x32", CultureInfo.InvariantCulture);

    private static void Say(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }
}
