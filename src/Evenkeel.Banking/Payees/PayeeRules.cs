using System.Text.Json;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.CustomerLimits;
using Evenkeel.Banking.Customers;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Storage;
using Evenkeel.Payments;
using static Evenkeel.Payments.OutcomeReason;

namespace Evenkeel.Banking.Payees;

/// <summary>
/// Own accounts are free; a payee whom the customer paid before is known; a new one needs strong
/// authentication, and has a smaller limit for a day. The rules are a customer's who signed in: a
/// company's system keeps its own list, at a counter a person was looked at, and of an advice it was
/// judged where it was decided.
/// </summary>
internal static class PayeeRules
{
    public static readonly TimeSpan NewFor = TimeSpan.FromHours(24);

    private const string Purpose = "payee";

    /// <param name="holder">Customer of the payee's account, when it is at this bank.</param>
    public static async ValueTask<OutcomeReason> JudgeAsync(
        DecisionContext context,
        AccountDocument debtor,
        Creditor creditor,
        string? holder,
        CancellationToken cancellationToken
    )
    {
        if (
            context.Instruction.Actor is not Actor.Customer actor
            || context.Instruction.IsAdvice
            || string.Equals(debtor.Customer, holder, StringComparison.Ordinal)
        )
        {
            return None;
        }
        CustomerId customer = new(debtor.Customer);
        var key = KeyOf(context.Bank.Persons, customer, creditor);
        var known = await Collections.Payees.ReadAsync(context.Reader, key, cancellationToken);
        if (known is null)
        {
            if (actor.Assurance < Assurance.Strong)
            {
                return StrongAuthenticationRequired;
            }
            context.Write(
                Collections.Payees.Write(
                    key,
                    DocumentOf(context.Bank.Persons, customer, creditor, context.Now)
                )
            );
            context.Count(
                Collections.Payees.Name,
                debtor.Customer,
                delta: 1,
                BankingLimits.PayeesPerCustomerMax,
                DailyCountLimitExceeded
            );
        }
        return known is null || context.Now < known.Since + NewFor
            ? await LimitRules.JudgeNewPayeeAsync(context, debtor, cancellationToken)
            : None;
    }

    /// <summary>Where the payee stands in the customer's list; tells nothing without the customer's key.</summary>
    public static string KeyOf(PersonVault vault, CustomerId customer, Creditor creditor)
    {
        var payee = Identity(creditor);
        return $"{customer}/{vault.Pseudonym(customer, Purpose, $"{payee.Bank}\n{payee.Account}")}";
    }

    public static PayeeDocument DocumentOf(
        PersonVault vault,
        CustomerId customer,
        Creditor creditor,
        DateTimeOffset since
    ) =>
        new(
            vault.Seal(
                customer,
                Purpose,
                JsonSerializer.Serialize(Identity(creditor), BankingJson.Default.SealedPayee)
            ),
            since
        );

    public static SealedPayee? Open(
        PersonVault vault,
        CustomerId customer,
        PayeeDocument document
    ) =>
        vault.Open(customer, Purpose, document.SealedCreditor) is { } json
            ? JsonSerializer.Deserialize(json, BankingJson.Default.SealedPayee)
            : null;

    private static SealedPayee Identity(Creditor creditor) =>
        creditor switch
        {
            Creditor.Here here => new SealedPayee(null, here.Account.ToString(), here.Name),
            Creditor.Elsewhere elsewhere => new SealedPayee(
                elsewhere.Bank.Value,
                elsewhere.Account,
                elsewhere.Name
            ),
            _ => throw new InvalidOperationException("An unknown creditor."),
        };
}
