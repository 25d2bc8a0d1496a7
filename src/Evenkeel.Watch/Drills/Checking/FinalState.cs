namespace Evenkeel.Watch.Drills.Checking;

/// <summary>One transfer as the bank has it at the end.</summary>
public readonly record struct KeptTransfer(
    UInt128 Id,
    UInt128 Debit,
    UInt128 Credit,
    ulong Amount,
    ulong Timestamp
);

/// <summary>What one node says of itself at the end.</summary>
/// <param name="Digests">By index: one for each position that it was asked at.</param>
/// <param name="ChainHeads">By index: SHA-256 chain of its archive, read from its files.</param>
public sealed record NodeEvidence(
    string Name,
    IReadOnlyDictionary<ulong, string> Digests,
    IReadOnlyDictionary<ulong, string> ChainHeads
);

/// <summary>The bank after the load, read when nothing was in flight any more.</summary>
public sealed record FinalState
{
    /// <summary>Every account of the load.</summary>
    public required IReadOnlyList<SeenAccount> Accounts { get; init; }

    /// <summary>Every transfer on those accounts, in the order of the bank's own history.</summary>
    public required IReadOnlyList<KeptTransfer> Transfers { get; init; }

    public IReadOnlyList<NodeEvidence> Nodes { get; init; } = [];
}
