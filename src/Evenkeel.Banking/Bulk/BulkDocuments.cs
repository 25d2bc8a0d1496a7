using Evenkeel.Payments;

namespace Evenkeel.Banking.Bulk;

/// <summary>One file: its run. The key follows from payer and content.</summary>
internal sealed record BulkRunDocument(
    string Payer,
    string Customer,
    string Reference,
    DateOnly ExecutionDate,
    uint Currency,
    int Count,
    long SumMinor,
    string Purpose,
    string ContentHash,
    string UploadedBy,
    DateTimeOffset UploadedAt,
    BulkState State
)
{
    public OutcomeReason? Reason { get; init; }

    /// <summary>Lines whose payments are in other files of the same payer and day.</summary>
    public int Overlap { get; init; }

    public string? ReleasedBy { get; init; }

    public DateTimeOffset? ReleasedAt { get; init; }

    /// <summary>
    /// The value date that the bank owes: it was released in time, so that it counts from then however
    /// late the bank itself is.
    /// </summary>
    public DateOnly? Promised { get; init; }

    public DateOnly? FirstTriedOn { get; init; }

    public int FundingTries { get; init; }

    /// <summary>Key of the item that calls for the next step; null when there is none.</summary>
    public string? Work { get; init; }

    /// <summary>Steps that only wait, so far; numbers their ids.</summary>
    public int Waits { get; init; }

    /// <summary>The next lines to pay: number of their document, from 0.</summary>
    public int NextChunk { get; init; }

    public int PaidCount { get; init; }

    public long PaidMinor { get; init; }

    public int ReturnedCount { get; init; }

    public long ReturnedMinor { get; init; }

    /// <summary>Who runs it, and until when nobody else does.</summary>
    public string? LockHolder { get; init; }

    public DateTimeOffset? LockUntil { get; init; }

    public DateOnly? BookedOn { get; init; }

    public DateOnly? ValueDate { get; init; }

    public int Chunks => (Count + BulkLimits.LinesAtOnce - 1) / BulkLimits.LinesAtOnce;

    public bool IsFinal =>
        State is BulkState.Done or BulkState.Part or BulkState.NotDone or BulkState.Cancelled;
}

/// <summary>Some lines of a file, sealed as a whole under the payer's key, and what became of each.</summary>
/// <param name="Results">In the order of the lines; empty until they were paid.</param>
internal sealed record BulkChunkDocument(string Sealed, IReadOnlyList<BulkResult> Results);

/// <param name="Order">The instruction that it became.</param>
internal sealed record BulkResult(
    string Order,
    InstructionState State,
    OutcomeReason? Reason = null
);

/// <summary>The files of one payer for one day, in the order in which they came.</summary>
internal sealed record BulkDayDocument(IReadOnlyList<string> Runs);

/// <summary>A line as it is sealed.</summary>
/// <param name="Bank">Null for an account of this bank.</param>
internal sealed record SealedLine(
    int Line,
    string EndToEndId,
    string? Bank,
    string Account,
    string Name,
    long AmountMinor,
    string? Remittance
);
