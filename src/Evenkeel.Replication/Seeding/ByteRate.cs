namespace Evenkeel.Replication;

/// <summary>Spreads bytes over time, for any number of callers together.</summary>
internal sealed class ByteRate(long bytesPerSecond, TimeProvider time)
{
    /// <summary>Shorter waits are saved up: a timer is not that exact.</summary>
    private static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(1);

    private readonly Lock gate = new();
    private long free = time.GetTimestamp();

    /// <summary>Returns when so many bytes may pass.</summary>
    public async ValueTask TakeAsync(int bytes, CancellationToken cancellationToken)
    {
        TimeSpan wait;
        lock (gate)
        {
            var now = time.GetTimestamp();
            var begin = Math.Max(free, now);
            free = begin + (long)((Int128)bytes * time.TimestampFrequency / bytesPerSecond);
            wait = time.GetElapsedTime(now, begin);
        }
        if (wait >= WaitMin)
        {
            await Task.Delay(wait, time, cancellationToken);
        }
        else
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
