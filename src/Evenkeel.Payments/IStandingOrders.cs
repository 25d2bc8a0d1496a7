namespace Evenkeel.Payments;

/// <summary>Orders to pay again and again. Another's order is as one that is not there.</summary>
public interface IStandingOrders
{
    /// <summary>Those that pay from an account; the first hundred.</summary>
    Task<QueryAnswer<IReadOnlyList<StandingOrderView>>> ListAsync(
        Actor actor,
        AccountNumber account,
        CancellationToken cancellationToken
    );

    /// <summary>One, with what became of its last due dates.</summary>
    Task<QueryAnswer<StandingOrderView>> GetAsync(
        Actor actor,
        string id,
        CancellationToken cancellationToken
    );

    /// <summary>Needs strong authentication of a person.</summary>
    /// <param name="reference">Of whoever asks: the same again is the same order.</param>
    Task<QueryAnswer<StandingOrderView>> SetUpAsync(
        Actor actor,
        string reference,
        StandingOrderRequest request,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Another amount, schedule, end or text for all due dates to come; the payee stays. Needs strong
    /// authentication of a person. Refused while a due date is being executed.
    /// </summary>
    Task<QueryAnswer<StandingOrderView>> ChangeAsync(
        Actor actor,
        string reference,
        string id,
        StandingOrderChange change,
        CancellationToken cancellationToken
    );

    /// <summary>No due date is executed after this. Found also when it was stopped before.</summary>
    Task<QueryAnswer<StandingOrderView>> StopAsync(
        Actor actor,
        string id,
        CancellationToken cancellationToken
    );
}

/// <summary>What is asked for when a standing order is set up.</summary>
/// <param name="From">No due date before it; later than the business date.</param>
/// <param name="Last">No due date after it; null = until stopped.</param>
public sealed record StandingOrderRequest(
    AccountNumber Debtor,
    Creditor Creditor,
    Money Amount,
    Schedule Schedule,
    DateOnly From,
    DateOnly? Last = null,
    string? Remittance = null
);

/// <summary>What a standing order says from now on, whole.</summary>
/// <param name="Last">No due date after it; null = until stopped.</param>
public sealed record StandingOrderChange(
    Money Amount,
    Schedule Schedule,
    DateOnly? Last = null,
    string? Remittance = null
);

/// <summary>A standing order as its holder sees it.</summary>
/// <param name="Id">Names it from now on.</param>
/// <param name="Creditor">Account of this bank that gets it; null when it is elsewhere.</param>
/// <param name="NextRun">The business day of the next payment; null when there is none.</param>
public sealed record StandingOrderView(
    string Id,
    AccountNumber Debtor,
    AccountNumber? Creditor,
    Money Amount,
    Schedule Schedule,
    DateOnly? NextRun,
    StandingOrderState State
)
{
    /// <summary>The payee at another bank; null when it is at this one, or was forgotten.</summary>
    public Creditor.Elsewhere? Elsewhere { get; init; }

    public DateOnly? Last { get; init; }

    public string? Remittance { get; init; }

    /// <summary>The next business days of payment, at most <see cref="PaymentLimits.DatesAheadMax"/>.</summary>
    public IReadOnlyList<DateOnly> Upcoming { get; init; } = [];

    /// <summary>
    /// What became of the last due dates, oldest first, at most
    /// <see cref="PaymentLimits.StandingRunsShownMax"/>; empty in lists.
    /// </summary>
    public IReadOnlyList<StandingRunView> Runs { get; init; } = [];
}

/// <summary>One due date of a standing order.</summary>
/// <param name="Run">The business day on which it was tried.</param>
/// <param name="Reason">Why it was not done, or waits.</param>
/// <param name="Instruction">The last attempt: where the money is, is asked by it.</param>
public sealed record StandingRunView(
    DateOnly Due,
    DateOnly Run,
    StandingRunState State,
    OutcomeReason Reason,
    InstructionId Instruction
);

/// <summary>State of a standing order. Persisted: numbers only grow.</summary>
public enum StandingOrderState : byte
{
    None = 0,
    Active = 1,

    /// <summary>Its last due date has passed.</summary>
    Ended = 2,
    Cancelled = 3,
}

/// <summary>State of one execution. Persisted: numbers only grow.</summary>
public enum StandingRunState : byte
{
    None = 0,

    /// <summary>There was too little money; it is tried again on the same day.</summary>
    Waiting = 1,
    Done = 2,

    /// <summary>Not done, and its holder is told.</summary>
    Failed = 3,
}

/// <summary>What happens to a date that is no banking day. Persisted: numbers only grow.</summary>
public enum DateShift : byte
{
    None = 0,

    /// <summary>The next banking day.</summary>
    Following = 1,

    /// <summary>The banking day before.</summary>
    Preceding = 2,

    /// <summary>The next one, unless that is in the next month: then the one before.</summary>
    ModifiedFollowing = 3,
}
