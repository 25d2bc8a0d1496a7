namespace Evenkeel.Replication;

/// <summary>One committed entry, valid only during the call that hands it over.</summary>
public readonly ref struct CommittedEntry(ulong index, ulong term, ReadOnlySpan<byte> payload)
{
    /// <summary>Position in the log, from 1, without gaps as the state machine sees the log.</summary>
    public ulong Index { get; } = index;

    public ulong Term { get; } = term;

    /// <summary>Empty for entries of the consensus engine itself (a new leader's no-op).</summary>
    public ReadOnlySpan<byte> Payload { get; } = payload;
}

/// <summary>
/// State that is a pure function of the log. Calls are serial: <see cref="Apply"/> and
/// <see cref="CaptureSnapshot"/> never overlap.
/// </summary>
public interface IStateMachine
{
    /// <summary>Index of the last entry applied or restored; 0 at the beginning.</summary>
    ulong AppliedIndex { get; }

    /// <summary>
    /// Applies the entry after <see cref="AppliedIndex"/>. <paramref name="context"/> is what the
    /// proposer attached on this node, or null on others and in replay. An exception stops the node.
    /// </summary>
    void Apply(in CommittedEntry entry, object? context);

    /// <summary>
    /// Takes a consistent view at <see cref="AppliedIndex"/>, quickly (copy-on-write); its pieces
    /// are then written on another thread while entries go on being applied.
    /// </summary>
    ISnapshotView CaptureSnapshot();

    /// <summary>Loads a snapshot whose pieces were verified. Called before any entry.</summary>
    void Restore(ISnapshotReader snapshot);
}

/// <summary>A consistent view of the state, to be written in named pieces.</summary>
public interface ISnapshotView : IDisposable
{
    /// <summary>Names: letters, digits, '-', '.'; unique within the snapshot; order is kept.</summary>
    IReadOnlyList<string> PieceNames { get; }

    /// <summary>Writes one piece; called once for each name, in order, on one background thread.</summary>
    void WritePiece(string name, Stream destination);

    /// <summary>128-bit digest of the state at this index, for the manifest.</summary>
    UInt128 StateDigest { get; }

    /// <summary>Version of the behaviour that made the state.</summary>
    uint StateVersion => 0;

    /// <summary>Log time of the last entry, nanoseconds since the Unix epoch.</summary>
    ulong LogTime => 0;

    /// <summary>
    /// Files of the data directory that this state counts on and that are not copied into the
    /// snapshot, since their bytes never change any more. Asked for after the pieces were written.
    /// </summary>
    IReadOnlyList<SharedFile> Files => [];
}

/// <summary>A file that a snapshot counts on where it lies.</summary>
/// <param name="Path">Relative to the data directory, by the grammar of <see cref="SeedPath"/>.</param>
/// <param name="Length">Its bytes, or of a file that is appended to the first ones that count.</param>
/// <param name="Sha256">Of these bytes, 64 lower-case hex digits; null where not known yet.</param>
public sealed record SharedFile(string Path, long Length, string? Sha256 = null);

/// <summary>Reads a verified snapshot.</summary>
public interface ISnapshotReader
{
    ulong Index { get; }

    UInt128 StateDigest { get; }

    IReadOnlyList<string> PieceNames { get; }

    /// <summary>Opens a piece whose length and hash were verified against the manifest.</summary>
    Stream OpenPiece(string name);
}
