using Evenkeel.Demo.Plan;
using Evenkeel.Payments;

namespace Evenkeel.Demo;

/// <summary>Who is who in a demonstration bank that was built: the plan's references and the bank's numbers.</summary>
public sealed record DemoDirectory(
    IReadOnlyDictionary<string, CustomerId> Customers,
    IReadOnlyDictionary<string, AccountNumber> Accounts
)
{
    public AccountNumber MainOf(DemoCustomer customer)
    {
        ArgumentNullException.ThrowIfNull(customer);
        return Accounts[customer.Main.Reference];
    }
}
