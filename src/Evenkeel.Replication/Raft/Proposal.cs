namespace Evenkeel.Replication;

/// <summary>An entry of this member on its way; index and term together name an entry for ever.</summary>
/// <param name="term">The leadership that it was proposed in.</param>
/// <param name="context">What the proposer attached.</param>
internal sealed class Proposal(ulong term, object? context)
{
    private volatile bool applied;

    public ulong Term => term;

    public object? Context => context;

    /// <summary>This very entry was applied here, not another one at its index.</summary>
    public bool IsApplied => applied;

    public void MarkApplied() => applied = true;
}

/// <summary>Thrown before anything is appended: the entry was made for another leadership.</summary>
internal sealed class OtherTermException()
    : InvalidOperationException("The entry was made for another term than this member leads in.");
