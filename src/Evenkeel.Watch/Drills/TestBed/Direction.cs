namespace Evenkeel.Watch.Drills.TestBed;

/// <summary>What happens to bytes on their way from one node to another. Thread-safe.</summary>
public sealed class Direction
{
    private volatile TaskCompletionSource? _cut;
    private volatile int _delayMs;
    private long _bytesPerSecondMax;
    private long _bytes;

    /// <summary>Nothing arrives; what was sent waits, as on a line that loses its packets.</summary>
    public bool IsCut => _cut is not null;

    /// <summary>Added to the way of each byte, milliseconds.</summary>
    public int DelayMs
    {
        get => _delayMs;
        set => _delayMs = value;
    }

    /// <summary>0 = as fast as it goes.</summary>
    public long BytesPerSecondMax
    {
        get => Interlocked.Read(ref _bytesPerSecondMax);
        set => Interlocked.Exchange(ref _bytesPerSecondMax, value);
    }

    /// <summary>Bytes that arrived so far.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public void Cut() =>
        Interlocked.CompareExchange(
            ref _cut,
            new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously),
            null
        );

    public void Heal() => Interlocked.Exchange(ref _cut, null)?.TrySetResult();

    /// <summary>Everything as if there were no proxy.</summary>
    public void Reset()
    {
        DelayMs = 0;
        BytesPerSecondMax = 0;
        Heal();
    }

    internal async ValueTask PassAsync(int bytes, CancellationToken cancellationToken)
    {
        while (_cut is { } cut)
        {
            await cut.Task.WaitAsync(cancellationToken);
        }
        if (BytesPerSecondMax is > 0 and var rate)
        {
            await Task.Delay(TimeSpan.FromSeconds((double)bytes / rate), cancellationToken);
        }
        Interlocked.Add(ref _bytes, bytes);
    }
}
