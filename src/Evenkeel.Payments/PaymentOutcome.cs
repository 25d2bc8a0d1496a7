namespace Evenkeel.Payments;

/// <summary>
/// The three answers that a customer can read: done, not done, being resolved. Asking again with the
/// same id gives the same answer, or a later one of the same instruction.
/// </summary>
public abstract record PaymentOutcome
{
    private PaymentOutcome() { }

    /// <summary>Money has moved (or is held, for an authorisation) and the bank stands by it.</summary>
    public sealed record Done(Receipt Receipt) : PaymentOutcome;

    /// <summary>Certainly nothing moved, and nothing will.</summary>
    /// <param name="Detail">For people; holds no data of others. Null = the reason says it all.</param>
    public sealed record NotDone(OutcomeReason Reason, string? Detail = null) : PaymentOutcome
    {
        public RetryAdvice Advice => ReasonTable.Of(Reason).Advice;
    }

    /// <summary>Accepted, not final; the amount is reserved. By the deadline it is one of the others.</summary>
    /// <param name="Reason">What it waits for.</param>
    public sealed record BeingResolved(DateTimeOffset Deadline, OutcomeReason Reason)
        : PaymentOutcome;
}

/// <summary>What the bank says of what it did.</summary>
public sealed record Receipt
{
    public required InstructionId Id { get; init; }

    /// <summary>The amount that moved: less than asked for after a partial dispense.</summary>
    public required Money Amount { get; init; }

    public required DateOnly BookingDate { get; init; }

    public required DateOnly ValueDate { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Six digits or letters: field 38 of ISO 8583.</summary>
    public required string AuthorisationCode { get; init; }

    /// <summary>Who decided it.</summary>
    public OriginMode DecidedBy { get; init; }
}
