using Evenkeel.Watch.Upgrades.Rolling;

namespace Evenkeel.Watch.Drills.TestBed;

/// <summary>
/// Plays the supervisor of <c>run --nodes</c> for a test bed: what ends is started again, as the
/// program that the node's directory names (docs/formats/upgrade.md).
/// </summary>
public sealed class BedSupervisor : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly TestCluster _cluster;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public BedSupervisor(TestCluster cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        _cluster = cluster;
        foreach (TestNode node in cluster.Nodes)
        {
            Note(node);
        }
        _running = RunAsync();
    }

    /// <summary>Starts nothing any more; the nodes go on.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            foreach (TestNode node in _cluster.Nodes.Where(n => !n.IsRunning))
            {
                node.BinaryPath = NodeProgram.Chosen(node.DataDirectory, ProgramOf(node));
                node.Start();
                Note(node);
            }
            await Task.Delay(Look, _stop.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Note(TestNode node) =>
        NodeProgram.NoteStarted(node.DataDirectory, node.Process.Id, ProgramOf(node));

    private string ProgramOf(TestNode node) => node.BinaryPath ?? _cluster.Options.Binary;
}
