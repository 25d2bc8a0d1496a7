using Evenkeel.Payments;

namespace Evenkeel.Banking.Bills;

/// <summary>
/// The lines to those who take bills. A biller may not answer in time, which says nothing of what it
/// did: it is then asked, and at last told to undo.
/// </summary>
public interface IBillers
{
    /// <summary>Pays a bill. The same reference again is the same payment, and gets its answer.</summary>
    Task<BillerReport> PayAsync(BillMessage bill, CancellationToken cancellationToken);

    /// <summary>What became of a payment.</summary>
    Task<BillerReport> AskAsync(
        BillerCode biller,
        string reference,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Undoes a payment that may or may not have arrived. A biller that never saw it remembers this and
    /// refuses it when it comes late. Answers <see cref="BillerStatus.Refused"/> when it counts for
    /// nothing now, <see cref="BillerStatus.Paid"/> when it is too late to undo it.
    /// </summary>
    Task<BillerReport> ReverseAsync(
        BillerCode biller,
        string reference,
        CancellationToken cancellationToken
    );
}

/// <param name="Reference">The bank's own, unique for ever: the instruction's id.</param>
public sealed record BillMessage(
    BillerCode Biller,
    string Reference,
    string BillNumber,
    Money Amount
);

public enum BillerStatus
{
    /// <summary>No answer: it may have arrived or not.</summary>
    Silent = 0,

    /// <summary>The biller has never seen it.</summary>
    NotFound = 1,

    /// <summary>Taken, not decided.</summary>
    Pending = 2,
    Paid = 3,

    /// <summary>Final: it was not taken, or was undone.</summary>
    Refused = 4,
}

/// <param name="Code">The biller's own word for a refusal: "unknown-bill", "paid-before", "other".</param>
/// <param name="Receipt">The biller's number of the payment.</param>
public sealed record BillerReport(BillerStatus Status, string? Code = null, string? Receipt = null)
{
    public static readonly BillerReport Silence = new(BillerStatus.Silent);
}
