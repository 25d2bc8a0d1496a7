using Evenkeel.Banking.Customers;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Products;
using Evenkeel.Payments;
using static Evenkeel.Payments.OutcomeReason;

namespace Evenkeel.Banking.Accounts;

/// <summary>What must hold before anything leaves an account, whichever way it leaves.</summary>
internal static class Debits
{
    /// <returns>The account, or the first reason against it in a fixed order.</returns>
    public static async ValueTask<(AccountDocument? Account, OutcomeReason Fault)> JudgeAsync(
        DecisionContext context,
        AccountNumber number,
        CancellationToken cancellationToken
    )
    {
        var account = await context.ReadAccountAsync(number, cancellationToken);
        if (account is null || !MayDebit(context.Instruction.Actor, account))
        {
            context.Trespass = account is null ? null : number.ToString();
            // The same answer for both: nobody learns by asking which accounts there are.
            return (null, DebtorAccountUnknown);
        }
        if (account.State == AccountState.Closed)
        {
            return (null, DebtorAccountClosed);
        }
        if (account.State is AccountState.DebitBlocked or AccountState.Frozen)
        {
            return (null, DebtorAccountBlocked);
        }
        if (account.State == AccountState.Dormant)
        {
            return (null, DebtorAccountDormant);
        }
        if (account.Currency != context.Instruction.Amount.Currency)
        {
            return (null, CurrencyMismatch);
        }
        if (await ProductKinds.IsLoanAsync(context, account, cancellationToken))
        {
            return (null, DebtorAccountBlocked); // It is drawn once, when the loan is paid out.
        }
        var customer = await context.ReadCustomerAsync(account.Customer, cancellationToken);
        return customer is { State: CustomerState.Active }
            ? (account, None)
            : (null, CustomerFrozen);
    }

    private static bool MayDebit(Actor actor, AccountDocument account) =>
        actor switch
        {
            Actor.Customer customer => IsHolder(customer.Id, account),
            Actor.ApiClient client => IsHolder(client.OnBehalfOf, account),
            Actor.Staff or Actor.Bank or Actor.CardNetwork => true,
            _ => false,
        };

    private static bool IsHolder(CustomerId customer, AccountDocument account) =>
        string.Equals(customer.Value, account.Customer, StringComparison.Ordinal);
}
