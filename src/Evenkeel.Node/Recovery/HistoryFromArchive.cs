using Evenkeel.Ledger;
using Evenkeel.Node.History;
using Evenkeel.Node.Quarantine;
using Evenkeel.Node.Telemetry;
using Evenkeel.Replication;

namespace Evenkeel.Node.Recovery;

/// <summary>Makes history rows again by replaying the archive from entry 1 in a scratch node.</summary>
internal static class HistoryFromArchive
{
    /// <param name="archiveDirectory">The archive, which must reach back to entry 1.</param>
    /// <param name="ledgerOptions">Memory layout of the scratch ledger.</param>
    /// <param name="scratchDirectory">Where the scratch records live meanwhile; made and removed.</param>
    /// <param name="quarantine">Entries that the node applies as refused.</param>
    public static HistoryReplay Replay(
        string archiveDirectory,
        LedgerOptions ledgerOptions,
        string scratchDirectory,
        QuarantineSet? quarantine = null
    ) =>
        (history, rows, cancellationToken) =>
        {
            Directory.CreateDirectory(scratchDirectory);
            try
            {
                using var metrics = new NodeMetrics();
                using var parts = new NodeParts
                {
                    History = history,
                    Ledger = new LedgerState(ledgerOptions, history),
                    RecordsPath = Path.Combine(scratchDirectory, "records.db"),
                    ScratchDirectory = scratchDirectory,
                    Quarantine = quarantine ?? QuarantineSet.None,
                };
                var machine = new NodeStateMachine(parts, metrics);
                using var archive = new ArchiveReader(archiveDirectory, fromIndex: 1);
                while (history.Count < rows && archive.Read())
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    machine.Apply(
                        new CommittedEntry(archive.Index, archive.Term, archive.Payload.Span),
                        context: null
                    );
                }
            }
            finally
            {
                Directory.Delete(scratchDirectory, recursive: true);
            }
        };
}
