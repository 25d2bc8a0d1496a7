namespace Evenkeel.Import.Amlsim;

/// <summary>What the ledger answered after an AMLSim import. Amounts are minor units.</summary>
public sealed record AmlsimReport
{
    /// <summary>Accounts of the source that the ledger has.</summary>
    public required int Accounts { get; init; }

    /// <summary>Transfers that the source has.</summary>
    public required int Transfers { get; init; }

    /// <summary>Transfers that the ledger has.</summary>
    public required int Booked { get; init; }

    /// <summary>Transfers that the ledger refused, since the account had too little.</summary>
    public required int Refused { get; init; }

    /// <summary>The sum of the opening balances that were booked.</summary>
    public required Int128 SumBefore { get; init; }

    /// <summary>The sum of the balances now: equal to <see cref="SumBefore"/>, or money was lost.</summary>
    public required Int128 SumAfter { get; init; }

    public required int AccountsBelowZero { get; init; }

    public required Int128 LowestBalance { get; init; }

    public required Int128 HighestBalance { get; init; }

    /// <summary>True when no money appeared or vanished.</summary>
    public bool IsConserved => SumBefore == SumAfter;
}
