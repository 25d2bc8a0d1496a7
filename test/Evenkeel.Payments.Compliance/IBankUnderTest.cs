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

    ICustomerServices Services { get; }

    /// <summary>A cash machine of CNY with so much in it.</summary>
    Task<TerminalId> OpenMachineAsync(long cashMinor);

    /// <summary>An active card on the account.</summary>
    Task<TestCard> IssueCardAsync(AccountNumber account);

    /// <summary>The PIN as a channel hands it over, for this one instruction.</summary>
    SealedPin SealPin(TestCard card, string pin, InstructionId context);
}

/// <param name="Number">The card number, which only the test and the key interface know.</param>
/// <param name="Pin">The right one.</param>
public sealed record TestCard(CardToken Token, int ExpiryYearMonth, string Number, string Pin);
