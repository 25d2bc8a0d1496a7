using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Evenkeel.Model;

namespace Evenkeel.Replication;

/// <summary>
/// Snapshots as directories of hashed pieces under a manifest. A directory has its final name only
/// when everything in it is durable; the two newest are kept.
/// </summary>
internal sealed class SnapshotStore(string directory, LineageId lineage, IFileLayer files)
{
    public const string ManifestName = "manifest.json";
    public const string ManifestHashName = "manifest.sha256";

    /// <summary>Finished snapshots to keep: the newest may turn out to be damaged.</summary>
    private const int Kept = 2;
    private const string TemporaryPrefix = ".writing-";

    /// <summary>Lineages that this one forked from: snapshots from before the fork count.</summary>
    public IReadOnlyList<Ancestor> Ancestors { get; init; } = [];

    /// <summary>Writes the pieces and the manifest; durable and listed when it returns.</summary>
    /// <param name="share">Says, once the pieces are durable, which other files belong to them.</param>
    public void Write(
        ISnapshotView view,
        ArchivePoint point,
        IReadOnlyList<string> members,
        Func<IReadOnlyList<SharedFile>> share
    )
    {
        Directory.CreateDirectory(directory);
        var final = PathOf(point.Index);
        if (Directory.Exists(final))
        {
            return;
        }
        var temporary = Path.Combine(directory, TemporaryPrefix + Path.GetFileName(final));
        if (Directory.Exists(temporary))
        {
            Directory.Delete(temporary, recursive: true);
        }
        Directory.CreateDirectory(temporary);
        var pieces = new List<SnapshotPiece>();
        foreach (var name in view.PieceNames)
        {
            Check.That(IsPieceName(name));
            pieces.Add(
                WriteFile(Path.Combine(temporary, name), stream => view.WritePiece(name, stream))
            );
        }
        WriteManifest(temporary, view, point, members, pieces, share());
        files.FlushDirectory(temporary);
        files.MoveDirectory(temporary, final);
        files.FlushDirectory(directory);
    }

    /// <summary>Removes all but the newest, and what a crash left half written.</summary>
    public void RemoveOld()
    {
        foreach (var old in List().Skip(Kept))
        {
            Directory.Delete(old.Path, recursive: true);
        }
    }

    /// <summary>Finds the newest snapshot that is whole, restoring nothing yet.</summary>
    /// <param name="notes">Receives what was passed over and why.</param>
    public VerifiedSnapshot? FindNewestValid(List<RecoveryNote> notes)
    {
        if (!Directory.Exists(directory))
        {
            return null;
        }
        foreach (var unfinished in Directory.EnumerateDirectories(directory, TemporaryPrefix + "*"))
        {
            Directory.Delete(unfinished, recursive: true);
            notes.Add(new(unfinished, 0, 0, "unfinished snapshot removed"));
        }
        foreach (var (path, index) in List())
        {
            try
            {
                return Verify(path, index);
            }
            catch (RecoveryException damaged)
            {
                notes.Add(damaged.Note with { Message = damaged.Note.Message + "; passed over" });
            }
        }
        return null;
    }

    /// <summary>Takes over what the manifests say of files that they share.</summary>
    public void RememberHashes(FileHashes hashes)
    {
        foreach (var (path, index) in List())
        {
            try
            {
                hashes.Remember(
                    ReadManifest(path, index).Files ?? [],
                    File.GetLastWriteTimeUtc(Path.Combine(path, ManifestName))
                );
            }
            catch (RecoveryException)
            {
                // A damaged manifest is named where snapshots are chosen; here it only says nothing.
            }
        }
    }

    /// <summary>Finished snapshots, newest first.</summary>
    public IReadOnlyList<(string Path, ulong Index)> List() =>
        !Directory.Exists(directory)
            ? []
            :
            [
                .. Directory
                    .EnumerateDirectories(directory)
                    .Select(static path =>
                        (
                            path,
                            ulong.TryParse(
                                Path.GetFileName(path),
                                NumberStyles.None,
                                CultureInfo.InvariantCulture,
                                out var index
                            )
                                ? index
                                : 0
                        )
                    )
                    .Where(static found => found.Item2 > 0)
                    .OrderByDescending(static found => found.Item2),
            ];

    private string PathOf(ulong index) =>
        Path.Combine(directory, index.ToString("D20", CultureInfo.InvariantCulture));

    private static bool IsPieceName(string name) =>
        name.Length is > 0 and <= 100
        && name[0] != '.'
        && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.')
        && !name.StartsWith("manifest.", StringComparison.Ordinal);

    private SnapshotPiece WriteFile(string path, Action<Stream> content)
    {
        using var stream = new BlockStream(files.OpenForWriting(path, create: true));
        content(stream);
        var length = stream.Length;
        return new(Path.GetFileName(path), length, Convert.ToHexStringLower(stream.Complete()));
    }

