using Evenkeel.Payments;

namespace Evenkeel.Contract;

/// <summary>What a bank offers behind the contract: the primary's own, or one that is called from afar.</summary>
public sealed record BankServices(
    IPaymentProcessor Payments,
    IAccountQueries Queries,
    ICustomerServices Services,
    ISignIn SignIn
);
