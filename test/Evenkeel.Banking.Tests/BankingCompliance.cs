using Evenkeel.Payments.Compliance;
using Xunit;

namespace Evenkeel.Banking.Tests;

public sealed class BankingCompliance(SharedBank shared)
    : PaymentProcessorCompliance,
        IClassFixture<SharedBank>
{
    protected override IBankUnderTest Bank => shared.Bank;
}

public sealed class BankingCardAndCashCompliance(SharedBank shared)
    : CardAndCashCompliance,
        IClassFixture<SharedBank>
{
    protected override IBankUnderTest Bank => shared.Bank;
}
