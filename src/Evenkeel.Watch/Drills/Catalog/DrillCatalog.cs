namespace Evenkeel.Watch.Drills.Catalog;

/// <summary>Every drill that can be run. A new one is one file and one line here.</summary>
public static class DrillCatalog
{
    public static IReadOnlyList<IDrill> All { get; } =
    [
        new LeaderDies(),
        new StandbyNotReady(),
        new GreyFailure(),
        new BatchRunAgain(),
        new BadUpgrade(),
        new RestoreTest(),
    ];

    /// <returns>Null when there is no such drill.</returns>
    public static IDrill? Find(string id) =>
        All.FirstOrDefault(d => string.Equals(d.Plan.Id, id, StringComparison.OrdinalIgnoreCase));
}
