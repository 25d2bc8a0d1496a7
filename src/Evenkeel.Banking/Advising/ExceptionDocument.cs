using Evenkeel.Payments;

namespace Evenkeel.Banking.Advising;

/// <summary>Why a person must look at something. Persisted: numbers only grow.</summary>
public enum ExceptionKind : byte
{
    None = 0,
    AccountUnknown = 1,
    AccountClosed = 2,
    OtherCurrency = 3,

    /// <summary>A promise that was kept took the account below what was agreed.</summary>
    Overdrawn = 4,
    TerminalUnknown = 5,
    CardUnknown = 6,

    /// <summary>Told of an instruction that is known with other content: nothing was posted again.</summary>
    AdviceDiffers = 7,

    /// <summary>Told of an instruction that had been reversed before: nothing was posted.</summary>
    AdviceAfterReversal = 8,

    /// <summary>Nothing could be posted at all.</summary>
    NotPostable = 9,

    /// <summary>A reversal that can't be undone as it asks.</summary>
    ReversalImpossible = 10,

    /// <summary>The authorisation that it completes is not there, or not of this amount.</summary>
    CompletionWithoutHold = 11,

    /// <summary>A till was counted over or short.</summary>
    TillDifference = 12,

    /// <summary>The clearing has not said in time what became of a credit; it goes on being asked.</summary>
    ClearingSilent = 13,

    /// <summary>A credit that the clearing refused can't go back to its payer: it is in suspense.</summary>
    GiveBackImpossible = 14,

    /// <summary>A credit that came back can't go to its payer: it is in suspense.</summary>
    ReturnImpossible = 15,

    /// <summary>The clearing's position of a date is not the ledger's.</summary>
    PositionDiffers = 16,

    /// <summary>A credit that settled is for an account that may take nothing: it is in suspense.</summary>
    CreditorBlocked = 17,

    /// <summary>A message of the clearing that has settled was refused.</summary>
    ClearingMessageRefused = 18,
}

/// <summary>Persisted: numbers only grow.</summary>
public enum ExceptionState : byte
{
    None = 0,
    Open = 1,
    Resolved = 2,
}

/// <summary>An item that somebody must explain. The key follows from instruction, kind and place.</summary>
/// <param name="Instruction">The instruction that it came from.</param>
/// <param name="Account">The account that could not take it, as it was named.</param>
/// <param name="SuspenseMinor">
/// What it left in suspense: positive when the bank owes it to somebody, negative when somebody owes it
/// to the bank, 0 when nothing was posted there.
/// </param>
/// <param name="Session">Whose suspense account (<see cref="Origin.Session"/>).</param>
/// <param name="Owner">Who has to resolve it.</param>
internal sealed record ExceptionDocument(
    ExceptionKind Kind,
    string Instruction,
    string? Account,
    long AmountMinor,
    uint Currency,
    long SuspenseMinor,
    uint Session,
    string Owner,
    DateTimeOffset OpenedAt,
    DateOnly OpenedOn,
    ExceptionState State
)
{
    public OutcomeReason? Reason { get; init; }

    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>Maker and checker.</summary>
    public IReadOnlyList<string>? ResolvedBy { get; init; }

    /// <summary>The staff entry that resolved it.</summary>
    public string? Resolution { get; init; }
}
