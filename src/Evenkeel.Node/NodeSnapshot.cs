using System.Runtime.InteropServices;
using Evenkeel.Ledger;
using Evenkeel.Model;
using Evenkeel.Node.Quarantine;
using Evenkeel.Records;
using Evenkeel.Replication;

namespace Evenkeel.Node;

/// <summary>The first piece of a node's snapshot: 64 bytes (docs/formats/node-snapshot.md).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct NodeSnapshotHeader
{
    public const int Size = 64;

    /// <summary>"EKN1" read as a little-endian number.</summary>
    public const uint MagicValue = 0x314E4B45;
    public const uint CurrentVersion = 1;

    [FieldOffset(0)]
    public uint Magic;

    [FieldOffset(4)]
    public uint Version;

    [FieldOffset(8)]
    public uint StateVersion;

    /// <summary>1 when there is a piece of records.</summary>
    [FieldOffset(12)]
    public uint HasRecords;

    /// <summary>Rows of history that belong to this state.</summary>
    [FieldOffset(16)]
    public ulong HistoryRows;

    [FieldOffset(24)]
    public ulong Index;

    /// <summary>Digest of the records' logical rows at <see cref="Index"/>.</summary>
    [FieldOffset(32)]
    public UInt128 RecordsDigest;

    /// <summary>Which entries up to here were applied as refused; 0 = none.</summary>
    [FieldOffset(48)]
    public UInt128 Quarantine;
}

/// <summary>A consistent view of ledger and records; history rows are files already.</summary>
internal sealed class NodeSnapshot : ISnapshotView
{
    private const string NodePiece = "node";
    private const string LedgerPiece = "ledger";
    private const string RecordsPiece = "records";

    private readonly NodeParts _parts;
    private readonly NodeSnapshotHeader _header;
    private readonly LedgerSnapshot _ledger;
    private readonly RecordSnapshot? _records;

    private NodeSnapshot(
        NodeParts parts,
        NodeSnapshotHeader header,
        LedgerSnapshot ledger,
        RecordSnapshot? records
    )
    {
        _parts = parts;
        _header = header;
        _ledger = ledger;
        _records = records;
        PieceNames = records is null
            ? [NodePiece, LedgerPiece]
            : [NodePiece, LedgerPiece, RecordsPiece];
    }

    public IReadOnlyList<string> PieceNames { get; }

    /// <summary>Of the ledger; known once its piece is written. That of the records is in the node's piece.</summary>
    public UInt128 StateDigest => _ledger.Digest;

    /// <summary>The history's files with the rows that belong to this state: named, not copied.</summary>
    public IReadOnlyList<SharedFile> Files => _parts.Files?.FilesOf(_header.HistoryRows) ?? [];

    /// <summary>Quick: pins what is written later. Under the apply lock, between entries.</summary>
    public static NodeSnapshot Capture(NodeParts parts, ulong index, uint stateVersion)
    {
        RecordSnapshot? records = null;
        if (parts.Records is { } store)
        {
            store.AdvanceTo(index);
            records = store.Capture();
        }
        LedgerSnapshot ledger = parts.Ledger.CaptureSnapshot();
        var header = new NodeSnapshotHeader
        {
            Magic = NodeSnapshotHeader.MagicValue,
            Version = NodeSnapshotHeader.CurrentVersion,
            StateVersion = stateVersion,
            HasRecords = records is null ? 0u : 1u,
            HistoryRows = ledger.HistoryCount,
            Index = index,
            RecordsDigest = records?.Digest ?? 0,
            Quarantine = parts.Quarantine.DigestUpTo(index),
        };
        return new NodeSnapshot(parts, header, ledger, records)
        {
            LogTime = parts.Ledger.LastTimestamp,
        };
    }

    /// <summary>Loads all parts and returns the state version.</summary>
    /// <exception cref="InvalidDataException">A piece is not what its name says.</exception>
    public static uint Restore(NodeParts parts, ISnapshotReader snapshot)
    {
        NodeSnapshotHeader header = ReadHeader(snapshot);
        if (header.Quarantine != parts.Quarantine.DigestUpTo(snapshot.Index))
        {
            throw new QuarantineException(
                $"The snapshot of entry {snapshot.Index} was made with other entries in quarantine "
                    + $"than the overrides of this node say: the same files belong on every node"
            );
        }
        parts.Quarantine.MarkAppliedUpTo(snapshot.Index);
        using (Stream stream = snapshot.OpenPiece(LedgerPiece))
        {
            parts.Ledger.Restore(stream);
        }
        Check.That(parts.Ledger.HistoryCount == header.HistoryRows);
        RestoreHistory(parts, header.HistoryRows);
        if (header.HasRecords == 1)
        {
            parts.RestoreRecords(
                snapshot.Index,
                header.RecordsDigest,
                () => snapshot.OpenPiece(RecordsPiece)
            );
        }
        return header.StateVersion;
    }

    public uint StateVersion => _header.StateVersion;

    public ulong LogTime { get; private init; }

    /// <summary>Version of the rules that a snapshot's state was made by.</summary>
    public static uint StateVersionOf(ISnapshotReader snapshot) =>
        ReadHeader(snapshot).StateVersion;

    /// <summary>Rows of history that a snapshot counts on.</summary>
    public static ulong RowsOf(ISnapshotReader snapshot) => ReadHeader(snapshot).HistoryRows;

    public void WritePiece(string name, Stream destination)
    {
        switch (name)
        {
            case NodePiece:
                // A snapshot must not outlive the rows that it counts on.
                _parts.Files?.FlushTo(_header.HistoryRows, CancellationToken.None);
                destination.Write(
                    MemoryMarshal.AsBytes(new ReadOnlySpan<NodeSnapshotHeader>(in _header))
                );
                break;
            case LedgerPiece:
                _ledger.WriteTo(destination);
                break;
            default:
                Check.That(string.Equals(name, RecordsPiece, StringComparison.Ordinal));
                // Entries up to here may leave the log once this snapshot counts.
                Check.That(_parts.Records!.Flush() >= _header.Index);
                _records!.CopyTo(
                    destination,
                    Path.Combine(_parts.ScratchDirectory, "records.snapshot.tmp")
                );
                break;
        }
    }

    public void Dispose()
    {
        _ledger.Dispose();
        _records?.Dispose();
    }

    private static NodeSnapshotHeader ReadHeader(ISnapshotReader snapshot)
    {
        NodeSnapshotHeader header;
        using (Stream stream = snapshot.OpenPiece(NodePiece))
        {
            Span<byte> bytes = stackalloc byte[NodeSnapshotHeader.Size];
            stream.ReadExactly(bytes);
            header = MemoryMarshal.Read<NodeSnapshotHeader>(bytes);
        }
        return
            header.Magic == NodeSnapshotHeader.MagicValue
            && header.Version == NodeSnapshotHeader.CurrentVersion
            && header.Index == snapshot.Index
            ? header
            : throw new InvalidDataException(
                "The node's piece of the snapshot is not of this index."
            );
    }

    private static void RestoreHistory(NodeParts parts, ulong rows)
    {
        if (parts.Files is not { } files)
        {
            Check.That(
                parts.History.Count == rows,
                "rows in memory outlive a restart in tests only"
            );
            return;
        }
        files.RequireRows(rows);
        files.TruncateTo(rows);
        files.Scan(0, rows, parts.Ledger.IndexRows, CancellationToken.None);
    }
}
