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
        MaySee(actor, account.Customer);

    public static bool MaySee(Actor actor, string customer) =>
        actor is Actor.Staff or Actor.Bank
        || (
            CustomerOf(actor) is { } own
            && string.Equals(own.Value, customer, StringComparison.Ordinal)
        );

    /// <summary>Whoever asks for another's leaves a line in the audit.</summary>
    /// <param name="customer">Whose it is.</param>
    /// <param name="what">What was asked for: a code.</param>
    /// <param name="subject">The account that it is about.</param>
    public static async ValueTask<bool> MaySeeAsync(
        Bank bank,
        Actor actor,
        string customer,
        string what,
        string subject,
        CancellationToken cancellationToken
    )
    {
        if (MaySee(actor, customer))
        {
            return true;
        }
        await bank.Audit.WriteAsync(actor, what, subject, cancellationToken);
        return false;
    }
}
