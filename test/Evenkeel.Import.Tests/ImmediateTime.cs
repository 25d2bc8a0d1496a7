namespace Evenkeel.Import.Tests;

/// <summary>A clock whose waits are over at once, so that retries cost a test nothing.</summary>
internal sealed class ImmediateTime : TimeProvider
{
    public override ITimer CreateTimer(
        TimerCallback callback,
        object? state,
        TimeSpan dueTime,
        TimeSpan period
    ) => base.CreateTimer(callback, state, TimeSpan.Zero, period);
}
