using Evenkeel.Contract.Calling;
using Evenkeel.Gateway.Leaders;

namespace Evenkeel.Gateway.Banking;

/// <summary>Who decides is who leads: the same search as for the ledger's interface.</summary>
internal sealed class LeaderLocator(LeaderFinder leaders, GatewayOptions options, TimeProvider time)
    : IBankLocator
{
    public async ValueTask<BankLocation> WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Leadership leader = await leaders.WaitAsync(cancellationToken);
            if (leader.Bank is { } address)
            {
                return new BankLocation(leader.Node.Name, address, leader.Ended);
            }
            // A node of a program that has no bank yet: one that has may lead next.
            await Task.Delay(options.ProbeWhileKnownEvery, time, cancellationToken);
        }
    }

    public void Suspect(BankLocation location)
    {
        ArgumentNullException.ThrowIfNull(location);
        if (leaders.Current is { } leader && leader.Bank == location.Address)
        {
            leaders.Suspect(leader);
        }
    }
}
