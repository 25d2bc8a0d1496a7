using System.Globalization;
using Evenkeel.Gateway.Attempts;
using Evenkeel.Host.CommandLine;
using Evenkeel.Replication;
using Evenkeel.Watch.Backups;

namespace Evenkeel.Host.Backups;

/// <summary>A request that a customer was told something about which the restored bank doesn't know.</summary>
/// <param name="Outcome">What was recorded: <c>Done</c> is a promise that has to be made good.</param>
/// <param name="Lineage">Of <paramref name="Index"/>, 32 hexadecimal digits.</param>
internal sealed record AttemptAfter(
    DateTimeOffset When,
    Guid RequestId,
    string Service,
    string Outcome,
    string Lineage,
    ulong Index,
    ulong Principal,
    IReadOnlyList<string> TransferIds
);

/// <summary>What one gateway recorded after a position.</summary>
/// <param name="Acknowledged">Attempts that were certainly acknowledged.</param>
/// <param name="IsAtLeast">Records are missing of that time: there may be more.</param>
internal sealed record AttemptsAfter(
    string Gateway,
    int Acknowledged,
    bool IsAtLeast,
    IReadOnlyList<AttemptAfter> Attempts
);

/// <summary>Joins a restored position with what a gateway recorded (docs/formats/attempts.md).</summary>
internal static class RestoredAttempts
{
    /// <summary>Lines that people are shown; the object for machines has all.</summary>
    private const int LinesMax = 100;

    public static AttemptsAfter After(string gateway, Restored restored) =>
        After(gateway, restored.Position, restored.Lineage);

    /// <param name="position">The last one that is kept of the parent.</param>
    /// <param name="history">What goes on from there.</param>
    public static AttemptsAfter After(string gateway, LogPosition position, Lineage history)
    {
        var report = AttemptReport.Read(gateway).After(position.Lineage.Value, position.Index);
        var attempts = report
            .Attempts.Where(a => !IsKept(a, history))
            .Select(static a => new AttemptAfter(
                a.When,
                a.Request.RequestId,
                a.Request.Service.ToString(),
                a.Outcome.ToString(),
                new LineageId(a.End?.Lineage ?? 0).ToString(),
                a.End?.Index ?? 0,
                a.Request.Principal,
                [
                    .. a.Request.TransferIds.Select(static id =>
                        id.ToString(CultureInfo.InvariantCulture)
                    ),
                ]
            ))
            .ToList();
        var done = nameof(AttemptOutcome.Done);
        return new(
            gateway,
            attempts.Count(a => string.Equals(a.Outcome, done, StringComparison.Ordinal)),
            report.Gaps.Count > 0,
            attempts
        );
    }

    public static void Say(Terminal terminal, AttemptsAfter after)
    {
        terminal.Line(Text.BackupAttemptsLost(after.Acknowledged));
        foreach (var attempt in after.Attempts.Take(LinesMax))
        {
            terminal.Line(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {attempt.When:O}  {attempt.RequestId}  {attempt.Service}  {attempt.Outcome}  {attempt.Index}  {string.Join(' ', attempt.TransferIds)}"
                )
            );
        }
    }

    /// <summary>An acknowledgement under an ancestor, of an entry that the restored bank has.</summary>
    private static bool IsKept(Attempt attempt, Lineage history) =>
        attempt.End is { Outcome: AttemptOutcome.Done, Index: > 0 } end
        && history.Of(end.Index) == new LineageId(end.Lineage)
        && end.Index <= history.ForkIndex;
}
