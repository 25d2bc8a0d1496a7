using Evenkeel.Contract.Mapping;
using Evenkeel.Payments;
using Change = Evenkeel.Contract.Wire.ChangeCardRequest.Types.Change;

namespace Evenkeel.Contract.Calling;

/// <content>Cards and payees.</content>
public sealed partial class RemoteBank
{
    public Task<QueryAnswer<IReadOnlyList<CardView>>> ListCardsAsync(
        Actor actor,
        CancellationToken cancellationToken
    )
    {
        Wire.ListRequest wire = new() { Actor = ActorMap.ToWire(actor) };
        return AskAsync(
            nameof(Wire.Bank.BankClient.ListCards),
            wire,
            static (client, request, options) => client.ListCardsAsync(request, options),
            ServiceMap.ToDomain,
            cancellationToken
        );
    }

    public Task<QueryAnswer<CardView>> FreezeCardAsync(
        Actor actor,
        string reference,
        CardToken card,
        CancellationToken cancellationToken
    ) => ChangeAsync(actor, reference, card, Change.Freeze, cancellationToken);

    public Task<QueryAnswer<CardView>> UnfreezeCardAsync(
        Actor actor,
        string reference,
        CardToken card,
        CancellationToken cancellationToken
    ) => ChangeAsync(actor, reference, card, Change.Unfreeze, cancellationToken);

    public Task<QueryAnswer<CardView>> ReportCardAsync(
        Actor actor,
        string reference,
        CardToken card,
        bool wasStolen,
        CancellationToken cancellationToken
    ) =>
        ChangeAsync(
            actor,
            reference,
            card,
            wasStolen ? Change.Stolen : Change.Lost,
            cancellationToken
        );

    public Task<QueryAnswer<IReadOnlyList<PayeeView>>> ListPayeesAsync(
        Actor actor,
        CancellationToken cancellationToken
    )
    {
        Wire.ListRequest wire = new() { Actor = ActorMap.ToWire(actor) };
        return AskAsync(
            nameof(Wire.Bank.BankClient.ListPayees),
            wire,
            static (client, request, options) => client.ListPayeesAsync(request, options),
            ServiceMap.ToDomain,
            cancellationToken
        );
    }

    public Task<QueryAnswer<PayeeView>> AddPayeeAsync(
        Actor actor,
        string reference,
        Creditor creditor,
        CancellationToken cancellationToken
    )
    {
        Wire.AddPayeeRequest wire = new() { Actor = ActorMap.ToWire(actor), Reference = reference };
        switch (creditor)
        {
            case Creditor.Here here:
                wire.Here = MovementMap.ToWire(here);
                break;
            case Creditor.Elsewhere elsewhere:
                wire.Elsewhere = MovementMap.ToWire(elsewhere);
                break;
            default:
                throw new InvalidOperationException("An unknown creditor.");
        }
        return AskAsync(
            nameof(Wire.Bank.BankClient.AddPayee),
            wire,
            static (client, request, options) => client.AddPayeeAsync(request, options),
            ServiceMap.ToDomain,
            cancellationToken
        );
    }

    public Task<QueryAnswer<string>> RemovePayeeAsync(
        Actor actor,
        string reference,
        string payee,
        CancellationToken cancellationToken
    )
    {
        Wire.RemovePayeeRequest wire = new()
        {
            Actor = ActorMap.ToWire(actor),
            Reference = reference,
            Payee = payee,
        };
        return AskAsync(
            nameof(Wire.Bank.BankClient.RemovePayee),
            wire,
            static (client, request, options) => client.RemovePayeeAsync(request, options),
            ServiceMap.ToDomain,
            cancellationToken
        );
    }

    private Task<QueryAnswer<CardView>> ChangeAsync(
        Actor actor,
        string reference,
        CardToken card,
        Change change,
        CancellationToken cancellationToken
    )
    {
        Wire.ChangeCardRequest wire = new()
        {
            Actor = ActorMap.ToWire(actor),
            Reference = reference,
            Card = card.Value,
            Change = change,
        };
        return AskAsync(
            nameof(Wire.Bank.BankClient.ChangeCard),
            wire,
            static (client, request, options) => client.ChangeCardAsync(request, options),
            ServiceMap.ToDomain,
            cancellationToken
        );
    }
}
