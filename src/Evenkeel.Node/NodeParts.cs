using Evenkeel.Ledger;
using Evenkeel.Ledger.Queries;
using Evenkeel.Node.History;
using Evenkeel.Node.Quarantine;
using Evenkeel.Records;

namespace Evenkeel.Node;

/// <summary>What the state machine is made of, and the lock that keeps readers out of an apply.</summary>
internal sealed class NodeParts : IDisposable
{
    private bool _isClosed;

    public required LedgerState Ledger { get; init; }

    public required IHistory History { get; init; }

    /// <summary>Finds rows by user data, ledger or code.</summary>
    public ITransferIndex TransferIndex { get; init; } = ScanTransferIndex.Instance;

    /// <summary>The same history when it is kept in files; null in memory.</summary>
    public FileHistory? Files { get; init; }

    /// <summary>The records' database; null in a node without records (tests, probes).</summary>
    public string? RecordsPath { get; init; }

    /// <summary>What the records are indexed by.</summary>
    public IReadOnlyList<RecordIndex> RecordIndexes { get; init; } = [];

    /// <summary>Open from the first entry or snapshot on.</summary>
    public RecordStore? Records { get; private set; }

    /// <summary>What was done about damaged records at start; null when nothing was.</summary>
    public string? RecordsNote { get; private set; }

    /// <summary>The records were found damaged while the node ran: they are made again.</summary>
    public bool RecordsAreMarked { get; init; }

    /// <summary>Entries that are applied as refused.</summary>
    public QuarantineSet Quarantine { get; init; } = QuarantineSet.None;

    /// <summary>Where snapshots may put temporary files.</summary>
    public string ScratchDirectory { get; init; } = Path.GetTempPath();

    /// <summary>Held while an entry is applied, and by readers for short moments.</summary>
    public Lock ApplyLock { get; } = new();

    /// <summary>
    /// Opens the records for a replay from the first entry on. What can't be read is put aside: the
    /// log makes it again.
    /// </summary>
    public void OpenRecords()
    {
        if (RecordsPath is null || Records is not null)
        {
            return;
        }
        try
        {
            PutAsideIfMarked();
            Records = RecordStore.Open(RecordsPath, RecordIndexes);
        }
        catch (RecordStoreException damaged) when (damaged.IsDamage)
        {
            PutAside(damaged.Message + "; rebuilding from the log");
            Records = RecordStore.Open(RecordsPath, RecordIndexes);
        }
    }

    /// <summary>
    /// Opens the records for a replay after a snapshot: those on disk when they are whole and not
    /// behind it, else the snapshot's copy.
    /// </summary>
    public void RestoreRecords(ulong index, UInt128 digest, Func<Stream> openCopy)
    {
        if (RecordsPath is null)
        {
            return;
        }
        try
        {
            PutAsideIfMarked();
            Records = RecordStore.Open(RecordsPath, RecordIndexes);
            if (Records.AppliedIndex >= index)
            {
                return;
            }
            RecordsNote ??= $"records at entry {Records.AppliedIndex} are behind snapshot {index}";
            Records.Dispose();
        }
        catch (RecordStoreException damaged) when (damaged.IsDamage)
        {
            PutAside(damaged.Message + "; restoring the snapshot's copy");
        }
        using (Stream copy = openCopy())
        {
            RecordSnapshot.Restore(copy, RecordsPath, digest);
        }
        Records = RecordStore.Open(RecordsPath, RecordIndexes);
    }

    /// <summary>
    /// Under the apply lock, before looking into the ledger: its memory is native and gone once the
    /// node is closed, while a read that nobody waits for any more may still be on its way.
    /// </summary>
    /// <exception cref="OperationCanceledException">The node is closed.</exception>
    public void ThrowIfClosed()
    {
        if (_isClosed)
        {
            throw new OperationCanceledException("The node is closed.");
        }
    }

    public void Dispose()
    {
        lock (ApplyLock)
        {
            _isClosed = true;
            Ledger.Dispose();
        }
        Files?.Dispose();
        Records?.Dispose();
    }

    private void PutAsideIfMarked()
    {
        if (RecordsAreMarked)
        {
            PutAside("records had a damaged row; making them again");
        }
        else if (Quarantine.FirstNew is { } entry)
        {
            // They may hold what that entry wrote before it broke; the replay leaves it out.
            PutAside($"entry {entry} is in quarantine now; making the records again");
        }
    }

    private void PutAside(string note)
    {
        RecordsNote = note;
        foreach (string suffix in (ReadOnlySpan<string>)["", "-wal", "-shm"])
        {
            string path = RecordsPath + suffix;
            if (File.Exists(path))
            {
                File.Move(path, RecordsPath + ".damaged" + suffix, overwrite: true);
            }
        }
    }
}
