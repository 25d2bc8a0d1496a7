using Evenkeel.Payments;

namespace Evenkeel.Banking.Rails;

/// <summary>
/// The line to the interbank clearing, in the words of ISO 20022. Every call may fail to say what
/// became of it: <see cref="ClearingStatus.Silent"/>. It is then asked for, never guessed.
/// </summary>
public interface IClearing
{
    /// <summary>Other banks that can be reached.</summary>
    /// <exception cref="IOException">No answer.</exception>
    Task<IReadOnlyList<BankCode>> GetParticipantsAsync(CancellationToken cancellationToken);

    /// <summary>pacs.008. The same UETR again is the same credit, and gets its answer.</summary>
    Task<ClearingReport> SendAsync(CreditMessage credit, CancellationToken cancellationToken);

    /// <summary>pacs.004: a settled credit goes back. The same return id again is the same return.</summary>
    Task<ClearingReport> SendAsync(ReturnMessage sentBack, CancellationToken cancellationToken);

    /// <summary>pacs.028: what became of a credit or return that was sent.</summary>
    Task<ClearingReport> AskAsync(Guid uetr, CancellationToken cancellationToken);

    /// <summary>What the clearing has for this bank after a position, oldest first; kept until asked for.</summary>
    /// <exception cref="IOException">No answer.</exception>
    Task<IReadOnlyList<ClearingMessage>> ReceiveAsync(
        long after,
        int limit,
        CancellationToken cancellationToken
    );
}

/// <summary>What is known of something that was sent.</summary>
public enum ClearingStatus
{
    /// <summary>No answer: it may have arrived or not.</summary>
    Silent = 0,

    /// <summary>The clearing has never seen it.</summary>
    NotFound = 1,

    /// <summary>ACSP: taken, not final.</summary>
    Pending = 2,

    /// <summary>ACSC: final.</summary>
    Settled = 3,

    /// <summary>RJCT: final, nothing moved.</summary>
    Rejected = 4,
}

/// <summary>pacs.002.</summary>
/// <param name="Code">External reason code of ISO 20022, when rejected.</param>
/// <param name="SettlementDate">Of the clearing; when settled.</param>
public sealed record ClearingReport(
    ClearingStatus Status,
    string? Code = null,
    DateOnly? SettlementDate = null
)
{
    public static readonly ClearingReport Silence = new(ClearingStatus.Silent);
}

/// <summary>pacs.008: one customer credit.</summary>
/// <param name="Uetr">Its identity in the whole clearing.</param>
public sealed record CreditMessage(
    Guid Uetr,
    string EndToEndId,
    BankCode DebtorBank,
    string DebtorAccount,
    string DebtorName,
    BankCode CreditorBank,
    string CreditorAccount,
    string CreditorName,
    Money Amount,
    string? Remittance
);

/// <summary>pacs.004: one credit goes back.</summary>
/// <param name="ReturnId">Its own identity in the whole clearing.</param>
/// <param name="Code">External return reason code of ISO 20022.</param>
public sealed record ReturnMessage(
    Guid ReturnId,
    Guid OriginalUetr,
    BankCode From,
    Money Amount,
    string Code
);

/// <summary>What a bank finds in its inbox.</summary>
/// <param name="Sequence">Position in the inbox, from 1, without gaps.</param>
public abstract record ClearingMessage(long Sequence)
{
    /// <summary>Settled already: it can't be refused, only returned.</summary>
    public sealed record Credit(long Sequence, CreditMessage Message, DateOnly SettlementDate)
        : ClearingMessage(Sequence);

    /// <summary>A credit of ours comes back after its settlement.</summary>
    public sealed record Return(long Sequence, ReturnMessage Message, DateOnly SettlementDate)
        : ClearingMessage(Sequence);

    /// <summary>A final status, told once more for whoever missed the answer.</summary>
    public sealed record Status(long Sequence, Guid Uetr, ClearingReport Report)
        : ClearingMessage(Sequence);

    /// <summary>A settlement date is closed; follows all its credits, returns and statuses.</summary>
    public sealed record Settlement(long Sequence, SettlementPosition Position)
        : ClearingMessage(Sequence);
}

/// <summary>What a bank owes and is owed for one settlement date in one currency.</summary>
/// <param name="SentMinor">Credits and returns of this bank.</param>
/// <param name="ReceivedMinor">Credits and returns to this bank.</param>
public sealed record SettlementPosition(
    DateOnly Date,
    uint Currency,
    int SentCount,
    long SentMinor,
    int ReceivedCount,
    long ReceivedMinor
);
