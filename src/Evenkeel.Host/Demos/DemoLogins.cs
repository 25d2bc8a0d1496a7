using Evenkeel.Demo;
using Evenkeel.Demo.Plan;
using Evenkeel.Identity;
using Evenkeel.Payments;

namespace Evenkeel.Host.Demos;

/// <summary>Who can sign in to a demonstration, and with what: all of it follows from the seed.</summary>
internal static class DemoLogins
{
    /// <summary>The company whose program pays.</summary>
    public const string Company = "factory-1";

    /// <summary>People who bank online, the factory's program and person, and the tellers.</summary>
    public static IEnumerable<NewLogin> Of(DemoPlan plan, DemoDirectory directory)
    {
        foreach (var customer in plan.Customers)
        {
            var subject = directory.Customers[customer.Reference].Value;
            if (customer.Habit == DemoHabit.Online)
            {
                yield return Make(plan, LoginKind.Customer, customer.Reference, subject);
            }
            if (string.Equals(customer.Reference, Company, StringComparison.Ordinal))
            {
                // Its program pays without a person at its side; its person releases what is brought.
                yield return Make(plan, LoginKind.Program, customer.Reference, subject) with
                {
                    CodeKey = null,
                };
                yield return Make(plan, LoginKind.Customer, customer.Reference, subject);
            }
        }
        foreach (var teller in plan.Tellers)
        {
            yield return Make(plan, LoginKind.Staff, teller.Login, teller.Login) with
            {
                Branch = teller.Branch,
            };
        }
    }

    private static NewLogin Make(DemoPlan plan, LoginKind kind, string login, string subject) =>
        new(kind, login, subject, DemoSecrets.PasswordOf(plan.Options, login))
        {
            CodeKey = DemoSecrets.CodeKeyOf(plan.Options, login),
        };
}
