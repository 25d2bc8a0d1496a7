using Microsoft.Extensions.Logging;

namespace Evenkeel.Gateway.Leaders;

/// <summary>
/// Knows who leads: each node is asked on its own loop, so that a hanging one delays nobody, and a
/// request that was sent away makes all loops ask at once.
/// </summary>
internal sealed class LeaderFinder : IAsyncDisposable
{
    private readonly GatewayOptions _options;
    private readonly ILeaderProbe _probe;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private volatile NodeState[] _nodes;
    private Task _following = Task.CompletedTask;
    private TaskCompletionSource _found = New();
    private Leadership? _current;
    private Leadership? _last;

    public LeaderFinder(
        GatewayOptions options,
        ILeaderProbe probe,
        TimeProvider time,
        ILogger<LeaderFinder> log
    )
    {
        _options = options;
        _probe = probe;
        _time = time;
        _log = log;
        _nodes = [.. options.Nodes.Select(n => new NodeState(n))];
    }

    /// <summary>What one node said last.</summary>
    private sealed class NodeState(NodeAddress node)
    {
        public NodeAddress Node => node;
        public Task Loop { get; set; } = Task.CompletedTask;
        public CancellationTokenSource Gone { get; } = new();
        public ProbeAnswer Answer { get; set; }
        public SemaphoreSlim Wake { get; } = new(0, 1);
    }

    /// <summary>Null while nobody is known to lead.</summary>
    public Leadership? Current => Volatile.Read(ref _current);

    public void Start()
    {
        Array.ForEach(_nodes, Begin);
        if (_options.NodesNow is { } now)
        {
            _following = FollowAsync(now);
        }
    }

    private void Begin(NodeState node) =>
        node.Loop = Task.Run(() => AskAsync(node), CancellationToken.None);

    /// <summary>Nodes come and go while the gateway serves.</summary>
    private async Task FollowAsync(Func<IReadOnlyList<NodeAddress>?> now)
    {
        while (!_stopping.IsCancellationRequested)
        {
            await Task.Delay(_options.NodesEvery, _time, _stopping.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (now() is not { Count: > 0 } listed)
            {
                continue;
            }
            NodeState[] before = _nodes;
            NodeState[] gone = [.. before.Where(n => !listed.Contains(n.Node))];
            NodeState[] added =
            [
                .. listed
                    .Where(l => !Array.Exists(before, n => n.Node == l))
                    .Select(l => new NodeState(l)),
            ];
            if (gone.Length + added.Length == 0)
            {
                continue;
            }
            lock (_gate)
            {
                _nodes = [.. before.Except(gone), .. added];
                Decide();
            }
            Array.ForEach(added, Begin);
            foreach (NodeState node in gone)
            {
                await node.Gone.CancelAsync();
                await node.Loop;
                node.Gone.Dispose();
            }
        }
    }

    /// <summary>The leader, as soon as there is one.</summary>
    public async ValueTask<Leadership> WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task found;
            lock (_gate)
            {
                if (_current is { } leader)
                {
                    return leader;
                }
                found = _found.Task;
            }
            await found.WaitAsync(cancellationToken);
        }
    }

    /// <summary>
    /// A request found that it does not lead, or is gone. Until a node says that it leads, requests
    /// are held.
    /// </summary>
    public void Suspect(Leadership leader)
    {
        lock (_gate)
        {
            if (_current != leader)
            {
                return;
            }
            foreach (NodeState node in _nodes)
            {
                if (node.Node == leader.Node)
                {
                    node.Answer = default;
                }
            }
            Publish(null);
        }
        WakeAll();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _following;
        await Task.WhenAll(_nodes.Select(n => n.Loop));
        foreach (NodeState node in _nodes)
        {
            node.Gone.Dispose();
        }
        _stopping.Dispose();
    }

    private async Task AskAsync(NodeState node)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            _stopping.Token,
            node.Gone.Token
        );
        CancellationToken stopping = either.Token;
        while (!stopping.IsCancellationRequested)
        {
            ProbeAnswer answer = await _probe.AskAsync(node.Node, stopping);
            lock (_gate)
            {
                node.Answer = answer;
                Decide();
            }
            TimeSpan pause = Current is null
                ? _options.ProbeWhileUnknownEvery
                : _options.ProbeWhileKnownEvery;
            try
            {
                await node.Wake.WaitAsync(pause, stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>
    /// The highest term wins: a leader that was cut off says that it leads until it learns better.
    /// Among equals whoever is known stays.
    /// </summary>
    private void Decide()
    {
        NodeState? best = null;
        foreach (NodeState node in _nodes)
        {
            if (
                node.Answer.Leads
                && (
                    best is null
                    || node.Answer.Term > best.Answer.Term
                    || (node.Answer.Term == best.Answer.Term && node.Node == _last?.Node)
                )
            )
            {
                best = node;
            }
        }
        if (best is null)
        {
            Publish(null);
            return;
        }
        bool isSame = _last is { } last && last.Node == best.Node && last.Term == best.Answer.Term;
        Publish(isSame ? _last : new Leadership(best.Node, best.Answer.Term, best.Answer.BankPort));
    }

    private void Publish(Leadership? leader)
    {
        if (_current == leader)
        {
            return;
        }
        Volatile.Write(ref _current, leader);
        if (leader is null)
        {
            _found = New();
            _log.LeaderUnknown(_last?.Node.Name ?? "none");
            return;
        }
        if (_last is { } former && former != leader)
        {
            _ = EndAsync(former, leader);
        }
        if (_last != leader)
        {
            _log.LeaderFound(leader.Node.Name, leader.Term);
        }
        _last = leader;
        _found.TrySetResult();
    }

    /// <summary>
    /// A former leader that answers can finish or refuse by itself; one that is silent keeps its
    /// requests waiting for nothing.
    /// </summary>
    private async Task EndAsync(Leadership former, Leadership next)
    {
        bool answers = Array.Exists(
            _nodes,
            n => n.Node == former.Node && n.Node != next.Node && n.Answer.Answered
        );
        if (answers || former.Node == next.Node)
        {
            await Task.Delay(_options.FormerLeaderGrace, _time);
        }
        former.End();
    }

    private void WakeAll()
    {
        foreach (NodeState node in _nodes)
        {
            lock (node.Wake)
            {
                if (node.Wake.CurrentCount == 0)
                {
                    node.Wake.Release();
                }
            }
        }
    }

    private static TaskCompletionSource New() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);
}
