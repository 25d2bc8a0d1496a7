namespace Evenkeel.Demo.Month;

/// <summary>A month to be simulated: the seed and these numbers say all of it.</summary>
public sealed record MonthOptions
{
    public int Seed { get; init; } = 1;

    /// <summary>Persons with a salary account; every other one saves, every third has a loan.</summary>
    public int Persons { get; init; } = 12;

    /// <summary>Payments between persons on each day.</summary>
    public int PaymentsADay { get; init; } = 20;

    /// <summary>A Thursday: two month ends, both on a Saturday, lie ahead.</summary>
    public DateOnly FirstDay { get; init; } = new(2026, 1, 29);

    /// <summary>The last day that is closed.</summary>
    public DateOnly LastDay { get; init; } = new(2026, 3, 2);
}

/// <summary>What a simulated month came to.</summary>
public sealed record MonthReport
{
    public required int Seed { get; init; }

    public required int DaysClosed { get; init; }

    /// <summary>Days on which every currency's trial balance was zero in sum.</summary>
    public required int DaysZeroSum { get; init; }

    public required int MonthEnds { get; init; }

    /// <summary>Accounts whose interest was computed again by other means.</summary>
    public required int InterestChecked { get; init; }

    /// <summary>Minor units by which it differs, summed over accounts and totals of the general ledger.</summary>
    public required long InterestDifferenceMinor { get; init; }

    /// <summary>What the customers earned on their money, minor units of all currencies.</summary>
    public required long InterestPaidMinor { get; init; }

    /// <summary>What the customers owed on the bank's money, minor units of all currencies.</summary>
    public required long InterestChargedMinor { get; init; }

    /// <summary>Loans computed again from statements, by another algorithm.</summary>
    public required int LoansChecked { get; init; }

    /// <summary>Minor units by which they differ: instalments, and what of each payment was principal.</summary>
    public required long LoanDifferenceMinor { get; init; }

    /// <summary>Bills of credit lines computed again from statements.</summary>
    public required int BillsChecked { get; init; }

    /// <summary>Minor units (or days of the due date) by which they differ.</summary>
    public required long BillDifferenceMinor { get; init; }

    /// <summary>Lines of notes at counter and machine and of purchases by card.</summary>
    public required int NotesAndCards { get; init; }

    /// <summary>Over every balance, trial balance, interest document, loan, fee and statement.</summary>
    public required string Digest { get; init; }

    public bool IsClean =>
        DaysZeroSum == DaysClosed
        && InterestDifferenceMinor == 0
        && LoanDifferenceMinor == 0
        && BillDifferenceMinor == 0;
}
