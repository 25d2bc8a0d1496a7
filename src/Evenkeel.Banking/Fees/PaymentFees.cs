using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Products;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Fees;

/// <summary>
/// Fees that are taken with the payment: a leg of the same chain, so that there is no payment without
/// its fee and no fee without its payment. A reversal of the whole payment gives it back.
/// </summary>
internal static class PaymentFees
{
    public static async ValueTask AddAsync(
        DecisionContext context,
        AccountNumber number,
        AccountDocument account,
        Func<ProductTerms, long> feeOf,
        CancellationToken cancellationToken
    )
    {
        var product = await ProductAdministration.ReadAsync(
            context.Reader,
            account.Product,
            account.Currency,
            cancellationToken
        );
        var fee = product is null ? 0 : feeOf(product.TermsOn(context.BusinessDate));
        if (fee > 0)
        {
            context.Move(
                "fee",
                debit: LedgerIds.Of(number),
                credit: LedgerIds.Of(GlCode.FeeIncome, account.Currency),
                new Money(fee, account.Currency),
                PostingKind.Fee
            );
        }
    }
}
