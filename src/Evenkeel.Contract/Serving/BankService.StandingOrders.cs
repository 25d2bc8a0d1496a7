using Evenkeel.Contract.Mapping;
using Evenkeel.Payments;
using Grpc.Core;

namespace Evenkeel.Contract.Serving;

/// <content>Standing orders.</content>
internal sealed partial class BankService
{
    public override async Task<Wire.StandingOrdersAnswer> ListStandingOrders(
        Wire.GetAccountRequest request,
        ServerCallContext context
    ) =>
        StandingOrderMap.ToWire(
            Still(
                await bank.StandingOrders.ListAsync(
                    AskerOf(request.Actor),
                    Scalars.ToAccount(request.Account),
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.StandingOrderAnswer> GetStandingOrder(
        Wire.StandingOrderRequest request,
        ServerCallContext context
    ) =>
        StandingOrderMap.ToWire(
            Still(
                await bank.StandingOrders.GetAsync(
                    AskerOf(request.Actor),
                    request.Id,
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.StandingOrderAnswer> SetUpStandingOrder(
        Wire.SetUpStandingOrderRequest request,
        ServerCallContext context
    ) =>
        StandingOrderMap.ToWire(
            Still(
                await bank.StandingOrders.SetUpAsync(
                    AskerOf(request.Actor),
                    request.Reference,
                    StandingOrderMap.ToDomain(request),
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.StandingOrderAnswer> ChangeStandingOrder(
        Wire.ChangeStandingOrderRequest request,
        ServerCallContext context
    ) =>
        StandingOrderMap.ToWire(
            Still(
                await bank.StandingOrders.ChangeAsync(
                    AskerOf(request.Actor),
                    request.Reference,
                    request.Id,
                    StandingOrderMap.ToDomain(request),
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.StandingOrderAnswer> StopStandingOrder(
        Wire.StandingOrderRequest request,
        ServerCallContext context
    ) =>
        StandingOrderMap.ToWire(
            Still(
                await bank.StandingOrders.StopAsync(
                    AskerOf(request.Actor),
                    request.Id,
                    context.CancellationToken
                )
            )
        );
}
