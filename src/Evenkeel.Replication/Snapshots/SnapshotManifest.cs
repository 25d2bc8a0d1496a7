namespace Evenkeel.Replication;

/// <summary>manifest.json of a snapshot, docs/formats/snapshot.md.</summary>
internal sealed record SnapshotManifest
{
    public const int CurrentVersion = 1;

    public required int FormatVersion { get; init; }
    public required string Lineage { get; init; }

    /// <summary>The snapshot holds everything up to and including this entry.</summary>
    public required ulong Index { get; init; }
    public required ulong Term { get; init; }

    /// <summary>Chain hash after that entry, hex.</summary>
    public required string Chain { get; init; }
    public required uint StateVersion { get; init; }

    /// <summary>Log time of that entry, nanoseconds since the Unix epoch.</summary>
    public required ulong LogTime { get; init; }
    public required IReadOnlyList<string> Members { get; init; }

    /// <summary>32 hex digits.</summary>
    public required string StateDigest { get; init; }
    public required IReadOnlyList<SnapshotPiece> Pieces { get; init; }

    /// <summary>
    /// Files outside the snapshot that belong to it, not copied: sealed ones, and the first bytes of
    /// one that is still appended to. Null in a manifest of an earlier program.
    /// </summary>
    public IReadOnlyList<SharedFile>? Files { get; init; }
}

/// <param name="Sha256">64 hex digits.</param>
internal sealed record SnapshotPiece(string Name, long Length, string Sha256);
