namespace Evenkeel.Banking.Fees;

/// <summary>State of a fee. Persisted: numbers only grow.</summary>
internal enum FeeState : byte
{
    None = 0,

    /// <summary>Owed; each end of day tries to take it.</summary>
    Due = 1,
    Taken = 2,
    Waived = 3,
}

/// <summary>A fee that an account owes, and what became of it. Key: account/what for.</summary>
/// <param name="Account">Who pays.</param>
/// <param name="Incurred">The business day that it is for.</param>
/// <param name="Taken">Booking date.</param>
internal sealed record FeeDocument(
    string Account,
    string Kind,
    long AmountMinor,
    uint Currency,
    DateOnly Incurred,
    FeeState State,
    DateOnly? Taken = null
);
