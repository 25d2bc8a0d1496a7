using System.Security.Cryptography;
using Evenkeel.Identity;
using Evenkeel.Payments;

namespace Evenkeel.Host.Serving;

/// <summary>Logins that a branch makes for its customers: the bank makes the first secret.</summary>
internal static class BranchLogins
{
    /// <summary>Letters and digits that nobody takes for one another on paper.</summary>
    private const string Alphabet = "ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789";

    /// <summary>116 bits: what is written down and typed once.</summary>
    private const int SecretChars = 20;

    public static async Task<QueryAnswer<MadeLogin>> MakeAsync(
        LoginAdministration logins,
        CustomerLogin login,
        CancellationToken cancellationToken
    )
    {
        var kind = login.IsProgram ? LoginKind.Program : LoginKind.Customer;
        var secret = RandomNumberGenerator.GetString(Alphabet, SecretChars);
        try
        {
            var isMade = await logins
                .MakeAsync(
                    new NewLogin(kind, login.Login, login.Customer.Value, secret),
                    cancellationToken
                )
                .ConfigureAwait(false);
            if (!isMade)
            {
                return new QueryAnswer<MadeLogin>.Refused(OutcomeReason.Duplicate);
            }
            // A program has no person beside it who could read a code.
            var key = login.IsProgram
                ? null
                : await logins
                    .AddAuthenticatorAsync(kind, login.Login, cancellationToken)
                    .ConfigureAwait(false);
            return new QueryAnswer<MadeLogin>.Found(
                new MadeLogin(login.Login, secret, key),
                TimeProvider.System.GetUtcNow()
            );
        }
        catch (IdentityUnavailableException)
        {
            return new QueryAnswer<MadeLogin>.Refused(OutcomeReason.ServiceUnavailable);
        }
    }
}
