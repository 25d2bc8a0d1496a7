namespace Evenkeel.Gateway.Leaders;

/// <summary>One node's time as the leader, as far as the gateway knows.</summary>
internal sealed class Leadership(NodeAddress node, ulong term)
{
    // Never disposed: tries hold its token for as long as they run, and it has no timer of its own.
    private readonly CancellationTokenSource _ended = new();

    public NodeAddress Node => node;

    /// <summary>0 when the node does not tell.</summary>
    public ulong Term => term;

    /// <summary>Cancelled when another leads and this one is no longer worth waiting for.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Tries that still wait for an answer are given up and made at the new leader.</summary>
    public void End() => _ = _ended.CancelAsync();
}
