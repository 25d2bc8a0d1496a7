using Evenkeel.Node.Batching;
using Evenkeel.Replication;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Node;

/// <summary>
/// Lets the node take writes exactly while it leads: from when everything of earlier terms is
/// applied here until the log says that the leadership has ended.
/// </summary>
internal sealed class LeadershipWatch : IAsyncDisposable
{
    private readonly IReplicatedLog _log;
    private readonly Batcher _batcher;
    private readonly Func<ulong> _lastTimestamp;
    private readonly Action _onEnded;
    private readonly Action<Exception> _onFailure;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _firstLed = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private readonly Task _watching;
    private DateTimeOffset? _lastLedAt;

    /// <param name="lastTimestamp">The latest log time in the state.</param>
    /// <param name="onEnded">Called when a leadership has ended and no write is taken any more.</param>
    public LeadershipWatch(
        IReplicatedLog log,
        Batcher batcher,
        Func<ulong> lastTimestamp,
        Action onEnded,
        Action<Exception> onFailure,
        TimeProvider time,
        ILogger logger
    )
    {
        _log = log;
        _batcher = batcher;
        _lastTimestamp = lastTimestamp;
        _onEnded = onEnded;
        _onFailure = onFailure;
        _time = time;
        _logger = logger;
        _watching = Task.Run(WatchAsync);
    }

    /// <summary>Completes when this node leads for the first time.</summary>
    public Task FirstLed => _firstLed.Task;

    /// <summary>When this node led last; now while it leads; null if it never has.</summary>
    public DateTimeOffset? LastLedAt => _batcher.IsLeading ? _time.GetUtcNow() : _lastLedAt;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _watching;
        _stopping.Dispose();
    }

    private async Task WatchAsync()
    {
        try
        {
            while (true)
            {
                Leadership leadership = await _log.WaitForLeadershipAsync(_stopping.Token);
                _batcher.BeginLeading(leadership.Term, _lastTimestamp());
                _logger.Leading(leadership.Term);
                _firstLed.TrySetResult();
                await WaitForEndAsync(leadership, _stopping.Token);
                _lastLedAt = _time.GetUtcNow();
                _batcher.EndLeading();
                _onEnded();
                _logger.LeadingEnded(leadership.Term);
            }
        }
        catch (Exception ended)
            when (ended is OperationCanceledException or ObjectDisposedException
                && _stopping.IsCancellationRequested
            )
        {
            _firstLed.TrySetCanceled();
        }
#pragma warning disable CA1031 // Whatever it is: a node that can't tell whether it leads must stop.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _batcher.EndLeading();
            _firstLed.TrySetException(failure);
            _onFailure(failure);
        }
    }

    private static async Task WaitForEndAsync(Leadership leadership, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            leadership.Ended,
            stopping
        );
        await Task.Delay(Timeout.InfiniteTimeSpan, either.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.ThrowIfCancellationRequested();
    }
}
