namespace Evenkeel.Banking.Work;

/// <summary>Wakes who looks for work. A ring that nobody hears costs no more than the next look.</summary>
internal sealed class WorkBell
{
    private TaskCompletionSource _ring = New();

    public void Ring() => Interlocked.Exchange(ref _ring, New()).TrySetResult();

    /// <summary>Returns at the next ring, after the time, or when cancelled; never throws.</summary>
    public async Task WaitAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        var ring = Volatile.Read(ref _ring).Task;
        var elapsed = Task.Delay(time, cancellationToken);
        await Task.WhenAny(ring, elapsed);
    }

    private static TaskCompletionSource New() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);
}
