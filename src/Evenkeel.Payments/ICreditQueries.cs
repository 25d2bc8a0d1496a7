namespace Evenkeel.Payments;

/// <summary>What a borrower owes and when. Another's loan is as one that is not there.</summary>
public interface ICreditQueries
{
    /// <summary>The asker's loans, without what has fallen due and without plans.</summary>
    Task<QueryAnswer<IReadOnlyList<LoanView>>> ListLoansAsync(
        Actor actor,
        CancellationToken cancellationToken
    );

    /// <summary>One loan with its whole schedule.</summary>
    Task<QueryAnswer<LoanView>> GetLoanAsync(
        Actor actor,
        AccountNumber account,
        CancellationToken cancellationToken
    );

    /// <summary>The asker's credit lines with their last bills.</summary>
    Task<QueryAnswer<IReadOnlyList<CreditLineView>>> ListCreditLinesAsync(
        Actor actor,
        CancellationToken cancellationToken
    );
}

/// <summary>A loan as its holder sees it.</summary>
/// <param name="OverdueMinor">Fallen due and not paid, minor units.</param>
/// <param name="Plan">Instalments to come.</param>
public sealed record LoanView(
    AccountNumber Account,
    Money Principal,
    Money Outstanding,
    int RateBasisPoints,
    Money Instalment,
    LoanState State,
    long OverdueMinor,
    IReadOnlyList<PlannedInstalment> Plan
)
{
    /// <summary>Pays the instalments.</summary>
    public AccountNumber? Settlement { get; init; }

    /// <summary>Instalments agreed.</summary>
    public int Term { get; init; }

    /// <summary>Day of the next instalment; null when none is to come.</summary>
    public DateOnly? NextDue { get; init; }

    /// <summary>Instalments that fell due, oldest first: all that are open, and the last that were paid.</summary>
    public IReadOnlyList<DueInstalment> Due { get; init; } = [];
}

/// <summary>One line of a plan.</summary>
/// <param name="RemainingMinor">Principal that is left after it, minor units.</param>
public sealed record PlannedInstalment(
    int Number,
    DateOnly Due,
    long InterestMinor,
    long PrincipalMinor,
    long RemainingMinor
);

/// <summary>An instalment that fell due; minor units of the loan's currency.</summary>
/// <param name="Paid">The day on which the last of it was paid; null while it is open.</param>
public sealed record DueInstalment(
    int Number,
    DateOnly Due,
    long InterestMinor,
    long PrincipalMinor,
    long InterestPaidMinor,
    long PrincipalPaidMinor,
    DateOnly? Paid
);

/// <summary>How a loan stands. Persisted: numbers only grow.</summary>
public enum LoanState : byte
{
    None = 0,
    Current = 1,

    /// <summary>An instalment is unpaid for less than 30 days.</summary>
    Late = 2,

    /// <summary>An instalment is unpaid for 30 days or more.</summary>
    InArrears = 3,

    /// <summary>An instalment is unpaid for 90 days or more (Regulation (EU) 575/2013, article 178).</summary>
    InDefault = 4,
    Repaid = 5,
}

/// <summary>How a credit line stands.</summary>
/// <param name="Billed">The last bill; null before the first.</param>
/// <param name="Minimum">What must be paid of it.</param>
/// <param name="Due">By when.</param>
public sealed record CreditLineView(
    AccountNumber Account,
    Money? Billed,
    Money? Minimum,
    DateOnly? Due,
    BillState State
);

/// <summary>State of a bill of a credit line. Persisted: numbers only grow.</summary>
public enum BillState : byte
{
    None = 0,
    Open = 1,

    /// <summary>At least the minimum was paid in time.</summary>
    Met = 2,
    Missed = 3,
}
