using Evenkeel.Verifier;

namespace Evenkeel.Host.Verify;

/// <summary>What <c>verify log --json</c> prints (docs/cli.md).</summary>
/// <param name="ChainHash">SHA-256 chain hash at the last index, lower-case hexadecimal.</param>
/// <param name="RowsNamed">Rows and balances named by findings, each once.</param>
/// <param name="ComparedTo">All was made again from the entries up to here and compared; 0 = nothing.</param>
/// <param name="Quarantined">Entries without effect, by order of two people.</param>
/// <param name="RowsAhead">Rows of entries that the archive does not hold yet: not judged.</param>
/// <param name="RowsBehind">Rows that the next start makes again.</param>
/// <param name="Checkpoints">Signed checkpoints that agree with the archive.</param>
/// <param name="SignedTo">Entry of the newest of them.</param>
/// <param name="Anchored">The public key came from elsewhere.</param>
internal sealed record VerifyOutput(
    bool Sound,
    long Files,
    long Bytes,
    ulong Entries,
    ulong Rows,
    ulong FirstIndex,
    ulong LastIndex,
    string ChainHash,
    long TornBytes,
    int RowsNamed,
    ulong ComparedTo,
    IReadOnlyList<ulong> Quarantined,
    long BalancesCompared,
    long RecordsCompared,
    long RowsAhead,
    long RowsBehind,
    long Checkpoints,
    ulong SignedTo,
    bool Anchored,
    bool FindingsTruncated,
    IReadOnlyList<VerifyFinding> Findings
)
{
    public static VerifyOutput Of(Judgement j) =>
        new(
            j.Sound,
            j.Files,
            j.Bytes,
            j.Entries,
            j.Rows,
            j.FirstIndex,
            j.LastIndex,
            j.ChainHash,
            j.TornBytes,
            j.RowsNamed,
            j.ComparedTo,
            j.Quarantined,
            j.BalancesCompared,
            j.RecordsCompared,
            j.RowsAhead,
            j.RowsBehind,
            j.Checkpoints,
            j.SignedTo,
            j.IsAnchored,
            j.FindingsTruncated,
            [
                .. j.Findings.Select(f => new VerifyFinding(
                    f.Kind,
                    f.File,
                    f.Offset,
                    f.Entry,
                    f.Table,
                    f.Key,
                    f.What
                )),
            ]
        );
}

/// <param name="Offset">Bytes from the file's start; 0 when the thing is not there.</param>
/// <param name="Entry">Log index concerned, or 0.</param>
internal sealed record VerifyFinding(
    string Kind,
    string File,
    long Offset,
    ulong Entry,
    string? Table,
    string? Key,
    string What
);
