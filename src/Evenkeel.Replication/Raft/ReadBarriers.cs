namespace Evenkeel.Replication;

/// <summary>
/// One barrier serves every read that arrived before it started: while one runs, those who come
/// wait for the next, together.
/// </summary>
internal sealed class ReadBarriers(Func<CancellationToken, Task> barrier, TimeSpan timeout)
{
    private readonly Lock gate = new();
    private Task running = Task.CompletedTask;
    private Task? next;

    /// <exception cref="InvalidOperationException">There is no leader to ask, or it was deposed.</exception>
    /// <exception cref="TimeoutException">No quorum answered in time.</exception>
    public Task PassAsync(CancellationToken cancellationToken)
    {
        Task mine;
        lock (gate)
        {
            mine = next ??= RunAsync(running);
        }
        return mine.WaitAsync(cancellationToken);
    }

    private async Task RunAsync(Task before)
    {
        await before.ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding
        );
        lock (gate)
        {
            // Whoever comes from now on came after this one started.
            running = next!;
            next = null;
        }
        using var patience = new CancellationTokenSource(timeout);
        try
        {
            await barrier(patience.Token);
        }
        catch (OperationCanceledException late) when (patience.IsCancellationRequested)
        {
            throw new TimeoutException("No quorum confirmed the leader in time.", late);
        }
        catch (Exception failure)
            when (failure is IOException or HttpRequestException or ObjectDisposedException
                || failure is DotNext.Net.Cluster.Consensus.Raft.LeaderOperationException
            )
        {
            throw new InvalidOperationException(failure.Message, failure);
        }
    }
}
