using Evenkeel.Payments;

namespace Evenkeel.Contract;

/// <summary>What a bank offers behind the contract: the primary's own, or one that is called from afar.</summary>
public sealed record BankServices(
    IPaymentProcessor Payments,
    IAccountQueries Queries,
    ICustomerServices Services,
    ISignIn SignIn
)
{
    private static readonly NotOffered Refusing = new();

    /// <summary>Refused with a reason of its own unless the bank does it; so are those below.</summary>
    public IBulkFiles Bulk { get; init; } = Refusing;

    public IStandingOrders StandingOrders { get; init; } = Refusing;

    public ICreditQueries Credits { get; init; } = Refusing;

    public IBranchServices Branches { get; init; } = Refusing;

    public IPasskeys Passkeys { get; init; } = Refusing;
}
