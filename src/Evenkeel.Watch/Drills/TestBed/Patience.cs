using System.Diagnostics;

namespace Evenkeel.Watch.Drills.TestBed;

/// <summary>Waits for a condition, and says what did not come.</summary>
public static class Patience
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(25);

    /// <exception cref="TimeoutException">It did not come in time.</exception>
    public static Task UntilAsync(
        string what,
        TimeSpan limit,
        Func<bool> condition,
        CancellationToken cancellationToken
    ) => UntilAsync(what, limit, () => Task.FromResult(condition()), cancellationToken);

    /// <inheritdoc cref="UntilAsync(string, TimeSpan, Func{bool}, CancellationToken)"/>
    public static async Task UntilAsync(
        string what,
        TimeSpan limit,
        Func<Task<bool>> condition,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(condition);
        long start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > limit)
            {
                throw new TimeoutException($"Not within {limit.TotalSeconds:0.#} s: {what}");
            }
            await Task.Delay(Poll, cancellationToken);
        }
    }
}
