using Evenkeel.Contract.Mapping;
using Evenkeel.Payments;
using Grpc.Core;
using Change = Evenkeel.Contract.Wire.ChangeCardRequest.Types.Change;

namespace Evenkeel.Contract.Serving;

/// <summary>From the wire to the bank and back.</summary>
internal sealed partial class BankService(BankServices bank, ContractServerOptions options)
    : Wire.Bank.BankBase
{
    public override async Task<Wire.Outcome> Submit(
        Wire.Instruction request,
        ServerCallContext context
    )
    {
        var instruction = InstructionMap.ToDomain(request);
        if (instruction.Actor is Actor.Bank)
        {
            // The bank itself is not a channel: nobody acts in its name from outside.
            return OutcomeMap.ToWire(new PaymentOutcome.NotDone(OutcomeReason.NotAuthorised));
        }
        var outcome = await bank.Payments.SubmitAsync(instruction, context.CancellationToken);
        // Leadership was lost meanwhile and nothing was proposed: another node can decide it.
        return
            outcome is PaymentOutcome.NotDone { Reason: OutcomeReason.ServiceUnavailable }
            && !options.Leads()
            ? throw Door.Certainly(StatusCode.FailedPrecondition, Door.NotLeader)
            : OutcomeMap.ToWire(outcome);
    }

    public override async Task<Wire.AccountsAnswer> ListAccounts(
        Wire.ListAccountsRequest request,
        ServerCallContext context
    ) =>
        ViewMap.ToWire(
            Still(
                await bank.Queries.ListAccountsAsync(
                    AskerOf(request.Actor),
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.AccountAnswer> GetAccount(
        Wire.GetAccountRequest request,
        ServerCallContext context
    ) =>
        ViewMap.ToWire(
            Still(
                await bank.Queries.GetAccountAsync(
                    AskerOf(request.Actor),
                    Scalars.ToAccount(request.Account),
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.AccountAnswer> GetCardAccount(
        Wire.GetCardAccountRequest request,
        ServerCallContext context
    ) =>
        ViewMap.ToWire(
            Still(
                await bank.Queries.GetCardAccountAsync(
                    AskerOf(request.Actor),
                    Scalars.ToInstructionId(request.Inquiry),
                    MovementMap.CardToDomain(request.Card),
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.StatementAnswer> GetStatement(
        Wire.GetStatementRequest request,
        ServerCallContext context
    ) =>
        ViewMap.ToWire(
            Still(
                await bank.Queries.GetStatementAsync(
                    AskerOf(request.Actor),
                    new StatementQuery(
                        Scalars.ToAccount(request.Account),
                        Scalars.ToDate(request.From),
                        Scalars.ToDate(request.To),
                        request.HasAfter ? request.After : null,
                        request.Limit
                    ),
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.TraceAnswer> Trace(
        Wire.TraceRequest request,
        ServerCallContext context
    ) =>
        ViewMap.ToWire(
            Still(
                await bank.Queries.TraceAsync(
                    AskerOf(request.Actor),
                    request.Reference,
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.CardsAnswer> ListCards(
        Wire.ListRequest request,
        ServerCallContext context
    ) =>
        ServiceMap.ToWire(
            Still(
                await bank.Services.ListCardsAsync(
                    AskerOf(request.Actor),
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.CardAnswer> ChangeCard(
        Wire.ChangeCardRequest request,
        ServerCallContext context
    )
    {
        var actor = AskerOf(request.Actor);
        CardToken card = new(request.Card);
        var token = context.CancellationToken;
        var pending = request.Change switch
        {
            Change.Freeze => bank.Services.FreezeCardAsync(actor, request.Reference, card, token),
            Change.Unfreeze => bank.Services.UnfreezeCardAsync(
                actor,
                request.Reference,
                card,
                token
            ),
            Change.Lost => bank.Services.ReportCardAsync(
                actor,
                request.Reference,
                card,
                wasStolen: false,
                token
            ),
            Change.Stolen => bank.Services.ReportCardAsync(
                actor,
                request.Reference,
                card,
                wasStolen: true,
                token
            ),
            _ => throw new ContractException("An unknown change of a card."),
        };
        return ServiceMap.ToWire(Still(await pending));
    }

    public override async Task<Wire.PayeesAnswer> ListPayees(
        Wire.ListRequest request,
        ServerCallContext context
    ) =>
        ServiceMap.ToWire(
            Still(
                await bank.Services.ListPayeesAsync(
                    AskerOf(request.Actor),
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.PayeeAnswer> AddPayee(
        Wire.AddPayeeRequest request,
        ServerCallContext context
    ) =>
        ServiceMap.ToWire(
            Still(
                await bank.Services.AddPayeeAsync(
                    AskerOf(request.Actor),
                    request.Reference,
                    request.CreditorCase switch
                    {
                        Wire.AddPayeeRequest.CreditorOneofCase.Here => MovementMap.ToDomain(
                            request.Here
                        ),
                        Wire.AddPayeeRequest.CreditorOneofCase.Elsewhere => MovementMap.ToDomain(
                            request.Elsewhere
                        ),
                        _ => throw new ContractException("A creditor is missing."),
                    },
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.RemovedAnswer> RemovePayee(
        Wire.RemovePayeeRequest request,
        ServerCallContext context
    ) =>
        ServiceMap.ToWire(
            Still(
                await bank.Services.RemovePayeeAsync(
                    AskerOf(request.Actor),
                    request.Reference,
                    request.Payee,
                    context.CancellationToken
                )
            )
        );

    private static Actor AskerOf(Wire.Actor? wire) =>
        ActorMap.ToDomain(wire) is var actor and not Actor.Bank
            ? actor
            : throw new RpcException(new Status(StatusCode.PermissionDenied, "not a channel"));

    /// <summary>A read that failed since this node no longer leads is asked again at the one that does.</summary>
    private QueryAnswer<T> Still<T>(QueryAnswer<T> answer) =>
        answer is QueryAnswer<T>.Refused { Reason: OutcomeReason.ServiceUnavailable }
        && !options.Leads()
            ? throw Door.Certainly(StatusCode.FailedPrecondition, Door.NotLeader)
            : answer;
}
