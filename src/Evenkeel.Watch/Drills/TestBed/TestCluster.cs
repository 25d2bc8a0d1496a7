using System.Net;
using System.Security.Cryptography;
using Evenkeel.Journal.Access;
using Evenkeel.Model.Clusters;

namespace Evenkeel.Watch.Drills.TestBed;

/// <summary>How a test bed is made.</summary>
public sealed record TestClusterOptions
{
    /// <summary>Path of the executable <c>evenkeel</c>.</summary>
    public required string Binary { get; init; }

    /// <summary>Where everything is kept; null = a new directory that is removed at the end.</summary>
    public string? Directory { get; init; }

    public int Nodes { get; init; } = 3;

    /// <summary>Adjusts a node before its first start.</summary>
    public Action<TestNode> Prepare { get; init; } = static _ => { };

    /// <summary>Changes what is written into the cluster's file.</summary>
    public Func<ClusterFile, ClusterFile> Configure { get; init; } = static file => file;

    /// <summary>Starts a gateway as well.</summary>
    public bool WithGateway { get; init; }

    public TimeSpan StartMax { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>
/// A bank of real processes on this machine, each peer connection through our own fault proxy. Gone
/// at the end, however that comes.
/// </summary>
public sealed class TestCluster : IAsyncDisposable
{
    private readonly List<FaultProxy> _proxies = [];
    private List<TestNode> _nodes;
    private readonly Dictionary<(string From, string To), Direction> _directions = [];
    private readonly bool _isScratch;
    private int _lookUps;

    private TestCluster(TestClusterOptions options)
    {
        Options = options;
        _isScratch = options.Directory is null;
        Directory =
            options.Directory
            ?? System.IO.Directory.CreateTempSubdirectory("evenkeel-bed-").FullName;
        System.IO.Directory.CreateDirectory(Directory);
        ClusterFile = Path.Combine(Directory, "cluster.json");
        Http = new StatusClient { PeerSecretFile = Path.Combine(Directory, "peer.secret") };
        _nodes =
        [
            .. Enumerable.Range(0, options.Nodes).Select(i => new TestNode(this, $"n{i + 1}", i)),
        ];
        Gateway = options.WithGateway ? new TestGateway(this) : null;
    }

    public TestClusterOptions Options { get; }

    public string Directory { get; }

    public string ClusterFile { get; }

    /// <summary>Of the cluster as it was founded, then those that joined.</summary>
    public IReadOnlyList<TestNode> Nodes => _nodes;

    public IReadOnlyList<EndPoint> BinaryEndpoints => [.. Nodes.Select(n => (EndPoint)n.Binary)];

    /// <summary>Null when the bed has none.</summary>
    public TestGateway? Gateway { get; }

    /// <summary>The operator's key.</summary>
    public string Key { get; } = ApiKeyToken.Create(number: 1).Reveal();

    internal string KeyFile => Path.Combine(Directory, "operator.key");

    internal StatusClient Http { get; }

    /// <summary>How often the kernel had to be asked who dialled.</summary>
    public int LookUps => Volatile.Read(ref _lookUps);

    /// <summary>Starts all nodes; returns when one leads and all take part.</summary>
    public static async Task<TestCluster> StartAsync(
        TestClusterOptions options,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        TestCluster cluster = new(options);
        try
        {
            await cluster.OpenAsync(cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public TestNode this[string name] =>
        Nodes.Single(n => string.Equals(n.Name, name, StringComparison.Ordinal));

    /// <summary>What becomes of bytes from one node to another.</summary>
    public Direction Between(TestNode from, TestNode to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        return _directions[(from.Name, to.Name)];
    }

    /// <summary>Every direction to and from this node.</summary>
    public IReadOnlyList<Direction> Around(TestNode node) => [.. ToNode(node), .. FromNode(node)];

    public IReadOnlyList<Direction> ToNode(TestNode node) =>
        [.. Others(node).Select(other => Between(other, node))];

    public IReadOnlyList<Direction> FromNode(TestNode node) =>
        [.. Others(node).Select(other => Between(node, other))];

    public IEnumerable<TestNode> Others(TestNode node) => Nodes.Where(n => n != node);

    /// <summary>
    /// A node that the cluster does not know yet, with lines of its own to everybody. Started with a
    /// file to join with (<see cref="TestNode.ClusterFile"/>).
    /// </summary>
    public TestNode AddNode()
    {
        TestNode node = new(this, $"n{_proxies.Count + 1}", _proxies.Count);
        foreach (TestNode other in _nodes)
        {
            _directions[(other.Name, node.Name)] = new Direction();
            _directions[(node.Name, other.Name)] = new Direction();
        }
        _proxies.Add(new FaultProxy(() => node.RaftListen, dialled => Find(dialled, node)));
        _nodes = [.. _nodes, node];
        return node;
    }

    /// <summary>It does not belong any more: nobody waits for it, and nothing is compared with it.</summary>
    public void Forget(TestNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        node.End();
        _nodes = [.. _nodes.Where(n => n != node)];
    }

    /// <summary>Where its peers dial a node: its name among them.</summary>
    public string RaftAddressOf(TestNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return _proxies[node.Number].Endpoint.ToString();
    }

    /// <summary>All lines between nodes as if there were no proxy.</summary>
    public void Heal()
    {
        foreach (Direction direction in _directions.Values)
        {
            direction.Reset();
        }
    }

    /// <summary>Breaks the open connections to a node, as a router does that restarts.</summary>
    public void BreakConnectionsTo(TestNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        _proxies[node.Number].BreakConnections();
    }

    /// <summary>A cluster's file with another limit table, for a node that is to drift.</summary>
    /// <returns>Its path, for <see cref="TestNode.ClusterFile"/>.</returns>
    public string WriteDriftedFile()
    {
        // Beside the right one, so that secrets and certificates are found from it as well.
        string path = Path.Combine(Directory, "cluster-drifted.json");
        ClusterFile right = Evenkeel.Model.Clusters.ClusterFile.Read(ClusterFile);
        ClusterBudgets drifted = new() { AccountsMax = 1_000_003, TransferIdsMax = 5_000_011 };
        (right with { Budgets = drifted }).Write(path);
        return path;
    }

    /// <summary>The node that says it leads, when exactly one does.</summary>
    public async Task<TestNode?> FindLeaderAsync(CancellationToken cancellationToken)
    {
        bool[] leads = await Task.WhenAll(
            Nodes.Select(n =>
                n is { IsRunning: true, IsPaused: false }
                    ? n.AnswersAsync("/leaderz", cancellationToken)
                    : Task.FromResult(false)
            )
        );
        return leads.Count(l => l) == 1 ? Nodes[Array.IndexOf(leads, true)] : null;
    }

    /// <exception cref="TimeoutException">Nobody leads in time.</exception>
    public async Task<TestNode> LeaderAsync(
        CancellationToken cancellationToken,
        TestNode? otherThan = null
    )
    {
        TestNode? leader = null;
        await Patience.UntilAsync(
            "a leader",
            Options.StartMax,
            async () =>
                (leader = await FindLeaderAsync(cancellationToken)) is not null
                && leader != otherThan,
            cancellationToken
        );
        return leader!;
    }

    /// <summary>Waits until every node that runs is ready, and one leads.</summary>
    public Task WaitReadyAsync(CancellationToken cancellationToken) =>
        Patience.UntilAsync(
            "all nodes are ready",
            Options.StartMax,
            async () =>
            {
                bool[] ready = await Task.WhenAll(
                    Nodes
                        .Where(n => n is { IsRunning: true, IsPaused: false })
                        .Select(n => n.AnswersAsync("/readyz", cancellationToken))
                );
                return ready.All(r => r) && await FindLeaderAsync(cancellationToken) is not null;
            },
            cancellationToken
        );

    public async ValueTask DisposeAsync()
    {
        Gateway?.End();
        foreach (TestNode node in Nodes)
        {
            node.End();
        }
        foreach (FaultProxy proxy in _proxies)
        {
            await proxy.DisposeAsync();
        }
        Http.Dispose();
        if (_isScratch)
        {
            System.IO.Directory.Delete(Directory, recursive: true);
        }
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        foreach (TestNode to in Nodes)
        {
            foreach (TestNode from in Others(to))
            {
                _directions[(from.Name, to.Name)] = new Direction();
            }
            _proxies.Add(new FaultProxy(() => to.RaftListen, dialled => Find(dialled, to)));
        }
        await WriteFilesAsync(cancellationToken);
        foreach (TestNode node in Nodes)
        {
            Options.Prepare(node);
            node.Start(isFounding: true);
        }
        await WaitReadyAsync(cancellationToken);
        foreach (TestNode node in Nodes)
        {
            await WaitForKeyAsync(node, cancellationToken);
        }
        if (Gateway is { } gateway)
        {
            await gateway.StartAsync(cancellationToken);
        }
    }

    /// <summary>The first leader makes the key valid; then each node hears of it.</summary>
    private Task WaitForKeyAsync(TestNode node, CancellationToken cancellationToken) =>
        Patience.UntilAsync(
            $"{node.Name} knows the operator's key",
            Options.StartMax,
            async () =>
                (await Http.GetAsync(new Uri(node.Rest, "/v1/keys"), Key, cancellationToken)).Status
                    is not (null or HttpStatusCode.Unauthorized),
            cancellationToken
        );

    private async Task WriteFilesAsync(CancellationToken cancellationToken)
    {
        if (File.Exists(ClusterFile))
        {
            throw new IOException($"{Directory} holds a cluster already.");
        }
        var file = new ClusterFile
        {
            FormatVersion = Evenkeel.Model.Clusters.ClusterFile.FormatVersionNow,
            Lineage = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
            Members =
            [
                .. Nodes.Select(node => new ClusterMember
                {
                    Name = node.Name,
                    Raft = _proxies[node.Number].Endpoint.ToString(),
                    Binary = node.Binary.ToString(),
                    Rest = node.Rest.ToString(),
                }),
            ],
            Gateway = Gateway is null
                ? null
                : new ClusterGateway { Rest = Gateway.Rest.ToString() },
        };
        Options.Configure(file).Write(ClusterFile);
        await File.WriteAllTextAsync(KeyFile, Key + "\n", cancellationToken);
    }

    /// <summary>
    /// Each request of the consensus engine names the member that sends it. Where the first bytes do
    /// not, the kernel says which process dialled; that is exact, but slow on a busy machine.
    /// </summary>
    private (Direction There, Direction Back)? Find(Dialled dialled, TestNode to)
    {
        TestNode? from = Others(to)
            .FirstOrDefault(n => dialled.FirstBytes.Span.IndexOf(_proxies[n.Number].MemberId) >= 0);
        if (from is null)
        {
            TestNode[] others = [.. Others(to).Where(n => n.IsRunning)];
            int? owner = SocketOwners.Find(
                dialled.End,
                dialled.Port,
                others.Select(n => n.Process.Id)
            );
            from = others.FirstOrDefault(n => n.Process.Id == owner);
            Interlocked.Increment(ref _lookUps);
        }
        return from is null ? null : (Between(from, to), Between(to, from));
    }
}
