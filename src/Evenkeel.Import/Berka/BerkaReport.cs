namespace Evenkeel.Import.Berka;

/// <summary>Account-days by how they compare with the source's balances.</summary>
/// <param name="Exact">Equal to the cent.</param>
/// <param name="WithinRounding">Within 0.10, which is how far the source itself rounds.</param>
/// <param name="Breaks">Further apart.</param>
public sealed record DayCounts(int Exact, int WithinRounding, int Breaks);

/// <summary>What the ledger answered, compared with the balances that the source states.</summary>
public sealed record BerkaReport
{
    /// <summary>Accounts of the source that the ledger has.</summary>
    public required int Accounts { get; init; }

    /// <summary>Movements that the ledger answered.</summary>
    public required int Movements { get; init; }

    /// <summary>An account on a value date on which the ledger answered movements.</summary>
    public required int AccountDays { get; init; }

    /// <summary>The source's previous closing balance plus the day's movements.</summary>
    public required DayCounts Daily { get; init; }

    /// <summary>The sum of all movements so far, from zero.</summary>
    public required DayCounts Running { get; init; }

    /// <summary>Breaks of the daily method by date, YYYYMMDD.</summary>
    public required IReadOnlyDictionary<uint, int> DailyBreaksByDate { get; init; }

    /// <summary>Account-days that only one of ledger and source has; 0 when all is well.</summary>
    public required int UnmatchedDays { get; init; }

    /// <summary>
    /// Accounts whose balance in the ledger is not the sum of the movements it answered; 0 when all
    /// is well.
    /// </summary>
    public required int AccountsOutOfBalance { get; init; }

    /// <summary>True when the ledger has exactly the source's days and agrees with itself.</summary>
    public bool IsComplete => UnmatchedDays == 0 && AccountsOutOfBalance == 0;
}
