namespace Evenkeel.Watch.Backups;

/// <summary>Keeps a run's reading below a rate, so that customers keep the disk.</summary>
internal sealed class Throttle(long bytesPerSecond, TimeProvider time)
{
    private readonly long started = time.GetTimestamp();
    private long taken;

    /// <summary>Waits until so many bytes more are within the rate.</summary>
    public async ValueTask TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        taken += bytes;
        if (bytesPerSecond <= 0)
        {
            return;
        }
        var due = TimeSpan.FromSeconds(taken / (double)bytesPerSecond);
        var ahead = due - time.GetElapsedTime(started);
        if (ahead > TimeSpan.FromMilliseconds(1))
        {
            await Task.Delay(ahead, time, cancellationToken);
        }
    }
}
