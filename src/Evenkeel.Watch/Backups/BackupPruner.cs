using System.Globalization;

namespace Evenkeel.Watch.Backups;

/// <summary>
/// Which sets stay: the newest of each of the last so many days, weeks, months and years that have
/// one, and the last few whatever their age. The rest may go once its window is over.
/// </summary>
public sealed record BackupRetention
{
    /// <summary>Newest sets kept in any case; at least 1.</summary>
    public int Last { get; init; } = 3;
    public int Daily { get; init; } = 7;
    public int Weekly { get; init; } = 5;
    public int Monthly { get; init; } = 12;
    public int Yearly { get; init; } = 10;

    /// <summary>The sets to keep, out of sets newest first.</summary>
    public HashSet<string> Keep(IEnumerable<(string Set, DateTimeOffset MadeAt)> newestFirst)
    {
        var sets = newestFirst.ToList();
        var kept = sets.Take(Math.Max(1, Last))
            .Select(static s => s.Set)
            .ToHashSet(StringComparer.Ordinal);
        Take(Daily, static at => at.ToString("yyyyMMdd", CultureInfo.InvariantCulture));
        Take(
            Weekly,
            static at =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{ISOWeek.GetYear(at)}-{ISOWeek.GetWeekOfYear(at)}"
                )
        );
        Take(Monthly, static at => at.ToString("yyyyMM", CultureInfo.InvariantCulture));
        Take(Yearly, static at => at.ToString("yyyy", CultureInfo.InvariantCulture));
        return kept;

        void Take(int count, Func<DateTime, string> period) =>
            kept.UnionWith(
                sets.DistinctBy(s => period(s.MadeAt.UtcDateTime), StringComparer.Ordinal)
                    .Take(count)
                    .Select(static s => s.Set)
            );
    }
}

/// <summary>What pruning did.</summary>
/// <param name="Refused">Sets that the retention would let go, but whose window is not over.</param>
/// <param name="Untouched">Sets that can't be trusted: people decide about them.</param>
public sealed record PruneOutcome(
    IReadOnlyList<string> Kept,
    IReadOnlyList<string> Deleted,
    IReadOnlyList<string> Refused,
    IReadOnlyList<PassedOver> Untouched,
    int ObjectsDeleted,
    long BytesDeleted
);

/// <summary>Deletes sets that nobody has to keep, and then the objects that no set lists.</summary>
public static class BackupPruner
{
    public static async Task<PruneOutcome> RunAsync(
        IBackupTarget target,
        BackupKey key,
        BackupRetention retention,
        bool dryRun,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(retention);
        ArgumentNullException.ThrowIfNull(time);
        var now = time.GetUtcNow();
        var found = await BackupCatalog.ListAsync(target, key, cancellationToken);
        var untouched = found
            .Where(static f => f.Manifest is null)
            .Select(static f => new PassedOver(f.Set, f.Problem!.Problem, f.Problem.Message))
            .ToList();
        var sets = found.Select(static f => f.Manifest).OfType<SetManifest>().ToList();
        var keep = retention.Keep(sets.Select(static s => (s.Set, s.MadeAt)));
        var leaving = sets.Where(s => !keep.Contains(s.Set)).ToList();
        var refused = leaving.Where(s => s.RetainUntil > now).ToList();
        var deleted = leaving.Except(refused).ToList();
        foreach (var set in deleted.Where(_ => !dryRun))
        {
            // First the set, then its objects: a crash in between leaves objects without a set,
            // never a set without objects.
            await target.DeleteAsync(SetManifest.PathOf(set.Set), cancellationToken);
        }
        // A manifest that can't be trusted may still be whole in truth: nothing it could need goes.
        var orphans =
            untouched.Count > 0
                ? []
                : await OrphansAsync(target, sets.Except(deleted), deleted, now, cancellationToken);
        foreach (var orphan in orphans.Where(_ => !dryRun))
        {
            await target.DeleteAsync(orphan.Name, cancellationToken);
        }
        return new(
            [.. sets.Except(leaving).Select(static s => s.Set)],
            [.. deleted.Select(static s => s.Set)],
            [.. refused.Select(static s => s.Set)],
            untouched,
            orphans.Count,
            orphans.Sum(static o => o.Length)
        );
    }

    private static async Task<IReadOnlyList<StoredObject>> OrphansAsync(
        IBackupTarget target,
        IEnumerable<SetManifest> staying,
        List<SetManifest> deleted,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var listed = staying
            .SelectMany(static s => s.Objects)
            .Select(static o => o.Path)
            .ToHashSet(StringComparer.Ordinal);
        var freed = deleted
            .SelectMany(static s => s.Objects)
            .Select(static o => o.Path)
            .ToHashSet(StringComparer.Ordinal);
        return
        [
            .. (await target.ListAsync("objects/", cancellationToken)).Where(o =>
                !listed.Contains(o.Name)
                && (freed.Contains(o.Name) || now - o.StoredAt > BackupLimits.OrphanAgeMin)
            ),
        ];
    }
}
