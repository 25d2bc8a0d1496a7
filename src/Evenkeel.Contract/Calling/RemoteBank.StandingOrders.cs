using Evenkeel.Contract.Mapping;
using Evenkeel.Payments;

namespace Evenkeel.Contract.Calling;

/// <content>Standing orders.</content>
public sealed partial class RemoteBank
{
    public Task<QueryAnswer<IReadOnlyList<StandingOrderView>>> ListAsync(
        Actor actor,
        AccountNumber account,
        CancellationToken cancellationToken
    ) =>
        AskAsync(
            nameof(Wire.Bank.BankClient.ListStandingOrders),
            new Wire.GetAccountRequest { Actor = ActorMap.ToWire(actor), Account = account.Value },
            static (client, request, options) => client.ListStandingOrdersAsync(request, options),
            StandingOrderMap.ToDomain,
            cancellationToken
        );

    public Task<QueryAnswer<StandingOrderView>> GetAsync(
        Actor actor,
        string id,
        CancellationToken cancellationToken
    ) =>
        AskAsync(
            nameof(Wire.Bank.BankClient.GetStandingOrder),
            new Wire.StandingOrderRequest { Actor = ActorMap.ToWire(actor), Id = id },
            static (client, request, options) => client.GetStandingOrderAsync(request, options),
            StandingOrderMap.ToDomain,
            cancellationToken
        );

    public Task<QueryAnswer<StandingOrderView>> SetUpAsync(
        Actor actor,
        string reference,
        StandingOrderRequest request,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        return AskAsync(
            nameof(Wire.Bank.BankClient.SetUpStandingOrder),
            StandingOrderMap.ToWire(actor, reference, request),
            static (client, wire, options) => client.SetUpStandingOrderAsync(wire, options),
            StandingOrderMap.ToDomain,
            cancellationToken
        );
    }

    public Task<QueryAnswer<StandingOrderView>> ChangeAsync(
        Actor actor,
        string reference,
        string id,
        StandingOrderChange change,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(change);
        return AskAsync(
            nameof(Wire.Bank.BankClient.ChangeStandingOrder),
            StandingOrderMap.ToWire(actor, reference, id, change),
            static (client, wire, options) => client.ChangeStandingOrderAsync(wire, options),
            StandingOrderMap.ToDomain,
            cancellationToken
        );
    }

    public Task<QueryAnswer<StandingOrderView>> StopAsync(
        Actor actor,
        string id,
        CancellationToken cancellationToken
    ) =>
        AskAsync(
            nameof(Wire.Bank.BankClient.StopStandingOrder),
            new Wire.StandingOrderRequest { Actor = ActorMap.ToWire(actor), Id = id },
            static (client, request, options) => client.StopStandingOrderAsync(request, options),
            StandingOrderMap.ToDomain,
            cancellationToken
        );
}
