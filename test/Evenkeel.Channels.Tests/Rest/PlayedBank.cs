using System.Collections.Concurrent;
using Evenkeel.Payments;

namespace Evenkeel.Channels.Tests.Rest;

/// <summary>One customer with one account and one card; whoever else asks is refused.</summary>
internal sealed partial class PlayedBank : IAccountQueries, ICustomerServices, ISignIn, IPasskeys
{
    public static readonly CustomerId Owner = new("C000000000001");
    public static readonly AccountNumber Own = AccountNumber.FromSerial(1);
    public static readonly AccountNumber Other = AccountNumber.FromSerial(2);

    private static readonly CardView Card = new(
        new CardToken("0123456789abcdef0123456789abcdef"),
        Own,
        "4242",
        2712,
        CardState.Active,
        IsFrozen: false,
        IsPinBlocked: false
    );

    /// <summary>Who asked to be let in.</summary>
    public ConcurrentQueue<SignInRequest> SignIns { get; } = new();

    public Task<SignInAnswer> SignInAsync(
        SignInRequest request,
        CancellationToken cancellationToken
    )
    {
        SignIns.Enqueue(request);
        return Task.FromResult(AnswerTo(request));
    }

    private static SignInAnswer AnswerTo(SignInRequest request) =>
        (request.Kind, request.Login, request.Secret) switch
        {
            (LoginKind.Customer, RestBed.CustomerLogin, RestBed.Secret) =>
                new SignInAnswer.SignedIn(
                    new Actor.Customer(
                        Owner,
                        request.Code == "123456" ? Assurance.Strong : Assurance.Single
                    ),
                    request.Code is null ? null : "device"
                ),
            (LoginKind.Program, RestBed.ProgramLogin, RestBed.Secret) => new SignInAnswer.SignedIn(
                new Actor.ApiClient(RestBed.ProgramLogin, Owner),
                null
            )
            {
                Scopes = ProgramScopes.All,
            },
            (LoginKind.Program, RestBed.ReaderLogin, RestBed.Secret) => new SignInAnswer.SignedIn(
                new Actor.ApiClient(RestBed.ReaderLogin, Owner),
                null
            )
            {
                Scopes = [ProgramScopes.ReadAccounts],
            },
            (LoginKind.Program, "wait", _) => new SignInAnswer.NotBefore(
                DateTimeOffset.UtcNow.AddMinutes(2)
            ),
            (LoginKind.Program, "away", _) => new SignInAnswer.Unavailable(),
            (LoginKind.Program, "code", _) => new SignInAnswer.CodeNeeded(),
            (LoginKind.Staff, RestBed.StaffLogin or RestBed.CheckerLogin, RestBed.Secret) =>
                new SignInAnswer.SignedIn(new Actor.Staff(request.Login, "B1"), null),
            (LoginKind.Customer, "code", _) => new SignInAnswer.CodeNeeded(),
            (LoginKind.Customer, "wait", _) => new SignInAnswer.NotBefore(DateTimeOffset.UnixEpoch),
            (LoginKind.Customer, "away", _) => new SignInAnswer.Unavailable(),
            _ => new SignInAnswer.Refused(),
        };

    public Task<QueryAnswer<IReadOnlyList<AccountView>>> ListAccountsAsync(
        Actor actor,
        CancellationToken cancellationToken
    ) => Found<IReadOnlyList<AccountView>>([View]);

    public Task<QueryAnswer<AccountView>> GetAccountAsync(
        Actor actor,
        AccountNumber account,
        CancellationToken cancellationToken
    ) => account == Own ? Found(View) : Refused<AccountView>(OutcomeReason.DebtorAccountUnknown);

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
    ) =>
        query.Account == Own
            ? Found(
                new StatementPage(
                    new Money(0, 156),
                    new Money(1_050, 156),
                    [
                        new StatementLine(
                            DateTimeOffset.UnixEpoch,
                            query.From,
                            query.To,
                            new Money(1_050, 156),
                            new Money(1_050, 156),
                            "Transfer",
                            new InstructionId(7),
                            null,
                            null
                        ),
                    ],
                    null
                )
            )
            : Refused<StatementPage>(OutcomeReason.DebtorAccountUnknown);

    public Task<QueryAnswer<IReadOnlyList<InstructionTrace>>> TraceAsync(
        Actor actor,
        string reference,
        CancellationToken cancellationToken
    ) =>
        Found<IReadOnlyList<InstructionTrace>>(
            reference == "known"
                ?
                [
                    new InstructionTrace
                    {
                        Id = new InstructionId(7),
                        Kind = "transfer",
                        Amount = new Money(1, 156),
                        State = InstructionState.BeingResolved,
                        Reason = OutcomeReason.BillerSilent,
                        Timeline =
                        [
                            new TimelineEntry(
                                DateTimeOffset.UnixEpoch,
                                InstructionState.BeingResolved,
                                "C1"
                            ),
                        ],
                    },
                ]
                : []
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
    ) => Found(Card with { IsFrozen = true });

    public Task<QueryAnswer<CardView>> UnfreezeCardAsync(
        Actor actor,
        string reference,
        CardToken card,
        CancellationToken cancellationToken
    ) =>
        actor is Actor.Customer { Assurance: Assurance.Strong }
            ? Found(Card)
            : Refused<CardView>(OutcomeReason.StrongAuthenticationRequired);

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
    ) => Found<IReadOnlyList<PayeeView>>([]);

    public Task<QueryAnswer<PayeeView>> AddPayeeAsync(
        Actor actor,
        string reference,
        Creditor creditor,
        CancellationToken cancellationToken
    ) => Found(new PayeeView("y1", null, "1", null, DateTimeOffset.UnixEpoch, IsNew: true));

    public Task<QueryAnswer<string>> RemovePayeeAsync(
        Actor actor,
        string reference,
        string payee,
        CancellationToken cancellationToken
    ) => Found(payee);

    private static AccountView View =>
        new(Own, Owner, "current", AccountState.Open, new Money(1_050, 156), new Money(1_000, 156));

    private static Task<QueryAnswer<T>> Found<T>(T value) =>
        Task.FromResult<QueryAnswer<T>>(new QueryAnswer<T>.Found(value, DateTimeOffset.UnixEpoch));

    private static Task<QueryAnswer<T>> Refused<T>(OutcomeReason reason) =>
        Task.FromResult<QueryAnswer<T>>(new QueryAnswer<T>.Refused(reason));
}
