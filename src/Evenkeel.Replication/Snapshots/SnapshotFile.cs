using System.Globalization;

namespace Evenkeel.Replication;

/// <summary>
/// A finished snapshot, read where it lies (a data directory, a backup): every piece was checked
/// against the manifest. Nothing in the directory is changed.
/// </summary>
public sealed class SnapshotFile : ISnapshotReader
{
    private readonly VerifiedSnapshot snapshot;
    private readonly SnapshotManifest manifest;

    private SnapshotFile(VerifiedSnapshot snapshot, SnapshotManifest manifest)
    {
        this.snapshot = snapshot;
        this.manifest = manifest;
    }

    public string Path => snapshot.Path;

    public ulong Index => snapshot.Index;

    public ulong Term => snapshot.Term;

    /// <summary>Chain hash after <see cref="Index"/>.</summary>
    public ChainHash Chain => snapshot.Chain;

    public LineageId Lineage => LineageId.Parse(manifest.Lineage);

    /// <summary>Log time of the entry at <see cref="Index"/>, nanoseconds; 0 when not recorded.</summary>
    public ulong LogTime => manifest.LogTime;

    /// <summary>Version of the behaviour that made the state; 0 when not recorded.</summary>
    public uint StateVersion => manifest.StateVersion;

    public UInt128 StateDigest => snapshot.StateDigest;

    public IReadOnlyList<string> PieceNames => snapshot.PieceNames;

    public Stream OpenPiece(string name) => snapshot.OpenPiece(name);

    /// <summary>Finished snapshots of a <c>snapshots</c> directory, newest first, not yet checked.</summary>
    public static IReadOnlyList<(string Path, ulong Index)> List(string directory) =>
        new SnapshotStore(directory, default, RealFileLayer.Instance).List();

    /// <summary>Checks the manifest and every piece.</summary>
    /// <param name="path">The directory of one snapshot, named by its index.</param>
    /// <exception cref="RecoveryException">Something is missing or not what the manifest says.</exception>
    public static SnapshotFile Open(string path)
    {
        string full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        if (
            !ulong.TryParse(
                System.IO.Path.GetFileName(full),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out ulong index
            )
        )
        {
            throw new RecoveryException(
                new RecoveryNote(full, 0, 0, "a snapshot's directory is named by its entry")
            );
        }
        (VerifiedSnapshot snapshot, SnapshotManifest manifest) = SnapshotStore.VerifyAt(
            full,
            index,
            ofThisHistory: null
        );
        return new SnapshotFile(snapshot, manifest);
    }
}
