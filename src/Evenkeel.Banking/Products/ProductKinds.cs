using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Desk;

namespace Evenkeel.Banking.Products;

/// <summary>What a payment must know of a product.</summary>
internal static class ProductKinds
{
    public static async ValueTask<bool> IsLoanAsync(
        DecisionContext context,
        AccountDocument account,
        CancellationToken cancellationToken
    ) =>
        await ProductAdministration.ReadAsync(
            context.Reader,
            account.Product,
            account.Currency,
            cancellationToken
        )
            is { Kind: ProductKind.Loan };
}
