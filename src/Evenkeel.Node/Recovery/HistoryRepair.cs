using Evenkeel.Ledger;
using Evenkeel.Model;
using Evenkeel.Node.History;
using Evenkeel.Node.Telemetry;
using Evenkeel.Replication;

namespace Evenkeel.Node.Recovery;

/// <summary>Makes damaged history again from the archive, entry by entry from the first.</summary>
internal static class HistoryRepair
{
    /// <returns>What was done, one line each.</returns>
    /// <exception cref="HistoryDamagedException">The archive can't make the rows again.</exception>
    public static IReadOnlyList<string> Run(
        string archiveDirectory,
        HistoryDamagedException damage,
        HistoryOptions history,
        NodeOptions options,
        CancellationToken cancellationToken
    )
    {
        ulong rows;
        using (FileHistory whole = FileHistory.Open(history))
        {
            // At least up to the damage; what follows is made again by the node's own replay.
            rows = Math.Max(whole.Count, damage.Damage.Position + 1);
        }
        HistoryRebuildReport report = HistoryRebuild.Run(
            history,
            rows,
            (made, wanted, token) => Replay(archiveDirectory, made, wanted, options, token),
            cancellationToken
        );
        if (report.Refusal is { } refusal)
        {
            throw new HistoryDamagedException(
                damage.Damage with
                {
                    Reason = $"{damage.Damage.Reason}; not rebuilt: {refusal}",
                }
            );
        }
        return
        [
            .. report.Damages.Select(found => found.ToString()),
            .. report.Replaced.Select(segment => $"history segment {segment} was rebuilt"),
        ];
    }

    private static void Replay(
        string archiveDirectory,
        IHistory history,
        ulong rows,
        NodeOptions options,
        CancellationToken cancellationToken
    )
    {
        string scratch = Directory.CreateTempSubdirectory("evenkeel-rebuild-").FullName;
        try
        {
            using var metrics = new NodeMetrics();
            using var parts = new NodeParts
            {
                History = history,
                Ledger = new LedgerState(options.Ledger, history),
                RecordsPath = Path.Combine(scratch, "records.db"),
                RecordIndexes = options.RecordIndexes,
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
            Check.That(machine.AppliedIndex == archive.Index);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }
}
