using System.Diagnostics;
using System.Security.Cryptography;
using Evenkeel.Model;

namespace Evenkeel.Replication;

/// <summary>
/// The receiving side: makes a data directory whole from the cluster before the member takes part
/// in anything. Killed at any point and started again, it keeps what is whole.
/// </summary>
/// <param name="directory">The member's data directory; nothing else may work on it.</param>
/// <param name="progress">Told now and then how far it is; null tells nobody.</param>
public sealed class Seeder(
    string directory,
    ISeedSource source,
    TimeProvider time,
    Action<SeedProgress>? progress = null
)
{
    private const string Archive = "archive/";
    private const string PartSuffix = ".part";

    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(SeedLimits.RetryMs);

    private readonly string staged = SeedInstall.FilesDirectory(directory);
    private readonly RealFileLayer files = RealFileLayer.Instance;
    private readonly Dictionary<string, SeedFile> whole = new(StringComparer.Ordinal);
    private long fetched;
    private long reused;
    private int passes;

    /// <summary>
    /// Fetches, verifies and puts in place; returns when the directory can be opened. Waits as long
    /// as it takes for a cluster that can confirm its leader.
    /// </summary>
    /// <exception cref="SeedDamagedException">A file is damaged where it comes from.</exception>
    /// <exception cref="IOException">The disk here refuses or has no room.</exception>
    public async Task<SeedReport> RunAsync(CancellationToken cancellationToken)
    {
        using var held = DirectoryLock.Acquire(directory);
        var started = Stopwatch.GetTimestamp();
        Directory.CreateDirectory(staged);
        var (first, last) = await FetchAsync(cancellationToken);
        VerifyLinks(last);
        new SeededState
        {
            Term = last.Term,
            Leader = last.Member,
            Index = last.ArchiveIndex,
        }.Write(staged);
        FlushDirectories();
        SeedInstall.Run(directory, files);
        return new SeedReport(
            last.Member,
            last.Term,
            first.SnapshotIndex,
            last.ArchiveIndex,
            passes,
            fetched,
            reused,
            Stopwatch.GetElapsedTime(started)
        );
    }

    /// <summary>
    /// First everything, then what the archive grew by meanwhile, until the rest is small. Each plan
    /// was made behind a read barrier, the last one as well.
    /// </summary>
    private async Task<(SeedPlan First, SeedPlan Last)> FetchAsync(
        CancellationToken cancellationToken
    )
    {
        SeedPlan? first = null;
        while (true)
        {
            try
            {
                var plan = await source.PlanAsync(cancellationToken);
                if (first is null || !IsSameSource(first, plan))
                {
                    // Segments of another member end elsewhere: only one member's fit together.
                    RemoveOthers(plan);
                    first = plan;
                    await FetchAsync(plan, plan.Files, cancellationToken);
                    continue;
                }
                var before = fetched;
                await FetchAsync(
                    plan,
                    [.. plan.Files.Where(static file => IsOfEveryPass(file.Path))],
                    cancellationToken
                );
                if (
                    fetched - before <= SeedLimits.LastPassBytesMax
                    || passes >= SeedLimits.PassesMax
                )
                {
                    return (first, plan);
                }
            }
            catch (SeedSourceException away)
            {
                progress?.Invoke(new(passes, 0, 0, away.Message));
                await Task.Delay(Retry, time, cancellationToken);
            }
        }
    }

    private static bool IsSameSource(SeedPlan one, SeedPlan other) =>
        string.Equals(one.Member, other.Member, StringComparison.Ordinal)
        && string.Equals(one.Lineage, other.Lineage, StringComparison.Ordinal);

    private static bool IsOfEveryPass(string path) =>
        path.StartsWith(Archive, StringComparison.Ordinal)
        || !path.Contains('/', StringComparison.Ordinal);

    private async Task FetchAsync(
        SeedPlan plan,
        IReadOnlyList<SeedFile> wanted,
        CancellationToken cancellationToken
    )
    {
        passes++;
        CheckRoom(wanted);
        var total = wanted.Sum(static file => file.Length);
        var done = 0L;
        // What others are judged by first, then snapshots, since only they may go away.
        foreach (
            var file in wanted.OrderBy(static file =>
                !file.Path.Contains('/', StringComparison.Ordinal) ? 0
                : file.Path.StartsWith("snapshots/", StringComparison.Ordinal) ? 1
                : 2
            )
        )
        {
            progress?.Invoke(new(passes, done, total, null));
            await FetchAsync(plan, file, cancellationToken);
            done += file.Length;
        }
        progress?.Invoke(new(passes, done, total, null));
    }

    private async Task FetchAsync(SeedPlan plan, SeedFile file, CancellationToken cancellationToken)
    {
        Check.That(SeedPath.IsValid(file.Path));
        if (whole.TryGetValue(file.Path, out var had) && had == file)
        {
            return;
        }
        var target = Path.Combine(staged, file.Path);
        var part = target + PartSuffix;
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        if (File.Exists(target))
        {
            // Of an earlier run, or it was appended to since: its bytes are the first ones of it.
            File.Move(target, part, overwrite: true);
        }
        else if (!File.Exists(part))
        {
            TryReuse(file, part);
        }
        if (!await CompleteAsync(plan, file, part, cancellationToken))
        {
            File.Delete(part);
            if (!await CompleteAsync(plan, file, part, cancellationToken))
            {
                File.Delete(part);
                throw new SeedDamagedException(
                    $"{file.Path} of {plan.Member} does not match its hash; it is damaged there."
                );
            }
        }
        VerifyContent(plan, file, part);
        File.Move(part, target, overwrite: true);
        whole[file.Path] = file;
    }

    /// <summary>
    /// A hash only says that what arrived is what lies there. Snapshots carry their own hashes and
    /// history its checksums, which are read when they are restored; old archive is not read then,
    /// so its chain is walked here.
    /// </summary>
    private void VerifyContent(SeedPlan plan, SeedFile file, string part)
    {
        if (!file.Path.StartsWith(Archive, StringComparison.Ordinal))
        {
            return;
        }
        try
        {
            var first = SegmentFile.FirstIndexOf(file.Path);
            using var cursor = SegmentCursor.Open(
                new SegmentFile(part, first),
                StagedLineage(plan).Of(first)
            );
            var end = cursor.EndOffset;
            while (cursor.Read(skipPayload: false))
            {
                end = cursor.EndOffset;
            }
            if (end != file.Length && !cursor.IsSealed)
            {
                throw new SeedDamagedException(
                    $"{file.Path} of {plan.Member} does not end with a whole entry."
                );
            }
        }
        catch (ArchiveDamageException damaged)
        {
            throw new SeedDamagedException(
                $"{file.Path} of {plan.Member} is damaged there, at byte {damaged.Damage.Offset}, "
                    + $"entry {damaged.Damage.Entry}: {damaged.Damage.Reason}."
            );
        }
    }

    /// <summary>Each segment goes on where the one before ends, by entry and by chain.</summary>
    private void VerifyLinks(SeedPlan plan)
    {
        var index = 0UL;
        ChainHash chain = default;
        var lineage = StagedLineage(plan);
        foreach (var segment in SegmentFile.List(Path.Combine(staged, "archive")))
        {
            using var cursor = SegmentCursor.Open(segment, lineage.Of(segment.FirstIndex));
            if (index > 0 && (cursor.NextIndex != index + 1 || cursor.Chain != chain))
            {
                throw new SeedDamagedException(
                    $"The archive of {plan.Member} does not go on at entry {index + 1}."
                );
            }
            if (cursor.Seal is { } seal)
            {
                (index, chain) = (seal.LastIndex, seal.LastChain);
                continue;
            }
            while (cursor.Read(skipPayload: true)) { }
            (index, chain) = (cursor.NextIndex - 1, cursor.Chain);
        }
        if (index != plan.ArchiveIndex)
        {
            throw new SeedDamagedException(
                $"The archive of {plan.Member} ends at entry {index}, not at {plan.ArchiveIndex}."
            );
        }
    }

    /// <summary>Which lineages wrote what of the history that is coming.</summary>
    private Lineage StagedLineage(SeedPlan plan)
    {
        var lineage = Lineage.Find(staged);
        return
            lineage is not null
            && string.Equals(lineage.Id.ToString(), plan.Lineage, StringComparison.Ordinal)
            ? lineage
            : throw new SeedDamagedException(
                $"{Lineage.FileName} of {plan.Member} is not of lineage {plan.Lineage}."
            );
    }

    /// <summary>A sealed file that this member still has may be the same as everybody's.</summary>
    private void TryReuse(SeedFile file, string part)
    {
        var own = new FileInfo(Path.Combine(directory, file.Path));
        if (own.Exists && own.Length == file.Length && RealFileLayer.TryLink(own.FullName, part))
        {
            reused += file.Length;
        }
    }

    /// <summary>Fetches what is missing behind the bytes that are there.</summary>
    /// <returns>False when the whole does not match its hash.</returns>
    private async Task<bool> CompleteAsync(
        SeedPlan plan,
        SeedFile file,
        string part,
        CancellationToken cancellationToken
    )
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var have = HashWhatIsThere(part, file.Length, hash);
        if (have < file.Length || !File.Exists(part))
        {
            await using var stream = new FileStream(
                part,
                FileMode.OpenOrCreate,
                FileAccess.Write,
                FileShare.None
            );
            stream.SetLength(have);
            stream.Position = have;
            await using var hashing = new HashingStream(stream, hash, file.Length - have);
            try
            {
                await source.CopyAsync(plan, file, have, hashing, cancellationToken);
            }
            finally
            {
                fetched += hashing.Written;
                stream.Flush(flushToDisk: true);
            }
            if (hashing.Written < file.Length - have)
            {
                throw new SeedSourceException($"{file.Path} ended early");
            }
        }
        return string.Equals(
            Convert.ToHexStringLower(hash.GetHashAndReset()),
            file.Sha256,
            StringComparison.Ordinal
        );
    }

    private static long HashWhatIsThere(string part, long length, IncrementalHash hash)
    {
        if (!File.Exists(part))
        {
            return 0;
        }
        using var handle = File.OpenHandle(part, options: FileOptions.SequentialScan);
        if (RandomAccess.GetLength(handle) > length)
        {
            return 0;
        }
        var buffer = new byte[1 << 20];
        var at = 0L;
        while (RandomAccess.Read(handle, buffer, at) is var read and > 0)
        {
            hash.AppendData(buffer.AsSpan(0, read));
            at += read;
        }
        return at;
    }

    /// <summary>What an earlier run fetched and this plan does not name.</summary>
    private void RemoveOthers(SeedPlan plan)
    {
        whole.Clear();
        var named = plan.Files.Select(static file => file.Path).ToHashSet(StringComparer.Ordinal);
        foreach (
            var path in Directory.EnumerateFiles(staged, "*", SearchOption.AllDirectories).ToList()
        )
        {
            var name = Path.GetRelativePath(staged, path).Replace('\\', '/');
            if (name.EndsWith(PartSuffix, StringComparison.Ordinal))
            {
                name = name[..^PartSuffix.Length];
            }
            if (!named.Contains(name))
            {
                File.Delete(path);
            }
        }
        foreach (
            var empty in Directory
                .EnumerateDirectories(staged, "*", SearchOption.AllDirectories)
                .OrderByDescending(static path => path.Length)
                .Where(static path => !Directory.EnumerateFileSystemEntries(path).Any())
                .ToList()
        )
        {
            Directory.Delete(empty);
        }
    }

    private void CheckRoom(IReadOnlyList<SeedFile> wanted)
    {
        var missing = wanted.Sum(file =>
        {
            var target = Path.Combine(staged, file.Path);
            var there = new FileInfo(File.Exists(target) ? target : target + PartSuffix);
            return Math.Max(0, file.Length - (there.Exists ? there.Length : 0));
        });
        var free = files.FreeBytes(directory);
        if (free - missing < SeedLimits.FreeBytesMin)
        {
            throw new IOException(
                $"{missing >> 20} MiB are to come and {free >> 20} MiB are free in {directory}; "
                    + $"{SeedLimits.FreeBytesMin >> 20} MiB must stay."
            );
        }
    }

    private void FlushDirectories()
    {
        foreach (
            var path in Directory.EnumerateDirectories(staged, "*", SearchOption.AllDirectories)
        )
        {
            files.FlushDirectory(path);
        }
        files.FlushDirectory(staged);
    }
}

/// <summary>How far a seeding is.</summary>
/// <param name="Pass">1 brings everything, later ones what the archive grew by.</param>
/// <param name="DoneBytes">Of this pass.</param>
/// <param name="TotalBytes">Of this pass.</param>
/// <param name="Waiting">Why nothing moves; null while it does.</param>
public sealed record SeedProgress(int Pass, long DoneBytes, long TotalBytes, string? Waiting);

/// <summary>What a seeding did.</summary>
/// <param name="FetchedBytes">That came over the network.</param>
/// <param name="ReusedBytes">That were there already.</param>
public sealed record SeedReport(
    string Member,
    ulong Term,
    ulong SnapshotIndex,
    ulong ArchiveIndex,
    int Passes,
    long FetchedBytes,
    long ReusedBytes,
    TimeSpan Duration
);
