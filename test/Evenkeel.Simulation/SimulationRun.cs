using System.Globalization;
using Evenkeel.Simulation.World;

namespace Evenkeel.Simulation;

/// <summary>One seed, from the first event to the last check.</summary>
/// <param name="Failure">What was broken, with the last events; null when every promise was kept.</param>
internal sealed record SimulationRun(
    ulong Seed,
    ulong TraceHash,
    long Events,
    int Acknowledged,
    ulong Entries,
    int Lost,
    int Rewinds,
    string? Failure
)
{
    public static SimulationRun Of(ulong seed, Bug bug = Bug.None)
    {
        using var world = new SimWorld(seed, bug);
        string? failure = null;
        try
        {
            world.Run();
        }
#pragma warning disable CA1031 // Whatever stops a node is what the simulation looks for.
        catch (Exception broken)
#pragma warning restore CA1031
        {
            failure = string.Create(
                CultureInfo.InvariantCulture,
                $"seed {seed} at {world.NowMs} ms: {broken.GetType().Name}: {broken.Message}\n"
            );
            failure += $"{world.Trace.Last}\n{broken.StackTrace}";
        }
        return new SimulationRun(
            seed,
            world.Trace.Hash,
            world.Trace.Events,
            world.Checker.PromiseCount,
            world.Checker.Committed,
            world.Checker.Lost,
            world.Consumer.Rewinds,
            failure
        );
    }
}
