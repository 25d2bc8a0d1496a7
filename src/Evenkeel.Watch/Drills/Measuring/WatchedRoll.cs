using System.Collections.Concurrent;
using Evenkeel.Watch.Drills.Checking;
using Evenkeel.Watch.Upgrades.Rolling;

namespace Evenkeel.Watch.Drills.Measuring;

/// <summary>
/// A cluster whose programs are exchanged, with a note of each probe and each exchange: a drill
/// measures by what the upgrade itself saw.
/// </summary>
public sealed class WatchedRoll(IRollTarget target) : IRollTarget
{
    private readonly ConcurrentQueue<(string Node, long Ns, long Bytes)> _memory = new();
    private readonly ConcurrentQueue<(string Node, long Ns, string Executable)> _exchanges = new();

    public IReadOnlyList<string> Nodes => target.Nodes;

    public Task<IReadOnlyList<NodeView>> LookAsync(CancellationToken cancellationToken) =>
        target.LookAsync(cancellationToken);

    public async Task<Probe> ProbeAsync(string node, CancellationToken cancellationToken)
    {
        Probe probe = await target.ProbeAsync(node, cancellationToken);
        _memory.Enqueue((node, CallLog.NowNs(), probe.ResidentBytes));
        return probe;
    }

    public Task HandOverAsync(string node, CancellationToken cancellationToken) =>
        target.HandOverAsync(node, cancellationToken);

    public Task RestartAsync(string node, string executable, CancellationToken cancellationToken)
    {
        _exchanges.Enqueue((node, CallLog.NowNs(), executable));
        return target.RestartAsync(node, executable, cancellationToken);
    }

    public string ExecutableOf(string node) => target.ExecutableOf(node);

    /// <summary>When a node was first seen with more memory than allowed beyond its first probe.</summary>
    /// <returns>On the clock of all calls, nanoseconds; null when it never was.</returns>
    public long? AboveNs(string node, long bytesMax)
    {
        (string Node, long Ns, long Bytes)[] seen =
        [
            .. _memory.Where(m =>
                m.Bytes > 0 && string.Equals(m.Node, node, StringComparison.Ordinal)
            ),
        ];
        return seen.Where(m => m.Bytes - seen[0].Bytes > bytesMax)
            .Select(m => (long?)m.Ns)
            .FirstOrDefault();
    }

    /// <summary>When a node's process was last ended to be started as this program.</summary>
    /// <returns>On the clock of all calls, nanoseconds; null when it never was.</returns>
    public long? ExchangedNs(string node, string executable) =>
        _exchanges
            .Where(e =>
                string.Equals(e.Node, node, StringComparison.Ordinal)
                && string.Equals(e.Executable, executable, StringComparison.Ordinal)
            )
            .Select(e => (long?)e.Ns)
            .LastOrDefault();
}
