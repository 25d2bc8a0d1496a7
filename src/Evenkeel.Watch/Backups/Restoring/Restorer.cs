using System.Diagnostics;
using Evenkeel.Replication;

namespace Evenkeel.Watch.Backups;

/// <summary>
/// Makes a data directory out of a set: the archive up to a position, cut and sealed there, under a
/// new lineage. State is a function of the log, so everything else is made again by the first start.
/// </summary>
public sealed class Restorer(IBackupTarget target, RestoreOptions options)
{
    private readonly ObjectCipher cipher = new(options.Key);

    /// <summary>Restores from the newest set that is good and reaches the position.</summary>
    /// <exception cref="BackupException">No set can be restored; the message names each and why.</exception>
    public async Task<Restored> RunAsync(CancellationToken cancellationToken)
    {
        RequireEmpty(options.Directory);
        var passedOver = new List<PassedOver>();
        foreach (var found in await BackupCatalog.ListAsync(target, options.Key, cancellationToken))
        {
            if (
                options.Set is { } wanted
                && !string.Equals(found.Set, wanted, StringComparison.Ordinal)
            )
            {
                continue;
            }
            if (found.Manifest is not { } manifest)
            {
                passedOver.Add(new(found.Set, found.Problem!.Problem, found.Problem.Message));
                continue;
            }
            try
            {
                return await RestoreAsync(manifest, cancellationToken) with
                {
                    PassedOver = passedOver,
                };
            }
            catch (BackupException bad) when (bad.Problem != BackupProblem.TargetFailed)
            {
                passedOver.Add(new(found.Set, bad.Problem, bad.Message));
                Clear(options.Directory);
            }
        }
        throw passedOver is [var first, ..]
            ? new BackupException(
                first.Problem,
                string.Join("; ", passedOver.Select(static p => $"{p.Set}: {p.Detail}"))
            )
            : new BackupException(
                BackupProblem.NotFound,
                options.Set is null
                    ? $"{target.Name} holds no set"
                    : $"{target.Name} holds no set {options.Set}"
            );
    }

    /// <summary>Restores from one set.</summary>
    internal async Task<Restored> RestoreAsync(
        SetManifest manifest,
        CancellationToken cancellationToken
    )
    {
        var started = Stopwatch.GetTimestamp();
        if (options.At > manifest.LastIndex)
        {
            throw new BackupException(
                BackupProblem.NotFound,
                $"it ends at entry {manifest.LastIndex}, before entry {options.At}"
            );
        }
        var archive = RequireWhole(manifest);
        Directory.CreateDirectory(Path.Combine(options.Directory, "archive"));
        var lineage = manifest.Objects.FirstOrDefault(static o => o.Kind == SetObjectKind.Lineage);
        await FetchAsync(
            lineage ?? throw new BackupException(BackupProblem.Missing, "it has no lineage.json"),
            cancellationToken
        );
        var parent = ReadLineage(manifest);
        var bytes = 0L;
        foreach (var segment in Needed(archive))
        {
            await FetchAsync(segment, cancellationToken);
            bytes += segment.PlainLength;
        }
        var (child, chain) = Fork(manifest, parent, FindEnd(manifest, archive, parent));
        foreach (var file in manifest.Objects.Where(static o => o.Kind == SetObjectKind.Checkpoint))
        {
            await FetchAsync(file, cancellationToken);
        }
        foreach (
            var file in manifest.Objects.Where(o =>
                o.Kind == SetObjectKind.Quarantine
                && !(BackupSource.QuarantinedEntry(o.Name) > child.ForkIndex)
            )
        )
        {
            await FetchAsync(file, cancellationToken);
        }
        RestoredCheckpoints.Cut(Path.Combine(options.Directory, "checkpoints"), child.ForkIndex);
        return new(
            manifest.Set,
            options.Directory,
            child,
            new(child.Parent!.Value, child.ForkIndex, chain),
            child.ForkTime,
            bytes,
            Stopwatch.GetElapsedTime(started),
            []
        );
    }

    /// <summary>Entries 1 to the last without a gap.</summary>
    private static List<SetObject> RequireWhole(SetManifest manifest)
    {
        var archive = manifest
            .Objects.Where(static o => o.Kind == SetObjectKind.Archive)
            .OrderBy(static o => o.First)
            .ToList();
        ulong next = 1;
        foreach (var segment in archive)
        {
            if (segment.First != next)
            {
                break;
            }
            next = segment.Last + 1;
        }
        return next == manifest.LastIndex + 1
            ? archive
            : throw new BackupException(BackupProblem.Missing, $"it skips entries from {next} on");
    }

