namespace Evenkeel.Payments;

/// <summary>
/// What a branch does for customers beside cash: new customers, accounts and logins, and what the audit
/// says. For staff alone, but for the list of products.
/// </summary>
public interface IBranchServices
{
    /// <summary>What the bank offers today, for everybody who signed in.</summary>
    Task<QueryAnswer<IReadOnlyList<ProductView>>> ListProductsAsync(
        Actor actor,
        CancellationToken cancellationToken
    );

    Task<QueryAnswer<CustomerFile>> GetCustomerAsync(
        Actor actor,
        CustomerId customer,
        CancellationToken cancellationToken
    );

    /// <param name="reference">Of whoever asks: the same again is the same customer.</param>
    Task<QueryAnswer<CustomerFile>> OpenCustomerAsync(
        Actor actor,
        string reference,
        NewCustomer customer,
        CancellationToken cancellationToken
    );

    /// <summary>An agreed overdraft is money of the bank: it needs a second member of staff.</summary>
    /// <param name="reference">Of whoever asks: the same again is the same account.</param>
    Task<QueryAnswer<AccountView>> OpenAccountAsync(
        Actor actor,
        string reference,
        NewAccount account,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// A login of a customer with a first secret that the bank makes. Whoever has it can pay: it needs a
    /// second member of staff. A login that is there already is <see cref="OutcomeReason.Duplicate"/>.
    /// </summary>
    Task<QueryAnswer<MadeLogin>> MakeLoginAsync(
        Actor actor,
        CustomerLogin login,
        CancellationToken cancellationToken
    );

    /// <summary>Who asked for what is not theirs, on one day (UTC), oldest hour first.</summary>
    Task<QueryAnswer<IReadOnlyList<AuditLine>>> ListAuditAsync(
        Actor actor,
        DateOnly day,
        CancellationToken cancellationToken
    );
}

/// <summary>A product in one currency on today's conditions.</summary>
/// <param name="Kind">current, savings, loan, credit_line...</param>
/// <param name="CreditBasisPoints">Paid to the customer; hundredths of a percent a year.</param>
/// <param name="DebitBasisPoints">Charged to the customer; hundredths of a percent a year.</param>
/// <param name="OverdraftMax">The highest overdraft or limit that may be agreed.</param>
public sealed record ProductView(
    string Code,
    string Kind,
    uint Currency,
    int CreditBasisPoints,
    int DebitBasisPoints,
    Money MonthlyFee,
    Money OverdraftMax
);

/// <summary>A person or a company to be taken on.</summary>
/// <param name="Language">zh-Hans, zh-Hant or en.</param>
public sealed record NewCustomer(bool IsCompany, string Name, string Language)
{
    public string? Address { get; init; }

    public string? Phone { get; init; }

    public string? Email { get; init; }

    /// <summary>Says nothing of the person.</summary>
    public override string ToString() => "NewCustomer";
}

/// <summary>A customer as staff see them.</summary>
/// <param name="Profile">Null once the person was forgotten.</param>
public sealed record CustomerFile(
    CustomerId Id,
    bool IsFrozen,
    NewCustomer? Profile,
    IReadOnlyList<AccountNumber> Accounts
);

/// <param name="Product">Code of the product.</param>
/// <param name="OverdraftMinor">Agreed overdraft, minor units of the currency.</param>
public sealed record NewAccount(
    CustomerId Customer,
    string Product,
    uint Currency,
    long OverdraftMinor = 0
);

/// <param name="IsProgram">For a company's program; else for a person.</param>
/// <param name="Login">What is signed in with.</param>
public sealed record CustomerLogin(CustomerId Customer, bool IsProgram, string Login);

/// <param name="Secret">The first secret, shown this once.</param>
/// <param name="AuthenticatorKey">Of a person's authenticator in Base32, shown this once.</param>
public sealed record MadeLogin(string Login, string Secret, string? AuthenticatorKey)
{
    /// <summary>Says nothing of the secrets.</summary>
    public override string ToString() => "MadeLogin";
}

/// <summary>Somebody asked for what is not theirs, and was refused.</summary>
/// <param name="Actor">Customer's number, program, member of staff.</param>
/// <param name="What">What was asked for: a code.</param>
/// <param name="Subject">The account, or the name of what it was about.</param>
/// <param name="IsLastOfHour">More may have come in this hour; they were not written.</param>
public sealed record AuditLine(
    DateTimeOffset At,
    string Actor,
    string ActorKind,
    Channel Channel,
    string What,
    string Subject,
    bool IsLastOfHour
);
