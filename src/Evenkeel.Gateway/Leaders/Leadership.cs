using System.Diagnostics.CodeAnalysis;

namespace Evenkeel.Gateway.Leaders;

/// <summary>One node's time as the leader, as far as the gateway knows.</summary>
[SuppressMessage(
    "Design",
    "CA1001",
    Justification = "Tries hold the token for as long as they run; without a timer there is nothing to free."
)]
internal sealed class Leadership(NodeAddress node, ulong term, int bankPort = 0)
{
    private readonly CancellationTokenSource _ended = new();

    public NodeAddress Node => node;

    /// <summary>0 when the node does not tell.</summary>
    public ulong Term => term;

    /// <summary>Where the bank's contract is answered; null when it is not.</summary>
    public Uri? Bank =>
        bankPort == 0 ? null : new UriBuilder(node.Rest.Scheme, node.Rest.Host, bankPort).Uri;

    /// <summary>Cancelled when another leads and this one is no longer worth waiting for.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Tries that still wait for an answer are given up and made at the new leader.</summary>
    public void End() => _ = _ended.CancelAsync();
}