    private void WriteManifest(
        string target,
        ISnapshotView view,
        ArchivePoint point,
        IReadOnlyList<string> members,
        List<SnapshotPiece> pieces,
        IReadOnlyList<SharedFile> shared
    )
    {
        var manifest = new SnapshotManifest
        {
            FormatVersion = SnapshotManifest.CurrentVersion,
            Lineage = lineage.ToString(),
            Index = point.Index,
            Term = point.Term,
            Chain = point.Chain.ToString(),
            StateVersion = view.StateVersion,
            LogTime = view.LogTime,
            Members = members,
            StateDigest = view.StateDigest.ToString("x32", CultureInfo.InvariantCulture),
            Pieces = pieces,
            Files = shared,
        };
        var json = JsonSerializer.SerializeToUtf8Bytes(
            manifest,
            ReplicationJson.Default.SnapshotManifest
        );
        var written = WriteFile(Path.Combine(target, ManifestName), s => s.Write(json));
        // The same form as sha256sum prints, so that anyone can check it.
        WriteFile(
            Path.Combine(target, ManifestHashName),
            s => s.Write(Encoding.ASCII.GetBytes($"{written.Sha256}  {ManifestName}\n"))
        );
    }

    private VerifiedSnapshot Verify(string path, ulong index) =>
        VerifyAt(path, index, of => IsOfThisHistory(of, index)).Snapshot;

    private bool IsOfThisHistory(string of, ulong index) =>
        string.Equals(of, lineage.ToString(), StringComparison.Ordinal)
        || Ancestors.Any(a =>
            index <= a.ForkIndex && string.Equals(of, a.Id.ToString(), StringComparison.Ordinal)
        );

    /// <summary>Checks one snapshot where it lies; null accepts every lineage.</summary>
    internal static (VerifiedSnapshot Snapshot, SnapshotManifest Manifest) VerifyAt(
        string path,
        ulong index,
        Func<string, bool>? ofThisHistory
    )
    {
        var manifestPath = Path.Combine(path, ManifestName);
        var manifest = ReadManifest(path, index);
        if (manifest.Index != index)
        {
            throw Refuse(manifestPath, index, $"describes entry {manifest.Index}");
        }
        if (ofThisHistory?.Invoke(manifest.Lineage) == false)
        {
            throw Refuse(manifestPath, index, $"belongs to lineage {manifest.Lineage}");
        }
        if (manifest.FormatVersion != SnapshotManifest.CurrentVersion)
        {
            throw Refuse(manifestPath, index, $"format version {manifest.FormatVersion}");
        }
        foreach (var piece in manifest.Pieces)
        {
            var file = Path.Combine(path, piece.Name);
            if (!IsPieceName(piece.Name) || !File.Exists(file))
            {
                throw Refuse(file, index, "piece is missing");
            }
            using var stream = OpenSequential(file);
            if (stream.Length != piece.Length)
            {
                throw Refuse(
                    file,
                    index,
                    $"piece has {stream.Length} bytes, its manifest says {piece.Length}"
                );
            }
            if (!HashEquals(SHA256.HashData(stream), piece.Sha256))
            {
                throw Refuse(file, index, "piece does not match the hash in its manifest");
            }
        }
        return (new VerifiedSnapshot(path, manifest), manifest);
    }

    /// <summary>The manifest when it matches its hash; the pieces are not looked at.</summary>
    /// <exception cref="RecoveryException">It does not, or can't be read.</exception>
    public static SnapshotManifest ReadManifest(string path, ulong index)
    {
        var manifestPath = Path.Combine(path, ManifestName);
        try
        {
            var json = File.ReadAllBytes(manifestPath);
            var expected = File.ReadAllText(Path.Combine(path, ManifestHashName));
            var hash = expected.Split(' ')[0];
            if (!HashEquals(SHA256.HashData(json), hash))
            {
                throw Refuse(manifestPath, index, $"does not match {ManifestHashName}");
            }
            return JsonSerializer.Deserialize(json, ReplicationJson.Default.SnapshotManifest)
                ?? throw Refuse(manifestPath, index, "is empty");
        }
        catch (Exception unreadable) when (unreadable is IOException or JsonException)
        {
            throw Refuse(manifestPath, index, unreadable.Message);
        }
    }

    internal static FileStream OpenSequential(string file) =>
        new(
            file,
            FileMode.Open,
            FileAccess.Read,
            FileShare.Read,
            1 << 20,
            FileOptions.SequentialScan
        );

    private static bool HashEquals(byte[] hash, string hex) =>
        string.Equals(Convert.ToHexStringLower(hash), hex, StringComparison.Ordinal);

    private static RecoveryException Refuse(string file, ulong entry, string reason) =>
        new(new RecoveryNote(file, 0, entry, reason));
}

/// <summary>A snapshot whose manifest and pieces were all checked.</summary>
internal sealed class VerifiedSnapshot(string path, SnapshotManifest manifest) : ISnapshotReader
{
    public ulong Index => manifest.Index;

    public ulong Term => manifest.Term;

    public string Path => path;

    public ChainHash Chain { get; } = ChainHash.From(Convert.FromHexString(manifest.Chain));

    public UInt128 StateDigest { get; } =
        UInt128.Parse(manifest.StateDigest, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    public IReadOnlyList<string> PieceNames { get; } = [.. manifest.Pieces.Select(p => p.Name)];

    public Stream OpenPiece(string name)
    {
        Check.That(PieceNames.Contains(name, StringComparer.Ordinal));
        return SnapshotStore.OpenSequential(System.IO.Path.Combine(path, name));
    }
}
