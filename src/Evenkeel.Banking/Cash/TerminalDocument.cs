using Evenkeel.Payments;

namespace Evenkeel.Banking.Cash;

/// <summary>What holds cash. Persisted: numbers only grow.</summary>
public enum TerminalKind : byte
{
    None = 0,
    Till = 1,
    CashMachine = 2,
}

/// <summary>Persisted: numbers only grow.</summary>
public enum TerminalState : byte
{
    None = 0,
    Closed = 1,
    Open = 2,

    /// <summary>Its notes are being counted; nothing moves.</summary>
    Counting = 3,
}

/// <summary>A till or a machine. The key is its name (field 41); cash lies in a ledger account of its own.</summary>
/// <param name="Serial">Which of the accounts of its kind.</param>
/// <param name="Teller">Who has the till open.</param>
internal sealed record TerminalDocument(
    TerminalKind Kind,
    string Branch,
    uint Serial,
    uint Currency,
    TerminalState State,
    string? Teller
)
{
    /// <summary>Of the last count.</summary>
    public TillCount? LastCount { get; init; }
}

/// <summary>A till was counted.</summary>
/// <param name="BookedMinor">What the books said, minor units.</param>
/// <param name="CountedMinor">What lay in it.</param>
/// <param name="Reference">Of the closing that it belongs to.</param>
public sealed record TillCount(long BookedMinor, long CountedMinor, string Reference, DateOnly Date)
{
    /// <summary>Positive: over. Negative: short.</summary>
    public long DifferenceMinor => CountedMinor - BookedMinor;
}

/// <summary>A serial number is taken; the key is the number.</summary>
internal sealed record TerminalSerialDocument(string Terminal);
