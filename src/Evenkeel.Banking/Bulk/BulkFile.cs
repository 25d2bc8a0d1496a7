using Evenkeel.Payments;

namespace Evenkeel.Banking.Bulk;

/// <summary>
/// A file as it was meant, whatever its format: what a reader of CSV, and later of pain.001, makes of
/// the bytes.
/// </summary>
/// <param name="Reference">The payer's own name of the file.</param>
/// <param name="ExecutionDate">The day on which the payees shall have the money.</param>
/// <param name="Purpose">Category purpose of ISO 20022: SALA, SUPP...</param>
internal sealed record BulkFile(
    string Reference,
    AccountNumber Payer,
    DateOnly ExecutionDate,
    Money Sum,
    string Purpose,
    IReadOnlyList<BulkLine> Lines
);

/// <param name="Line">In the file, from 1.</param>
/// <param name="EndToEndId">The payer's name of this payment: with payer and date its identity for ever.</param>
internal sealed record BulkLine(
    int Line,
    string EndToEndId,
    Creditor Creditor,
    long AmountMinor,
    string? Remittance
);

/// <summary>A file that is meant as it says, or the first line at which it is not.</summary>
internal abstract record BulkReading
{
    private BulkReading() { }

    public sealed record Good(BulkFile File) : BulkReading;

    public sealed record Bad(BulkFault Fault, int Line) : BulkReading;
}
