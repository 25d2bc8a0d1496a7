namespace Evenkeel.Watch.Drills.Checking;

/// <summary>One history: where two nodes can be compared at one position, they are equal.</summary>
internal static class ForkCheck
{
    /// <returns>Positions at which at least two nodes were compared.</returns>
    public static long Compare(
        IReadOnlyList<NodeEvidence> nodes,
        Action<ViolationKind, string> report
    ) =>
        Compare("digest", nodes, n => n.Digests, report)
        + Compare("archive chain", nodes, n => n.ChainHeads, report);

    private static long Compare(
        string what,
        IReadOnlyList<NodeEvidence> nodes,
        Func<NodeEvidence, IReadOnlyDictionary<ulong, string>> facts,
        Action<ViolationKind, string> report
    )
    {
        long compared = 0;
        var positions = nodes
            .SelectMany(n => facts(n).Select(f => (Index: f.Key, Value: f.Value, n.Name)))
            .GroupBy(f => f.Index)
            .OrderBy(g => g.Key);
        foreach (var position in positions)
        {
            var all = position.ToArray();
            compared += all.Length > 1 ? 1 : 0;
            if (all.DistinctBy(f => f.Value, StringComparer.Ordinal).Count() > 1)
            {
                string each = string.Join(", ", all.Select(f => $"{f.Name} {f.Value}"));
                report(ViolationKind.Forked, $"{what} at {position.Key}: {each}");
            }
        }
        return compared;
    }
}
