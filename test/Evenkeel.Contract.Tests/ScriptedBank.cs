using System.Collections.Concurrent;
using Evenkeel.Payments;

namespace Evenkeel.Contract.Tests;

/// <summary>A bank that answers as the test says, and knows what it was asked.</summary>
internal sealed partial class ScriptedBank
    : IPaymentProcessor,
        IAccountQueries,
        ICustomerServices,
        ISignIn,
        IPasskeys
{
    public ConcurrentQueue<PaymentInstruction> Asked { get; } = new();

    public Func<PaymentInstruction, Task<PaymentOutcome>> Answer { get; set; } =
        static instruction => Task.FromResult(Done(instruction));

    public static PaymentOutcome Done(PaymentInstruction instruction) =>
        new PaymentOutcome.Done(
            new Receipt
            {
                Id = instruction.Id,
                Amount = instruction.Amount,
                BookingDate = new DateOnly(2026, 11, 23),
                ValueDate = new DateOnly(2026, 11, 23),
                At = DateTimeOffset.UnixEpoch,
                AuthorisationCode = "123456",
            }
        );

    public Task<PaymentOutcome> SubmitAsync(
        PaymentInstruction instruction,
        CancellationToken cancellationToken
    )
    {
        Asked.Enqueue(instruction);
        return Answer(instruction);
    }

    public Task<QueryAnswer<IReadOnlyList<AccountView>>> ListAccountsAsync(
        Actor actor,
        CancellationToken cancellationToken
    ) => Found<IReadOnlyList<AccountView>>([]);

    public Task<QueryAnswer<AccountView>> GetAccountAsync(
        Actor actor,
        AccountNumber account,
        CancellationToken cancellationToken
    ) => Refused<AccountView>(OutcomeReason.DebtorAccountUnknown);

    public Task<QueryAnswer<AccountView>> GetCardAccountAsync(
        Actor actor,
        InstructionId inquiry,
        CardUse card,
        CancellationToken cancellationToken
    ) => Refused<AccountView>(OutcomeReason.CardUnknown);

    public Task<QueryAnswer<StatementPage>> GetStatementAsync(
        Actor actor,
        StatementQuery query,
        CancellationToken cancellationToken
    ) => Refused<StatementPage>(OutcomeReason.DateInvalid);

    public Task<QueryAnswer<IReadOnlyList<InstructionTrace>>> TraceAsync(
        Actor actor,
        string reference,
        CancellationToken cancellationToken
    ) => Found<IReadOnlyList<InstructionTrace>>([]);

    public static readonly CardView Card = new(
        new CardToken("0123456789abcdef0123456789abcdef"),
        AccountNumber.FromSerial(9),
        "4242",
        2712,
        CardState.Active,
        IsFrozen: false,
        IsPinBlocked: true
    );

    public static readonly PayeeView Payee = new(
        "p1",
        "BANKCNBJ",
        "6222",
        null,
        DateTimeOffset.UnixEpoch.AddDays(7),
        IsNew: true
    );

    public Task<QueryAnswer<IReadOnlyList<CardView>>> ListCardsAsync(
        Actor actor,
        CancellationToken cancellationToken
    ) => Found<IReadOnlyList<CardView>>([Card]);

    public Task<QueryAnswer<CardView>> FreezeCardAsync(
        Actor actor,
        string reference,
        CardToken card,
        CancellationToken cancellationToken
    ) => Found(Card with { Token = card, IsFrozen = true });

    public Task<QueryAnswer<CardView>> UnfreezeCardAsync(
        Actor actor,
        string reference,
        CardToken card,
        CancellationToken cancellationToken
    ) => Refused<CardView>(OutcomeReason.StrongAuthenticationRequired);

    public Task<QueryAnswer<CardView>> ReportCardAsync(
        Actor actor,
        string reference,
        CardToken card,
        bool wasStolen,
        CancellationToken cancellationToken
    ) => Found(Card with { State = wasStolen ? CardState.Stolen : CardState.Lost });

    public Task<QueryAnswer<IReadOnlyList<PayeeView>>> ListPayeesAsync(
        Actor actor,
        CancellationToken cancellationToken
    ) => Found<IReadOnlyList<PayeeView>>([Payee]);

    public Task<QueryAnswer<PayeeView>> AddPayeeAsync(
        Actor actor,
        string reference,
        Creditor creditor,
        CancellationToken cancellationToken
    ) =>
        Found(
            creditor is Creditor.Elsewhere elsewhere
                ? Payee with
                {
                    Bank = elsewhere.Bank.Value,
                    Account = elsewhere.Account,
                    Name = elsewhere.Name,
                }
                : Payee with
                {
                    Bank = null,
                    Account = ((Creditor.Here)creditor).Account.ToString(),
                }
        );

    public Task<QueryAnswer<string>> RemovePayeeAsync(
        Actor actor,
        string reference,
        string payee,
        CancellationToken cancellationToken
    ) => Found(payee);

    public Task<SignInAnswer> SignInAsync(
        SignInRequest request,
        CancellationToken cancellationToken
    ) => Task.FromResult(SignIn(request));

    public Func<SignInRequest, SignInAnswer> SignIn { get; set; } =
        static _ => new SignInAnswer.Refused();

    private static Task<QueryAnswer<T>> Found<T>(T value) =>
        Task.FromResult<QueryAnswer<T>>(new QueryAnswer<T>.Found(value, DateTimeOffset.UnixEpoch));

    private static Task<QueryAnswer<T>> Refused<T>(OutcomeReason reason) =>
        Task.FromResult<QueryAnswer<T>>(new QueryAnswer<T>.Refused(reason));
}
