namespace Evenkeel.Watch.Drills;

/// <summary>What is written down before anything is hurt.</summary>
public sealed record DrillPlan
{
    /// <summary>Its number in the library of scenarios.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>What will happen, if the bank is as good as we think.</summary>
    public required string Hypothesis { get; init; }

    /// <summary>Exactly what is done.</summary>
    public required string Fault { get; init; }

    /// <summary>When the drill ends at once, and the fault with it.</summary>
    public string Abort =>
        $"a wrong answer to a customer; no good answer for {DrillRun.SilenceMax.TotalSeconds:0} s; "
        + $"longer than {DurationMax.TotalMinutes:0} minutes";

    public TimeSpan DurationMax { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>One scenario on a scratch bank of real processes.</summary>
public interface IDrill
{
    DrillPlan Plan { get; }

    /// <summary>Hurts the bank, and writes what it measures into the run.</summary>
    Task RunAsync(DrillRun run, CancellationToken cancellationToken);
}
