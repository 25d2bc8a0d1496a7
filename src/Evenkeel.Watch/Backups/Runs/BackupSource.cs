using Evenkeel.Replication;

namespace Evenkeel.Watch.Backups;

/// <summary>A file of the node that goes into a set as it is.</summary>
internal sealed record SourceFile(string Name, SetObjectKind Kind, string Path);

/// <summary>
/// A node's data directory, read beside the running node: sealed things never change, and of what
/// grows only whole records are taken. Nothing in it is locked or written.
/// </summary>
internal sealed class BackupSource
{
    private readonly string directory;

    public BackupSource(string directory)
    {
        this.directory = Path.GetFullPath(directory);
        History =
            Read(() => Lineage.Find(this.directory))
            ?? throw new BackupException(
                BackupProblem.SourceDamaged,
                $"{directory} is no data directory: it has no lineage.json"
            );
    }

    public Lineage History { get; }

    public string Archive => Path.Combine(directory, "archive");

    public SourceFile LineageFile =>
        new("lineage.json", SetObjectKind.Lineage, Path.Combine(directory, "lineage.json"));

    /// <summary>Segments in order, joined without gaps.</summary>
    public IReadOnlyList<ArchiveSegment> Segments()
    {
        var segments = Read(() => ArchiveSegments.List(Archive));
        for (var i = 1; i < segments.Count; i++)
        {
            if (
                segments[i - 1].LastIndex + 1 != segments[i].FirstIndex
                || segments[i - 1].LastChain != segments[i].PreviousChain
            )
            {
                throw new BackupException(
                    BackupProblem.SourceDamaged,
                    $"{segments[i].Path} does not continue the segment before it"
                );
            }
        }
        return segments;
    }

    /// <summary>Reads a sealed segment whole: every checksum and the chain.</summary>
    /// <returns>Log time of its newest entry that carries one; 0 when none does.</returns>
    public async Task<ulong> CheckAsync(
        ArchiveSegment segment,
        Throttle throttle,
        CancellationToken cancellationToken
    )
    {
        ulong time = 0;
        try
        {
            using var reader = new ArchiveReader(
                Archive,
                segment.FirstIndex,
                segment.LastIndex,
                History
            );
            while (reader.Read())
            {
                time = EntryTime.Of(reader.Payload.Span) ?? time;
                await throttle.TakeAsync(reader.Payload.Length, cancellationToken);
            }
            return reader.Index == segment.LastIndex && reader.Chain == segment.LastChain
                ? time
                : throw new BackupException(
                    BackupProblem.SourceDamaged,
                    $"{segment.Path} does not reach its own end"
                );
        }
        catch (ArchiveDamageException damage)
        {
            throw new BackupException(BackupProblem.SourceDamaged, damage.Message, damage);
        }
    }

    /// <summary>Chain hash after an entry; null when the archive does not hold it whole.</summary>
    public ChainHash? ChainAt(ulong index)
    {
        try
        {
            using var reader = new ArchiveReader(Archive, index, index, History);
            return reader.Read() ? reader.Chain : null;
        }
        catch (ArchiveDamageException)
        {
            return null;
        }
    }

    /// <summary>The newest snapshot that is whole; null when there is none.</summary>
    public SnapshotFile? NewestSnapshot()
    {
        var snapshots = Path.Combine(directory, "snapshots");
        for (var i = 0; i < BackupLimits.SnapshotTries; i++)
        {
            foreach (var (path, _) in SnapshotFile.List(snapshots))
            {
                try
                {
                    var snapshot = SnapshotFile.Open(path);
                    if (History.Shares(snapshot.Lineage, snapshot.Index))
                    {
                        return snapshot;
                    }
                }
                catch (Exception gone) when (gone is RecoveryException or IOException)
                {
                    // Damaged, or replaced by a newer one just now: the next or a new list.
                }
            }
        }
        return null;
    }

    public static IEnumerable<SourceFile> SnapshotFiles(SnapshotFile snapshot, bool withPieces)
    {
        IEnumerable<string> names = ["manifest.json", "manifest.sha256"];
        var folder = Path.GetFileName(snapshot.Path);
        return (withPieces ? names.Concat(snapshot.PieceNames) : names).Select(
            name => new SourceFile(
                $"snapshots/{folder}/{name}",
                SetObjectKind.Snapshot,
                Path.Combine(snapshot.Path, name)
            )
        );
    }

    /// <summary>Signed checkpoints and the public keys that they are checked with.</summary>
    public IEnumerable<SourceFile> Checkpoints()
    {
        var folder = Path.Combine(directory, "checkpoints");
        return !Directory.Exists(folder)
            ? []
            : Directory
                .EnumerateFiles(folder)
                .Where(static f =>
                    f.EndsWith(".ekp", StringComparison.Ordinal)
                    || f.EndsWith(".pem", StringComparison.Ordinal)
                )
                .Order(StringComparer.Ordinal)
                .Select(static f => new SourceFile(
                    $"checkpoints/{Path.GetFileName(f)}",
                    SetObjectKind.Checkpoint,
                    f
                ));
    }

    /// <summary>
    /// Orders of quarantine: without them a restored bank would stop again at the same entry.
    /// </summary>
    public IEnumerable<SourceFile> Quarantine()
    {
        var folder = Path.Combine(directory, "overrides");
        var files = !Directory.Exists(folder)
            ? []
            : Directory
                .EnumerateFiles(folder)
                .Where(static f => QuarantinedEntry(f) is not null)
                .Order(StringComparer.Ordinal)
                .Select(static f => new SourceFile(
                    $"overrides/{Path.GetFileName(f)}",
                    SetObjectKind.Quarantine,
                    f
                ));
        // A member of a cluster takes the people from the file beside cluster.json.
        var people = new[] { directory, Path.GetDirectoryName(directory) ?? directory }
            .Select(static d => Path.Combine(d, "operators.json"))
            .FirstOrDefault(File.Exists);
        return people is null
            ? files
            : files.Append(new SourceFile("operators.json", SetObjectKind.Quarantine, people));
    }

    /// <summary>The entry that a file of <c>overrides/</c> is about; null for other files.</summary>
    public static ulong? QuarantinedEntry(string path) =>
        Path.GetExtension(path) is ".json" or ".applied"
        && ulong.TryParse(
            Path.GetFileNameWithoutExtension(path),
            System.Globalization.NumberStyles.None,
            System.Globalization.CultureInfo.InvariantCulture,
            out var entry
        )
            ? entry
            : null;

    private static T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception damage) when (damage is RecoveryException or ArchiveDamageException)
        {
            throw new BackupException(BackupProblem.SourceDamaged, damage.Message, damage);
        }
    }
}
