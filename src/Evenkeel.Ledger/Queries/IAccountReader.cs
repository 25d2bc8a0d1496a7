using Evenkeel.Model;

namespace Evenkeel.Ledger.Queries;

/// <summary>
/// Accounts by slot, for the half of a query that runs outside the apply lock. The node's
/// implementation takes that lock for the length of one call; the ledger's own does not lock.
/// </summary>
public interface IAccountReader
{
    /// <summary>Accounts so far; slots go from 0 to one below.</summary>
    uint Count { get; }

    /// <summary>Copies the accounts at <paramref name="slots"/>, all as of one moment.</summary>
    void Read(ReadOnlySpan<uint> slots, Span<Account> accounts);
}
