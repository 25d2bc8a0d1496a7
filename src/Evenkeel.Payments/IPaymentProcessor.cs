namespace Evenkeel.Payments;

/// <summary>
/// Decides instructions. The primary bank and the Stand-in both answer it and pass the same compliance
/// suite; channels speak to nothing else.
/// </summary>
public interface IPaymentProcessor
{
    /// <summary>
    /// Decides and does. Never throws for what a customer, a payee or an outage can bring about: when the
    /// result can't be known in time the answer is <see cref="PaymentOutcome.BeingResolved"/>. The same
    /// id with other content is <see cref="OutcomeReason.IdReusedWithOtherContent"/>.
    /// </summary>
    Task<PaymentOutcome> SubmitAsync(
        PaymentInstruction instruction,
        CancellationToken cancellationToken
    );
}

/// <summary>Reads of accounts and instructions, each checked against who asks.</summary>
public interface IAccountQueries
{
    /// <summary>The accounts that the asker may see.</summary>
    Task<QueryAnswer<IReadOnlyList<AccountView>>> ListAccountsAsync(
        Actor actor,
        CancellationToken cancellationToken
    );

    Task<QueryAnswer<AccountView>> GetAccountAsync(
        Actor actor,
        AccountNumber account,
        CancellationToken cancellationToken
    );

    /// <summary>The account behind a card, for a balance inquiry at a machine; the PIN is verified.</summary>
    /// <param name="inquiry">
    /// The inquiry's own id: what its PIN is bound to, and what makes a repeat the same wrong try.
    /// </param>
    Task<QueryAnswer<AccountView>> GetCardAccountAsync(
        Actor actor,
        InstructionId inquiry,
        CardUse card,
        CancellationToken cancellationToken
    );

    /// <summary>Movements by booking date, newest first.</summary>
    Task<QueryAnswer<StatementPage>> GetStatementAsync(
        Actor actor,
        StatementQuery query,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Where is my money: every instruction known by a reference, with its timeline. Takes an instruction
    /// id or any of <see cref="References.Keys"/>, with or without its kind.
    /// </summary>
    Task<QueryAnswer<IReadOnlyList<InstructionTrace>>> TraceAsync(
        Actor actor,
        string reference,
        CancellationToken cancellationToken
    );
}

/// <summary>An answer, or why there is none.</summary>
public abstract record QueryAnswer<T>
{
    private QueryAnswer() { }

    /// <param name="AsOf">The moment whose state this is; now, at the primary.</param>
    public sealed record Found(T Value, DateTimeOffset AsOf) : QueryAnswer<T>;

    public sealed record Refused(OutcomeReason Reason) : QueryAnswer<T>;
}

/// <summary>State of an account. Persisted: numbers only grow.</summary>
public enum AccountState : byte
{
    None = 0,
    Open = 1,

    /// <summary>Nobody used it for long: nothing leaves before the customer was identified anew.</summary>
    Dormant = 2,
    DebitBlocked = 3,
    CreditBlocked = 4,

    /// <summary>Nothing leaves and nothing comes in.</summary>
    Frozen = 5,
    Closed = 6,
}

/// <summary>An account as its holder sees it.</summary>
/// <param name="Booked">What was posted.</param>
/// <param name="Available">Booked less holds, plus an agreed overdraft.</param>
/// <param name="Product">Name of the product: current, savings, loan.</param>
public sealed record AccountView(
    AccountNumber Number,
    CustomerId Holder,
    string Product,
    AccountState State,
    Money Booked,
    Money Available
);

/// <param name="After">Of the page before; null for the first.</param>
public sealed record StatementQuery(
    AccountNumber Account,
    DateOnly From,
    DateOnly To,
    string? After = null,
    int Limit = 100
);

/// <param name="Opening">Booked balance before the first day asked for.</param>
/// <param name="Closing">Booked balance after the last day asked for.</param>
/// <param name="Next">For the next page; null at the end.</param>
public sealed record StatementPage(
    Money Opening,
    Money Closing,
    IReadOnlyList<StatementLine> Lines,
    string? Next
);

/// <param name="Amount">Positive into the account, negative out of it.</param>
/// <param name="Balance">Booked balance right after it.</param>
public sealed record StatementLine(
    DateTimeOffset At,
    DateOnly BookingDate,
    DateOnly ValueDate,
    Money Amount,
    Money Balance,
    string Kind,
    InstructionId? Instruction,
    string? Counterparty,
    string? Remittance
);

/// <summary>State of an instruction, for people. Persisted: numbers only grow.</summary>
public enum InstructionState : byte
{
    None = 0,

    /// <summary>Taken, waits for its day or for money.</summary>
    Scheduled = 1,

    /// <summary>An authorisation: reserved, not taken yet.</summary>
    Held = 2,

    /// <summary>With another party whose answer is awaited; the amount is reserved or in settlement.</summary>
    BeingResolved = 3,
    Done = 4,
    NotDone = 5,

    /// <summary>Undone by a reversal, whole or in part.</summary>
    Reversed = 6,

    /// <summary>Sent back by the payee's bank and credited again.</summary>
    Returned = 7,

    /// <summary>An advice that the account could not take: posted to suspense, with an exception item.</summary>
    InSuspense = 8,

    /// <summary>Waits for a second person.</summary>
    AwaitingApproval = 9,
}

/// <summary>All that is known of one instruction.</summary>
public sealed record InstructionTrace
{
    public required InstructionId Id { get; init; }

    public required string Kind { get; init; }

    public required Money Amount { get; init; }

    public required InstructionState State { get; init; }

    /// <summary>When the state is not done.</summary>
    public OutcomeReason Reason { get; init; }

    /// <summary>While it is being resolved.</summary>
    public DateTimeOffset? Deadline { get; init; }

    public AccountNumber? Debtor { get; init; }

    public string? Creditor { get; init; }

    public IReadOnlyList<string> References { get; init; } = [];

    public IReadOnlyList<TimelineEntry> Timeline { get; init; } = [];
}

/// <param name="Detail">A code or reference, no prose: people read it in their own language.</param>
public sealed record TimelineEntry(
    DateTimeOffset At,
    InstructionState State,
    string By,
    string? Detail = null
);
