using Evenkeel.Banking.Desk;
using Evenkeel.Payments;
using static Evenkeel.Payments.OutcomeReason;

namespace Evenkeel.Banking.Accounts;

/// <summary>What must hold before anything comes into an account, whichever way it comes.</summary>
internal static class Credits
{
    /// <returns>The account, or the first reason against it in a fixed order.</returns>
    public static async ValueTask<(AccountDocument? Account, OutcomeReason Fault)> JudgeAsync(
        DecisionContext context,
        AccountNumber number,
        CancellationToken cancellationToken
    )
    {
        var account = await context.ReadAccountAsync(number, cancellationToken);
        if (account is null)
        {
            return (null, CreditorAccountUnknown);
        }
        if (account.State == AccountState.Closed)
        {
            return (null, CreditorAccountClosed);
        }
        if (account.State is AccountState.CreditBlocked or AccountState.Frozen)
        {
            return (null, CreditorAccountBlocked);
        }
        return account.Currency == context.Instruction.Amount.Currency
            ? (account, None)
            : (null, CurrencyMismatch);
    }
}
