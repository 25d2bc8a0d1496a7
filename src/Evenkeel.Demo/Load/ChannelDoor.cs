using Evenkeel.Demo.Load.Cards;
using Evenkeel.Demo.Load.Customers;

namespace Evenkeel.Demo.Load;

/// <summary>All ways that customers have: cards by ISO 8583, everything else by REST.</summary>
public sealed class ChannelDoor(RestDoor rest, CardDoor cards) : IDoor
{
    public Task<Told> AskAsync(Act act, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(act);
        return act.Terminal is null
            ? rest.AskAsync(act, cancellationToken)
            : cards.AskAsync(act, cancellationToken);
    }
}