    private IEnumerable<SetObject> Needed(List<SetObject> archive)
    {
        foreach (var segment in archive)
        {
            if (segment.First > options.At)
            {
                yield break;
            }
            yield return segment;
            // Times only grow: nothing behind a segment that ends later is asked for.
            if (segment.LastTime > options.AtTime)
            {
                yield break;
            }
        }
    }

    private ulong FindEnd(SetManifest manifest, List<SetObject> archive, Lineage parent)
    {
        var end = options.At ?? manifest.LastIndex;
        if (options.AtTime is not { } time)
        {
            return end;
        }
        if (archive.Find(s => s.LastTime > time) is { } segment)
        {
            var folder = Path.Combine(options.Directory, "archive");
            var last = segment.First - 1;
            using var reader = new ArchiveReader(folder, segment.First, segment.Last, parent);
            while (Read(reader) && (EntryTime.Of(reader.Payload.Span) ?? 0) <= time)
            {
                last = reader.Index;
            }
            end = Math.Min(end, last);
        }
        return end >= 1
            ? end
            : throw new BackupException(
                BackupProblem.NotFound,
                "every entry is later than the moment asked for"
            );
    }

    private Lineage ReadLineage(SetManifest manifest)
    {
        try
        {
            var lineage = Lineage.Find(options.Directory);
            return string.Equals(lineage?.Id.ToString(), manifest.Lineage, StringComparison.Ordinal)
                ? lineage!
                : throw new BackupException(
                    BackupProblem.Altered,
                    $"its lineage.json is of {lineage?.Id}, its manifest of {manifest.Lineage}"
                );
        }
        catch (RecoveryException damaged)
        {
            throw new BackupException(BackupProblem.Altered, damaged.Message, damaged);
        }
    }

    private (Lineage Child, ChainHash Chain) Fork(SetManifest manifest, Lineage parent, ulong end)
    {
        try
        {
            var child = LineageFork.Begin(options.Directory, parent, end, options.Random);
            var folder = Path.Combine(options.Directory, "archive");
            var chain = ArchiveSegments.List(folder)[^1].LastChain!.Value;
            if (end == manifest.LastIndex && chain != manifest.Position.Chain)
            {
                throw new BackupException(
                    BackupProblem.Altered,
                    $"its chain ends in {chain}, its manifest says {manifest.Chain}"
                );
            }
            // What lies behind the fork is in the set; here it would only be in the way.
            foreach (var rest in Directory.EnumerateFiles(folder, "*.beyond-fork"))
            {
                File.Delete(rest);
            }
            return (child, chain);
        }
        catch (ArchiveDamageException damaged)
        {
            throw new BackupException(BackupProblem.Altered, damaged.Message, damaged);
        }
    }

    /// <summary>Decrypts an object that this restore doesn't need, to see that it is whole.</summary>
    internal async Task CheckAsync(SetObject wanted, CancellationToken cancellationToken)
    {
        await using var stored = await target.OpenAsync(wanted.Path, cancellationToken);
        await cipher.OpenAsync(stored, Stream.Null, wanted, cancellationToken);
    }

    private async Task FetchAsync(SetObject wanted, CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(Path.Combine(options.Directory, wanted.Name));
        if (
            !path.StartsWith(
                Path.GetFullPath(options.Directory) + Path.DirectorySeparatorChar,
                StringComparison.Ordinal
            )
        )
        {
            throw new BackupException(
                BackupProblem.Altered,
                $"{wanted.Name} would lie outside of the directory"
            );
        }
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using var stored = await target.OpenAsync(wanted.Path, cancellationToken);
        await using var file = new FileStream(
            path,
            FileMode.CreateNew,
            FileAccess.Write,
            FileShare.None,
            1 << 20
        );
        await cipher.OpenAsync(stored, file, wanted, cancellationToken);
        file.Flush(flushToDisk: true);
    }

    private static bool Read(ArchiveReader reader)
    {
        try
        {
            return reader.Read();
        }
        catch (ArchiveDamageException damaged)
        {
            throw new BackupException(BackupProblem.Altered, damaged.Message, damaged);
        }
    }

    private static void RequireEmpty(string directory)
    {
        if (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any())
        {
            throw new BackupException(BackupProblem.NotEmpty, $"{directory} is not empty");
        }
        Directory.CreateDirectory(directory);
    }

    /// <summary>Removes what this restore put there: the directory was empty before.</summary>
    private static void Clear(string directory)
    {
        Directory.Delete(directory, recursive: true);
        Directory.CreateDirectory(directory);
    }
}
