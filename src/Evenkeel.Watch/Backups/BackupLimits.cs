namespace Evenkeel.Watch.Backups;

/// <summary>Every bound of backups, with its unit.</summary>
public static class BackupLimits
{
    /// <summary>
    /// Bytes a second that a run reads from a node's disk, so that customers hardly notice: a tenth of
    /// what a plain disk gives.
    /// </summary>
    public const long ReadBytesPerSecondDefault = 64L << 20;

    /// <summary>Plain bytes of one encrypted chunk.</summary>
    public const int ChunkBytes = 1 << 20;

    /// <summary>Bytes of a set's manifest: room for some hundred thousand objects.</summary>
    public const int ManifestBytesMax = 64 << 20;

    /// <summary>How old the newest position of the newest set may be before it counts as stale.</summary>
    public static readonly TimeSpan AgeMaxDefault = TimeSpan.FromMinutes(30);

    /// <summary>
    /// How long a record at the end of an open segment may look torn before it counts as damage: a
    /// running node finishes its write in milliseconds.
    /// </summary>
    public static readonly TimeSpan TornTailMax = TimeSpan.FromSeconds(2);

    /// <summary>Objects without a set are left alone for so long: their set may be in the making.</summary>
    public static readonly TimeSpan OrphanAgeMin = TimeSpan.FromHours(24);

    /// <summary>Copies of a segment, in as many targets, before it may leave a node.</summary>
    public const int CopiesBeforeTrim = 2;

    /// <summary>How long a scratch node may take to replay and serve.</summary>
    public static readonly TimeSpan ScratchStartMax = TimeSpan.FromMinutes(30);

    /// <summary>Tries of a snapshot that the node replaces while it is copied.</summary>
    public const int SnapshotTries = 5;
}
