using Evenkeel.Ledger;
using Evenkeel.Replication;

namespace Evenkeel.Simulation.World;

internal sealed record SimEntry(long Term, byte[] Payload);

/// <summary>A snapshot with the history rows that it counts on.</summary>
internal sealed class SimSnapshot : ISnapshotReader
{
    private readonly Dictionary<string, byte[]> _pieces = new(StringComparer.Ordinal);

    public required ulong Index { get; init; }
    public required long Term { get; init; }
    public required ChainHash Chain { get; init; }
    public required UInt128 StateDigest { get; init; }
    public required HistoryRow[] Rows { get; init; }
    public required IReadOnlyList<string> PieceNames { get; init; }

    public Stream OpenPiece(string name) => new MemoryStream(_pieces[name], writable: false);

    public static SimSnapshot Take(SimReplica replica, long term)
    {
        using ISnapshotView view = replica.Machine.CaptureSnapshot();
        var pieces = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (string name in view.PieceNames)
        {
            using var stream = new MemoryStream();
            view.WritePiece(name, stream);
            pieces.Add(name, stream.ToArray());
        }
        var snapshot = new SimSnapshot
        {
            Index = replica.Machine.AppliedIndex,
            Term = term,
            Chain = replica.Chain,
            StateDigest = view.StateDigest,
            Rows = replica.History.First(replica.History.Count),
            PieceNames = [.. view.PieceNames],
        };
        foreach ((string name, byte[] bytes) in pieces)
        {
            snapshot._pieces.Add(name, bytes);
        }
        return snapshot;
    }
}

/// <summary>What survives a crash of its node.</summary>
internal sealed class SimDisk
{
    private readonly List<SimEntry> _log = [];

    public long Term { get; set; }
    public int? Vote { get; set; }
    public UInt128 Lineage { get; set; } = 1;
    public SimSnapshot? Snapshot { get; set; }

    /// <summary>Entries up to here are forgotten: a snapshot holds them.</summary>
    public ulong Trimmed { get; private set; }

    /// <summary>Entries up to here survive a power loss.</summary>
    public ulong Flushed { get; set; }

    public ulong LastIndex => Trimmed + (ulong)_log.Count;

    public SimEntry this[ulong index] => _log[(int)(index - Trimmed - 1)];

    /// <summary>0 before the first entry; null when the entry is trimmed or not there.</summary>
    public long? TermAt(ulong index) =>
        index == 0 ? 0
        : index == Snapshot?.Index ? Snapshot.Term
        : index > Trimmed && index <= LastIndex ? this[index].Term
        : null;

    public void Append(SimEntry entry) => _log.Add(entry);

    public void CutAfter(ulong index)
    {
        _log.RemoveRange((int)(index - Trimmed), (int)(LastIndex - index));
        Flushed = Math.Min(Flushed, index);
    }

    public void TrimTo(ulong index)
    {
        if (index > Trimmed)
        {
            _log.RemoveRange(0, (int)(Math.Min(index, LastIndex) - Trimmed));
            Trimmed = index;
        }
    }

    /// <summary>Takes over another member's snapshot; the log begins behind it.</summary>
    public void Install(SimSnapshot snapshot)
    {
        Snapshot = snapshot;
        _log.Clear();
        Trimmed = Flushed = snapshot.Index;
    }
}
