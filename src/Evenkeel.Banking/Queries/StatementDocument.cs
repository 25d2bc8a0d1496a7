namespace Evenkeel.Banking.Queries;

/// <summary>
/// A statement that was drawn: its lines are the ledger's between the two moments, for ever. Key:
/// account/number.
/// </summary>
/// <param name="Number">1, 2, 3... without gap for each account.</param>
/// <param name="FromNs">Log time after which its movements lie, nanoseconds.</param>
/// <param name="ToNs">Log time up to which its movements lie, nanoseconds.</param>
internal sealed record StatementDocument(
    int Number,
    DateOnly From,
    DateOnly To,
    ulong FromNs,
    ulong ToNs,
    long OpeningMinor,
    long ClosingMinor
);
