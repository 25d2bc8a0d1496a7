using System.Diagnostics;
using Evenkeel.Replication;

namespace Evenkeel.Watch.Backups;

/// <summary>
/// Makes one set in every target at once. The source is read and encrypted once; a target that fails
/// doesn't keep the others from their set.
/// </summary>
public sealed class BackupRunner(BackupOptions options)
{
    /// <summary>Pieces of an open segment in one set before they are written anew as one.</summary>
    private const int TailPiecesMax = 64;

    private readonly BackupSource source = new(options.DataDirectory);
    private readonly Throttle throttle = new(options.BytesPerSecondMax, options.Time);
    private readonly ObjectCipher cipher = new(options.Key);
    private readonly string set = SetManifest.NewName(options.Time.GetUtcNow());

    /// <exception cref="BackupException">The source can't be read whole: no set is made anywhere.</exception>
    public async Task<BackupOutcome> RunAsync(
        IReadOnlyList<IBackupTarget> targets,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(targets);
        var started = Stopwatch.GetTimestamp();
        var scratch = options.ScratchDirectory is { } given
            ? Directory.CreateDirectory(Path.Combine(given, "backup-" + set)).FullName
            : Directory.CreateTempSubdirectory("evenkeel-backup-").FullName;
        try
        {
            var plans = new List<TargetPlan>();
            foreach (var target in targets)
            {
                plans.Add(await OpenAsync(target, cancellationToken));
            }
            if (plans.TrueForAll(static p => p.Problem is not null))
            {
                return Outcome(0);
            }
            // First the snapshot: what it vouches for is in the archive already.
            var snapshot = source.NewestSnapshot();
            var segments = source.Segments();
            foreach (var segment in segments.Where(static s => s.IsSealed))
            {
                await TakeSegmentAsync(segment, plans, scratch, cancellationToken);
            }
            var end = await TakeTailAsync(segments, plans, scratch, cancellationToken);
            await TakeFilesAsync(snapshot, plans, scratch, cancellationToken);
            foreach (var plan in plans)
            {
                await FinishAsync(plan, end, snapshot, scratch, cancellationToken);
            }
            return Outcome(end.Index);

            BackupOutcome Outcome(ulong lastIndex) =>
                new(
                    set,
                    lastIndex,
                    source.History.Id.ToString(),
                    plans.Max(static p => p.LogTime),
                    Stopwatch.GetElapsedTime(started),
                    [.. plans.Select(static p => p.Outcome())]
                );
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    /// <summary>Finds the set that an increment builds on.</summary>
    private async Task<TargetPlan> OpenAsync(
        IBackupTarget target,
        CancellationToken cancellationToken
    )
    {
        var plan = new TargetPlan(target);
        if (options.Full)
        {
            return plan;
        }
        try
        {
            var found = await BackupCatalog.ListAsync(target, options.Key, cancellationToken);
            plan.Base = found
                .Select(static f => f.Manifest)
                .FirstOrDefault(m =>
                    m is not null && source.History.Shares(LineageId.Parse(m.Lineage), m.LastIndex)
                );
            plan.Present = (await target.ListAsync("objects/", cancellationToken)).ToDictionary(
                static o => o.Name,
                static o => o.Length,
                StringComparer.Ordinal
            );
        }
        catch (BackupException failed)
        {
            plan.Problem = failed;
        }
        return plan;
    }

    private async Task TakeSegmentAsync(
        ArchiveSegment segment,
        List<TargetPlan> plans,
        string scratch,
        CancellationToken cancellationToken
    )
    {
        var needing = plans
            .Where(p =>
                p.Problem is null
                && !p.TryReuse(
                    segment.FirstIndex,
                    segment.LastIndex!.Value,
                    segment.LastChain!.Value
                )
            )
            .ToList();
        if (needing.Count == 0)
        {
            return;
        }
        var time = await source.CheckAsync(segment, throttle, cancellationToken);
        var name = "archive/" + ArchiveTail.FileName(segment.FirstIndex);
        await StoreAsync(
            new(name, SetObjectKind.Archive, segment.Path),
            needing,
            scratch,
            o =>
                o with
                {
                    First = segment.FirstIndex,
                    Last = segment.LastIndex!.Value,
                    Chain = segment.LastChain!.Value.ToString(),
                    LastTime = time,
                },
            cancellationToken
        );
    }

    /// <summary>The open segment: what the base has not, up to one end for all targets.</summary>
    private async Task<LogPosition> TakeTailAsync(
        IReadOnlyList<ArchiveSegment> segments,
        List<TargetPlan> plans,
        string scratch,
        CancellationToken cancellationToken
    )
    {
        var last = segments is [.., var newest] ? newest : null;
        var end =
            last is null ? (Index: 0UL, Chain: default(ChainHash))
            : last.IsSealed ? (Index: last.LastIndex!.Value, Chain: last.LastChain!.Value)
            : (Index: last.FirstIndex - 1, Chain: last.PreviousChain);
        if (last is { IsSealed: false })
        {
            var copier = new ArchiveTail(source.Archive, source.History, throttle, options.Time);
            ulong? to = null;
            foreach (var group in plans.Where(p => p.Problem is null).GroupBy(p => Begin(p, last)))
            {
                var (from, previous) = group.Key;
                if (from > to)
                {
                    continue;
                }
                var copied = await copier.CopyAsync(from, previous, to, scratch, cancellationToken);
                if (copied is null)
                {
                    end = to is null ? (from - 1, previous) : end;
                    to ??= from - 1;
                    continue;
                }
                to = copied.Last;
                end = (copied.Last, copied.Chain);
                await StoreAsync(
                    new(
                        "archive/" + ArchiveTail.FileName(from),
                        SetObjectKind.Archive,
                        copied.Path
                    ),
                    [.. group],
                    scratch,
                    o =>
                        o with
                        {
                            First = from,
                            Last = copied.Last,
                            Chain = copied.Chain.ToString(),
                            LastTime = copied.LastTime,
                        },
                    cancellationToken
                );
                File.Delete(copied.Path);
            }
        }
        return end.Index > 0
            ? new(source.History.Id, end.Index, end.Chain)
            : throw new BackupException(
                BackupProblem.SourceDamaged,
                $"{options.DataDirectory} holds no entry yet"
            );
    }

    /// <summary>Takes over pieces of the open segment that the base has, and says what comes after.</summary>
    private (ulong From, ChainHash Previous) Begin(TargetPlan plan, ArchiveSegment open)
    {
        var begin = (From: open.FirstIndex, Previous: open.PreviousChain);
        var pieces = plan.Tail(open.FirstIndex);
        if (pieces.Count is 0 or > TailPiecesMax)
        {
            return begin;
        }
        var last = pieces[^1];
        var chain = ChainHash.From(Convert.FromHexString(last.Chain!));
        if (source.ChainAt(last.Last) != chain)
        {
            return begin;
        }
        plan.Reuse(pieces);
        return (last.Last + 1, chain);
    }

    private async Task TakeFilesAsync(
        SnapshotFile? snapshot,
        List<TargetPlan> plans,
        string scratch,
        CancellationToken cancellationToken
    )
    {
        await StoreFileAsync(source.LineageFile, _ => true);
        foreach (var file in source.Checkpoints().Concat(source.Quarantine()))
        {
            await StoreFileAsync(file, _ => true);
        }
        if (snapshot is null)
        {
            return;
        }
        foreach (var file in BackupSource.SnapshotFiles(snapshot, withPieces: true))
        {
            var isPiece = !Path.GetFileName(file.Name)
                .StartsWith("manifest.", StringComparison.Ordinal);
            await StoreFileAsync(file, p => !isPiece || p.Base is null);
        }

        Task StoreFileAsync(SourceFile file, Func<TargetPlan, bool> needs) =>
            StoreAsync(
                file,
                [.. plans.Where(p => p.Problem is null && needs(p))],
                scratch,
                static o => o,
                cancellationToken
            );
    }

    /// <summary>Encrypts a file once and stores it wherever it is needed.</summary>
    private async Task StoreAsync(
        SourceFile file,
        List<TargetPlan> plans,
        string scratch,
        Func<SetObject, SetObject> describe,
        CancellationToken cancellationToken
    )
    {
        if (plans.Count == 0)
        {
            return;
        }
        var path = Path.Combine(scratch, "object");
        SealedBytes bytes;
        await using (var plain = OpenShared(file.Path))
        await using (var encrypted = File.Create(path))
        {
            bytes = await cipher.SealAsync(
                plain,
                encrypted,
                set,
                file.Name,
                throttle,
                cancellationToken
            );
        }
        var stored = describe(
            new(
                file.Name,
                file.Kind,
                set,
                bytes.Length,
                bytes.Sha256,
                bytes.PlainLength,
                bytes.PlainSha256
            )
        );
        foreach (var plan in plans)
        {
            await plan.TryAsync(async () =>
            {
                await plan.Target.PutAsync(stored.Path, path, RetainUntil(), cancellationToken);
                plan.Add(stored);
            });
        }
        File.Delete(path);
    }

    private async Task FinishAsync(
        TargetPlan plan,
        LogPosition end,
        SnapshotFile? snapshot,
        string scratch,
        CancellationToken cancellationToken
    )
    {
        var objects = plan
            .Objects.OrderBy(static o => o.Kind)
            .ThenBy(static o => o.First)
            .ThenBy(static o => o.Name, StringComparer.Ordinal)
            .ToList();
        var retainUntil = RetainUntil();
        var manifest = new SetManifest
        {
            Format = SetManifest.FormatName,
            FormatVersion = SetManifest.CurrentVersion,
            Set = set,
            Full = plan.Base is null,
            MadeAt = options.Time.GetUtcNow(),
            KeyId = options.Key.Id,
            RetainUntil = retainUntil,
            Lineage = end.Lineage.ToString(),
            LastIndex = end.Index,
            Chain = end.Chain.ToString(),
            LogTime = plan.LogTime,
            Snapshot =
                snapshot is null || snapshot.Index > end.Index
                    ? null
                    : new(
                        snapshot.Index,
                        snapshot.StateDigest.ToString(
                            "x32",
                            System.Globalization.CultureInfo.InvariantCulture
                        ),
                        snapshot.Chain.ToString(),
                        HasPieces: plan.Base is null
                    ),
            Objects = objects,
        };
        var path = Path.Combine(scratch, "manifest");
        await File.WriteAllBytesAsync(path, manifest.Encode(options.Key), cancellationToken);
        await plan.TryAsync(async () =>
        {
            if (retainUntil is { } until)
            {
                foreach (
                    var reused in objects.Where(o =>
                        !string.Equals(o.WrittenBy, set, StringComparison.Ordinal)
                    )
                )
                {
                    await plan.Target.RetainAsync(reused.Path, until, cancellationToken);
                }
            }
            // Last: a set exists once all of it does.
            await plan.Target.PutAsync(
                SetManifest.PathOf(set),
                path,
                retainUntil,
                cancellationToken
            );
        });
    }

    private DateTimeOffset? RetainUntil() =>
        options.Immutable > TimeSpan.Zero ? options.Time.GetUtcNow() + options.Immutable : null;

    private static FileStream OpenShared(string path) =>
        new(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete,
            1 << 20,
            FileOptions.SequentialScan
        );
}
