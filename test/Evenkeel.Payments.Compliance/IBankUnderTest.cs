namespace Evenkeel.Payments.Compliance;

/// <summary>A bank that the suite may furnish as it needs. Amounts are minor units of CNY.</summary>
public interface IBankUnderTest
{
    const uint Cny = 156;
    const uint Hkd = 344;

    IPaymentProcessor Payments { get; }

    IAccountQueries Queries { get; }

    /// <summary>A customer with one open account of so much money.</summary>
    Task<(CustomerId Customer, AccountNumber Account)> OpenAsync(
        long balanceMinor,
        uint currency = Cny
    );

    /// <summary>Nothing leaves any account of the customer from now on.</summary>
    Task FreezeAsync(CustomerId customer);
}
