namespace Evenkeel.Replication;

/// <summary>Something found at start: where, and what was done or must be done about it.</summary>
/// <param name="File">Path of the file.</param>
/// <param name="Offset">Byte offset in it.</param>
/// <param name="Entry">Index of the log entry concerned; 0 when none is.</param>
public sealed record RecoveryNote(string File, long Offset, ulong Entry, string Message)
{
    public override string ToString() =>
        Entry == 0
            ? $"{File} at byte {Offset}: {Message}"
            : $"{File} at byte {Offset}, entry {Entry}: {Message}";
}

/// <summary>What start-up found and did. Printed by the node and shown by its health page.</summary>
public sealed record RecoveryReport
{
    public required LineageId Lineage { get; init; }

    /// <summary>Index of the snapshot that was restored; 0 when there was none.</summary>
    public required ulong SnapshotIndex { get; init; }

    /// <summary>Entries applied from the archive.</summary>
    public required ulong EntriesFromArchive { get; init; }

    /// <summary>Entries applied from the consensus log.</summary>
    public required ulong EntriesFromLog { get; init; }

    /// <summary>Torn tails cut off, damaged files passed over, copies rebuilt; empty when clean.</summary>
    public required IReadOnlyList<RecoveryNote> Notes { get; init; }

    public required TimeSpan Duration { get; init; }
}

/// <summary>
/// The data directory can't be started from: the note names file, offset and entry. Nothing was
/// served from it.
/// </summary>
public sealed class RecoveryException(RecoveryNote note) : Exception(note.ToString())
{
    public RecoveryNote Note { get; } = note;
}
