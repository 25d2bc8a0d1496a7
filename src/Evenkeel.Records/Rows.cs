using Evenkeel.Journal;

namespace Evenkeel.Records;

/// <summary>A record as stored. Json null: deleted, kept for its version, so that none repeats.</summary>
internal readonly record struct RecordRow(
    RecordKey Key,
    ulong Version,
    byte[]? Json,
    ulong Created,
    ulong Updated
);

internal readonly record struct CounterRow(RecordKey Key, long Value, ulong Updated);

/// <summary>What became of an operation, and which entry decided it.</summary>
/// <param name="Ordinal">Place among the operations of its entry, from 0.</param>
internal readonly record struct OperationRow(
    OperationId Id,
    UInt128 ContentHash,
    ulong Entry,
    int Ordinal,
    OperationResult Result
);

internal readonly record struct ChangeRow(
    ulong Sequence,
    ulong Entry,
    ulong Timestamp,
    ChangeKind Kind,
    RecordKey Key,
    ulong Version,
    byte[]? Json
);

/// <summary>What a change tells. Numbers only grow.</summary>
public enum ChangeKind : byte
{
    None = 0,
    Written = 1,
    Deleted = 2,
    Message = 3,
}

/// <summary>Rows of a table, and the sum of their checksums modulo 2^128.</summary>
internal readonly record struct TableSum(ulong Rows, UInt128 Sum)
{
    public TableSum Add(UInt128 checksum) => new(Rows + 1, unchecked(Sum + checksum));

    public TableSum Replace(UInt128 old, UInt128 now) => new(Rows, unchecked(Sum - old + now));
}

/// <summary>The one row that moves with every transaction.</summary>
internal sealed record StoreState(
    ulong AppliedIndex,
    ulong Sequence,
    TableSum Records,
    TableSum Counters,
    TableSum Operations,
    TableSum Changes
);
