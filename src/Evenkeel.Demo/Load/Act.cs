using Evenkeel.Demo.Plan;
using Evenkeel.Payments;

namespace Evenkeel.Demo.Load;

/// <summary>What customers do.</summary>
public enum ActKind
{
    None = 0,

    /// <summary>Looks at the own accounts.</summary>
    Look = 1,

    /// <summary>Reads a statement.</summary>
    Statement = 2,

    /// <summary>From one own account to another.</summary>
    OwnTransfer = 3,

    /// <summary>To somebody who was paid before.</summary>
    KnownPayee = 4,

    /// <summary>To somebody for the first time: shows a second factor.</summary>
    NewPayee = 5,
    Bill = 6,

    /// <summary>By card in a shop.</summary>
    Purchase = 7,

    /// <summary>Notes from a machine.</summary>
    Withdrawal = 8,
    CounterDeposit = 9,
    CounterWithdrawal = 10,

    /// <summary>A company's program pays a supplier or a person.</summary>
    Program = 11,
}

/// <summary>One thing that a customer wants, complete: asked again it is the same.</summary>
/// <param name="Reference">The customer's own name for it: idempotency key, or retrieval reference.</param>
/// <param name="Id">The bank's number for it, as everyone can compute it; null where nothing shall move.</param>
/// <param name="Debtor">Account at this bank that pays; null where notes do.</param>
/// <param name="Creditor">Account at this bank that gets it; null where it is elsewhere.</param>
public sealed record Act(
    ActKind Kind,
    DemoCustomer Customer,
    string Reference,
    InstructionId? Id,
    AccountNumber? Debtor,
    AccountNumber? Creditor,
    Money Amount,
    DateTimeOffset At
)
{
    /// <summary>Of a bill.</summary>
    public string? Biller { get; init; }

    /// <summary>At a counter: who sits there.</summary>
    public DemoTeller? Teller { get; init; }

    /// <summary>Machine or shop terminal.</summary>
    public DemoTerminal? Terminal { get; init; }

    /// <summary>Trace number of a card message.</summary>
    public int Stan { get; init; }

    public bool Moves => Id is not null;
}

/// <summary>How it ended, as far as the customer was told.</summary>
public enum ToldOutcome
{
    None = 0,
    Done = 1,

    /// <summary>Certainly nothing moved.</summary>
    NotDone = 2,

    /// <summary>Taken; the end is told later.</summary>
    BeingResolved = 3,

    /// <summary>No answer came, and the machine took it back.</summary>
    Reversed = 4,

    /// <summary>No answer came in all the time that was given.</summary>
    Unknown = 5,

    /// <summary>Something was shown; nothing was asked to move.</summary>
    Shown = 6,
}

/// <param name="Reason">Why not, in the channel's own words: a slug, or a code of ISO 8583.</param>
/// <param name="Minor">Of what was told to be done, minor units.</param>
/// <param name="Tries">How often it was sent, with the same reference.</param>
/// <param name="Reversal">The bank's number for the reversal, where one was sent.</param>
public sealed record Told(
    ToldOutcome Outcome,
    int Tries,
    string? Reason = null,
    long? Minor = null,
    InstructionId? Reversal = null
);

/// <summary>The way of a customer to the bank: asks until an answer came or patience is over.</summary>
public interface IDoor
{
    /// <exception cref="OperationCanceledException">Stopped; what became of it is not known.</exception>
    Task<Told> AskAsync(Act act, CancellationToken cancellationToken);
}
