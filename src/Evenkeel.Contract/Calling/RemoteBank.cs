using Evenkeel.Contract.Mapping;
using Evenkeel.Payments;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Contract.Calling;

/// <summary>What became of an instruction, and how that came to be known.</summary>
/// <param name="ServedBy">The bank that was asked last; empty when there was none.</param>
/// <param name="Tries">Times it was sent.</param>
public readonly record struct SubmitReport(PaymentOutcome Outcome, string ServedBy, int Tries);

/// <summary>
/// A bank behind the contract, as channels see it: finds whoever decides, asks again with the same id
/// through an election, and says "being resolved" when nobody can know.
/// </summary>
public sealed partial class RemoteBank
    : IPaymentProcessor,
        IAccountQueries,
        ICustomerServices,
        ISignIn,
        IBulkFiles,
        IStandingOrders,
        ICreditQueries,
        IBranchServices,
        IPasskeys,
        IDisposable
{
    private readonly BankCaller _caller;
    private readonly RemoteBankOptions _options;
    private readonly TimeProvider _time;

    public RemoteBank(
        RemoteBankOptions options,
        IBankLocator locator,
        TimeProvider time,
        ILogger<RemoteBank> log
    )
    {
        _options = options;
        _time = time;
        _caller = new BankCaller(options, locator, time, log);
    }

    public async Task<PaymentOutcome> SubmitAsync(
        PaymentInstruction instruction,
        CancellationToken cancellationToken
    ) => (await SubmitAndReportAsync(instruction, cancellationToken)).Outcome;

    public async Task<SubmitReport> SubmitAndReportAsync(
        PaymentInstruction instruction,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(instruction);
        var wire = InstructionMap.ToWire(instruction);
        var reply = await _caller.CallAsync(
            nameof(Wire.Bank.BankClient.Submit),
            (client, options) => client.SubmitAsync(wire, options),
            Judge,
            cancellationToken
        );
        return new(OutcomeOf(reply), reply.ServedBy, reply.Tries);
    }

    private PaymentOutcome OutcomeOf(Reply<Wire.Outcome> reply)
    {
        if (
            reply.Value is { } answer
            && Judge(answer) is var finality
            && (
                finality == Finality.Final
                || (finality == Finality.NotYet && !reply.MayHaveHappened)
            )
        )
        {
            return OutcomeMap.ToDomain(answer);
        }
        // A try of unknown end may have done it, whatever the tries after it were told.
        return reply.MayHaveHappened
            ? new PaymentOutcome.BeingResolved(
                _time.GetUtcNow() + _options.ResolvedMax,
                OutcomeReason.ResultUnknown
            )
            : new PaymentOutcome.NotDone(ReasonOf(reply));
    }

    public Task<QueryAnswer<IReadOnlyList<AccountView>>> ListAccountsAsync(
        Actor actor,
        CancellationToken cancellationToken
    )
    {
        Wire.ListAccountsRequest wire = new() { Actor = ActorMap.ToWire(actor) };
        return AskAsync(
            nameof(Wire.Bank.BankClient.ListAccounts),
            wire,
            static (client, request, options) => client.ListAccountsAsync(request, options),
            ViewMap.ToDomain,
            cancellationToken
        );
    }

    public Task<QueryAnswer<AccountView>> GetAccountAsync(
        Actor actor,
        AccountNumber account,
        CancellationToken cancellationToken
    )
    {
        Wire.GetAccountRequest wire = new()
        {
            Actor = ActorMap.ToWire(actor),
            Account = account.Value,
        };
        return AskAsync(
            nameof(Wire.Bank.BankClient.GetAccount),
            wire,
            static (client, request, options) => client.GetAccountAsync(request, options),
            ViewMap.ToDomain,
            cancellationToken
        );
    }

    public Task<QueryAnswer<AccountView>> GetCardAccountAsync(
        Actor actor,
        InstructionId inquiry,
        CardUse card,
        CancellationToken cancellationToken
    )
    {
        Wire.GetCardAccountRequest wire = new()
        {
            Actor = ActorMap.ToWire(actor),
            Inquiry = Scalars.ToWire(inquiry),
            Card = MovementMap.CardToWire(card),
        };
        return AskAsync(
            nameof(Wire.Bank.BankClient.GetCardAccount),
            wire,
            static (client, request, options) => client.GetCardAccountAsync(request, options),
            ViewMap.ToDomain,
            cancellationToken
        );
    }

    public Task<QueryAnswer<StatementPage>> GetStatementAsync(
        Actor actor,
        StatementQuery query,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(query);
        Wire.GetStatementRequest wire = new()
        {
            Actor = ActorMap.ToWire(actor),
            Account = query.Account.Value,
            From = query.From.DayNumber,
            To = query.To.DayNumber,
            Limit = query.Limit,
        };
        if (query.After is { } after)
        {
            wire.After = after;
        }
        return AskAsync(
            nameof(Wire.Bank.BankClient.GetStatement),
            wire,
            static (client, request, options) => client.GetStatementAsync(request, options),
            ViewMap.ToDomain,
            cancellationToken
        );
    }

    public Task<QueryAnswer<IReadOnlyList<InstructionTrace>>> TraceAsync(
        Actor actor,
        string reference,
        CancellationToken cancellationToken
    )
    {
        Wire.TraceRequest wire = new() { Actor = ActorMap.ToWire(actor), Reference = reference };
        return AskAsync(
            nameof(Wire.Bank.BankClient.Trace),
            wire,
            static (client, request, options) => client.TraceAsync(request, options),
            ViewMap.ToDomain,
            cancellationToken
        );
    }

    public void Dispose() => _caller.Dispose();

    /// <summary>Every question: asked of whoever decides, refused with the reason when nobody answers.</summary>
    private async Task<QueryAnswer<T>> AskAsync<TRequest, TWire, T>(
        string method,
        TRequest request,
        Func<Wire.Bank.BankClient, TRequest, CallOptions, AsyncUnaryCall<TWire>> call,
        Func<TWire, QueryAnswer<T>> map,
        CancellationToken cancellationToken
    )
        where TWire : class, Wire.IAnswer
    {
        var reply = await _caller.CallAsync(
            method,
            (client, options) => call(client, request, options),
            static answer => Judge(answer.Refused),
            cancellationToken
        );
        return reply.Value is { } value ? map(value) : new QueryAnswer<T>.Refused(ReasonOf(reply));
    }

    /// <summary>Why there is no answer at all.</summary>
    private static OutcomeReason ReasonOf<T>(Reply<T> reply)
        where T : class =>
        reply.Reason == OutcomeReason.None ? OutcomeReason.ServiceUnavailable : reply.Reason;

    private static Finality Judge(Wire.Outcome outcome) =>
        outcome.KindCase switch
        {
            Wire.Outcome.KindOneofCase.NotDone => Judge(outcome.NotDone.Reason),
            Wire.Outcome.KindOneofCase.BeingResolved
                when (OutcomeReason)outcome.BeingResolved.Reason == OutcomeReason.ResultUnknown =>
                Finality.NotKnown,
            _ => Finality.Final,
        };

    private static Finality Judge(uint refused) =>
        (OutcomeReason)refused is OutcomeReason.ServiceUnavailable or OutcomeReason.Busy
            ? Finality.NotYet
            : Finality.Final;
}
