using Evenkeel.Node.History;
using Evenkeel.Node.Quarantine;

namespace Evenkeel.Node.Recovery;

/// <summary>At start: makes damaged history again from the archive, and says what was done.</summary>
internal static class HistoryRepair
{
    /// <returns>What was done, one line each.</returns>
    /// <exception cref="HistoryDamagedException">The archive can't make the rows again.</exception>
    public static IReadOnlyList<string> Run(
        string archiveDirectory,
        HistoryDamagedException damage,
        HistoryOptions history,
        NodeOptions options,
        QuarantineSet quarantine,
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
            HistoryFromArchive.Replay(
                archiveDirectory,
                options.Ledger,
                scratchDirectory: history.Directory + ".records",
                quarantine
            ),
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
}
