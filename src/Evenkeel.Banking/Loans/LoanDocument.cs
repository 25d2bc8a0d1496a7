using System.Text.Json.Serialization;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Loans;

/// <summary>A loan's agreement and what was paid on it. Key: the number of its account.</summary>
internal sealed record LoanDocument
{
    public required string Customer { get; init; }

    /// <summary>Gets the money and pays the instalments.</summary>
    public required string Settlement { get; init; }

    public required uint Currency { get; init; }

    /// <summary>Minor units.</summary>
    public required long PrincipalMinor { get; init; }

    /// <summary>Fixed for the whole term; hundredths of a percent a year.</summary>
    public required int RateBasisPoints { get; init; }

    /// <summary>Instalments agreed.</summary>
    public required int Term { get; init; }

    /// <summary>What is paid each month, minor units; the last one is what is left.</summary>
    public required long InstalmentMinor { get; init; }

    public required DateOnly Drawn { get; init; }

    /// <summary>The day of the first instalment, as agreed; each following one a month later.</summary>
    public required DateOnly FirstDue { get; init; }

    /// <summary>What is owed of the principal, minor units: the balance of the loan's account.</summary>
    public required long OutstandingMinor { get; init; }

    /// <summary>The last instalments that fell due, oldest first; older ones were paid.</summary>
    public IReadOnlyList<InstalmentDocument> Demanded { get; init; } = [];

    /// <summary>How many were demanded in all.</summary>
    public int DemandedCount { get; init; }

    /// <summary>Day on which the end of day looks at it next; null when repaid. Indexed.</summary>
    public DateOnly? NextRun { get; init; }

    public LoanState State { get; init; } = LoanState.Current;

    /// <summary>The next instalment's day, as agreed.</summary>
    [JsonIgnore]
    public DateOnly NextDue => FirstDue.AddMonths(DemandedCount);

    [JsonIgnore]
    public IEnumerable<InstalmentDocument> Open =>
        Demanded.Where(static instalment => instalment.Paid is null);

    [JsonIgnore]
    public long OpenInterestMinor =>
        Open.Sum(static instalment => instalment.InterestMinor - instalment.InterestPaidMinor);

    [JsonIgnore]
    public long OpenPrincipalMinor =>
        Open.Sum(static instalment => instalment.PrincipalMinor - instalment.PrincipalPaidMinor);
}

/// <summary>One instalment that fell due.</summary>
/// <param name="Due">As agreed.</param>
/// <param name="Demanded">The banking day on which it was asked for.</param>
internal sealed record InstalmentDocument(
    int Number,
    DateOnly Due,
    DateOnly Demanded,
    long InterestMinor,
    long PrincipalMinor,
    long InterestPaidMinor,
    long PrincipalPaidMinor,
    DateOnly? Paid
);
