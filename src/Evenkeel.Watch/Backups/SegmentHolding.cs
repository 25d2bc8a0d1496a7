using Evenkeel.Replication;

namespace Evenkeel.Watch.Backups;

/// <summary>How many targets hold a segment.</summary>
/// <param name="Holders">Targets with a trusted set that lists it, and the object in its full length.</param>
public sealed record HeldSegment(
    ulong First,
    ulong Last,
    string Chain,
    IReadOnlyList<string> Holders
)
{
    /// <summary>True when the segment may leave the node.</summary>
    public bool MayLeave => Holders.Count >= BackupLimits.CopiesBeforeTrim;
}

/// <summary>The rule that a segment may leave a node only when two backups hold it.</summary>
public static class SegmentHolding
{
    /// <summary>Every sealed segment of a node, with the targets that hold it.</summary>
    public static async Task<IReadOnlyList<HeldSegment>> FindAsync(
        string dataDirectory,
        IReadOnlyList<IBackupTarget> targets,
        BackupKey key,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(targets);
        var held = new Dictionary<(ulong, ulong, string), List<string>>();
        foreach (var target in targets)
        {
            foreach (var range in await HeldByAsync(target, key, cancellationToken))
            {
                if (!held.TryGetValue(range, out var holders))
                {
                    held[range] = holders = [];
                }
                holders.Add(target.Name);
            }
        }
        return
        [
            .. new BackupSource(dataDirectory)
                .Segments()
                .Where(static s => s.IsSealed)
                .Select(s =>
                {
                    var chain = s.LastChain!.Value.ToString();
                    return new HeldSegment(
                        s.FirstIndex,
                        s.LastIndex!.Value,
                        chain,
                        held.GetValueOrDefault((s.FirstIndex, s.LastIndex!.Value, chain), [])
                    );
                }),
        ];
    }

    private static async Task<HashSet<(ulong, ulong, string)>> HeldByAsync(
        IBackupTarget target,
        BackupKey key,
        CancellationToken cancellationToken
    )
    {
        var present = (await target.ListAsync("objects/", cancellationToken)).ToDictionary(
            static o => o.Name,
            static o => o.Length,
            StringComparer.Ordinal
        );
        return
        [
            .. (await BackupCatalog.ListAsync(target, key, cancellationToken))
                .SelectMany(static f => f.Manifest?.Objects ?? [])
                .Where(o =>
                    o.Kind == SetObjectKind.Archive
                    && present.TryGetValue(o.Path, out var length)
                    && length == o.Length
                )
                .Select(static o => (o.First, o.Last, o.Chain ?? "")),
        ];
    }
}
