using Evenkeel.Banking.Accounts;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Queries;

/// <summary>Who may see what. Deny by default.</summary>
internal static class Access
{
    /// <summary>For whom the asker acts; null when for no customer.</summary>
    public static CustomerId? CustomerOf(Actor actor) =>
        actor switch
        {
            Actor.Customer customer => customer.Id,
            Actor.ApiClient client => client.OnBehalfOf,
            _ => null,
        };

    public static bool MaySee(Actor actor, AccountDocument account) =>
        actor is Actor.Staff or Actor.Bank
        || (
            CustomerOf(actor) is { } customer
            && string.Equals(customer.Value, account.Customer, StringComparison.Ordinal)
        );
}
