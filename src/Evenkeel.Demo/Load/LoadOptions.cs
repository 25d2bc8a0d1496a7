namespace Evenkeel.Demo.Load;

/// <summary>How busy the customers are.</summary>
public sealed record LoadOptions
{
    public int Seed { get; init; } = 1;

    /// <summary>Things that customers do, a second, in an average hour of an average day.</summary>
    public double PerSecond { get; init; } = 20;

    /// <summary>Things under way at once; above it customers wait, which is counted.</summary>
    public int InFlightMax { get; init; } = 512;

    /// <summary>
    /// The day is lived this much faster than the clock: 1440 makes a day of a minute. 0 = it stays a
    /// weekday's noon.
    /// </summary>
    public double Speed { get; init; }

    /// <summary>Between two questions after something that is being resolved.</summary>
    public TimeSpan AskAgainEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long after the end it is still asked what became of things being resolved.</summary>
    public TimeSpan ResolvedMax { get; init; } = TimeSpan.FromSeconds(20);
}
