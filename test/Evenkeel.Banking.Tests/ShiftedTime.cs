namespace Evenkeel.Banking.Tests;

/// <summary>The system's clock, some time ahead: what waits for later need not be waited for.</summary>
public sealed class ShiftedTime : TimeProvider
{
    private long _ticksAhead;

    public override DateTimeOffset GetUtcNow() =>
        base.GetUtcNow().AddTicks(Interlocked.Read(ref _ticksAhead));

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticksAhead, by.Ticks);

    /// <summary>From now on it is this instant, and goes on from there.</summary>
    public void Set(DateTimeOffset now) => Advance(now - GetUtcNow());
}
