namespace Evenkeel.Payments;

/// <summary>
/// How a bank that serves in another's place answers what it does not do: certainly nothing happened, and
/// later it may. A Stand-in knows neither plans nor customers' files, so it takes no file, changes no order
/// and opens nothing; what is due stays due, and the primary bank does it when it is back.
/// </summary>
public sealed class NotOffered(OutcomeReason reason = OutcomeReason.NotInStandIn)
    : IBulkFiles,
        IStandingOrders,
        ICreditQueries,
        IBranchServices,
        IPasskeys
{
    public Task<BulkUpload> UploadAsync(
        Actor actor,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    ) => Task.FromResult<BulkUpload>(new BulkUpload.NotDone(reason));

    public Task<QueryAnswer<IReadOnlyList<BulkRun>>> ListRunsAsync(
        Actor actor,
        BulkRunsQuery query,
        CancellationToken cancellationToken
    ) => RefusedAsync<IReadOnlyList<BulkRun>>();

    public Task<QueryAnswer<BulkRun>> GetRunAsync(
        Actor actor,
        string run,
        CancellationToken cancellationToken
    ) => RefusedAsync<BulkRun>();

    public Task<QueryAnswer<BulkRunPage>> GetLinesAsync(
        Actor actor,
        string run,
        int page,
        CancellationToken cancellationToken
    ) => RefusedAsync<BulkRunPage>();

    public Task<QueryAnswer<BulkRun>> ReleaseAsync(
        Actor actor,
        string run,
        bool acceptOverlap,
        CancellationToken cancellationToken
    ) => RefusedAsync<BulkRun>();

    public Task<QueryAnswer<BulkRun>> CancelAsync(
        Actor actor,
        string run,
        CancellationToken cancellationToken
    ) => RefusedAsync<BulkRun>();

    public Task<QueryAnswer<IReadOnlyList<StandingOrderView>>> ListAsync(
        Actor actor,
        AccountNumber account,
        CancellationToken cancellationToken
    ) => RefusedAsync<IReadOnlyList<StandingOrderView>>();

    public Task<QueryAnswer<StandingOrderView>> GetAsync(
        Actor actor,
        string id,
        CancellationToken cancellationToken
    ) => RefusedAsync<StandingOrderView>();

    public Task<QueryAnswer<StandingOrderView>> SetUpAsync(
        Actor actor,
        string reference,
        StandingOrderRequest request,
        CancellationToken cancellationToken
    ) => RefusedAsync<StandingOrderView>();

    public Task<QueryAnswer<StandingOrderView>> ChangeAsync(
        Actor actor,
        string reference,
        string id,
        StandingOrderChange change,
        CancellationToken cancellationToken
    ) => RefusedAsync<StandingOrderView>();

    public Task<QueryAnswer<StandingOrderView>> StopAsync(
        Actor actor,
        string id,
        CancellationToken cancellationToken
    ) => RefusedAsync<StandingOrderView>();

    public Task<QueryAnswer<IReadOnlyList<LoanView>>> ListLoansAsync(
        Actor actor,
        CancellationToken cancellationToken
    ) => RefusedAsync<IReadOnlyList<LoanView>>();

    public Task<QueryAnswer<LoanView>> GetLoanAsync(
        Actor actor,
        AccountNumber account,
        CancellationToken cancellationToken
    ) => RefusedAsync<LoanView>();

    public Task<QueryAnswer<IReadOnlyList<CreditLineView>>> ListCreditLinesAsync(
        Actor actor,
        CancellationToken cancellationToken
    ) => RefusedAsync<IReadOnlyList<CreditLineView>>();

    public Task<QueryAnswer<IReadOnlyList<ProductView>>> ListProductsAsync(
        Actor actor,
        CancellationToken cancellationToken
    ) => RefusedAsync<IReadOnlyList<ProductView>>();

    public Task<QueryAnswer<CustomerFile>> GetCustomerAsync(
        Actor actor,
        CustomerId customer,
        CancellationToken cancellationToken
    ) => RefusedAsync<CustomerFile>();

    public Task<QueryAnswer<CustomerFile>> OpenCustomerAsync(
        Actor actor,
        string reference,
        NewCustomer customer,
        CancellationToken cancellationToken
    ) => RefusedAsync<CustomerFile>();

    public Task<QueryAnswer<AccountView>> OpenAccountAsync(
        Actor actor,
        string reference,
        NewAccount account,
        CancellationToken cancellationToken
    ) => RefusedAsync<AccountView>();

    public Task<QueryAnswer<MadeLogin>> MakeLoginAsync(
        Actor actor,
        CustomerLogin login,
        CancellationToken cancellationToken
    ) => RefusedAsync<MadeLogin>();

    public Task<QueryAnswer<IReadOnlyList<AuditLine>>> ListAuditAsync(
        Actor actor,
        DateOnly day,
        CancellationToken cancellationToken
    ) => RefusedAsync<IReadOnlyList<AuditLine>>();

    public Task<QueryAnswer<PasskeyChallenge>> BeginAsync(
        PasskeyOwner owner,
        CancellationToken cancellationToken
    ) => RefusedAsync<PasskeyChallenge>();

    public Task<QueryAnswer<PasskeyView>> AddAsync(
        PasskeyOwner owner,
        NewPasskey passkey,
        CancellationToken cancellationToken
    ) => RefusedAsync<PasskeyView>();

    public Task<QueryAnswer<IReadOnlyList<PasskeyView>>> ListAsync(
        PasskeyOwner owner,
        CancellationToken cancellationToken
    ) => RefusedAsync<IReadOnlyList<PasskeyView>>();

    public Task<QueryAnswer<PasskeyView>> RemoveAsync(
        PasskeyOwner owner,
        string passkey,
        CancellationToken cancellationToken
    ) => RefusedAsync<PasskeyView>();

    private Task<QueryAnswer<T>> RefusedAsync<T>() =>
        Task.FromResult<QueryAnswer<T>>(new QueryAnswer<T>.Refused(reason));
}
