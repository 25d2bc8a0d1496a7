namespace Evenkeel.Banking.Products;

/// <summary>
/// What a new bank offers in each of its currencies until its own people decide otherwise. Figures are
/// of an ordinary retail bank; amounts are minor units of a currency with two decimals.
/// </summary>
public static class StandardCatalog
{
    /// <summary>The first conditions hold since ever, so that imported history has some.</summary>
    private static readonly DateOnly Always = new(2000, 1, 1);

    public static IEnumerable<Product> Of(uint currency) =>
        [
            new(
                "current",
                currency,
                ProductKind.Current,
                [
                    new ProductTerms
                    {
                        From = Always,
                        CreditBasisPoints = 10,
                        DebitBasisPoints = 1_200,
                        AllowanceMinorMax = 10_000_000,
                        DormantAfterDays = 365,
                    },
                ]
            ),
            new(
                "salary",
                currency,
                ProductKind.Current,
                [
                    new ProductTerms
                    {
                        From = Always,
                        CreditBasisPoints = 35,
                        DebitBasisPoints = 990,
                        MonthlyFeeMinor = 500,
                        AllowanceMinorMax = 5_000_000,
                        DormantAfterDays = 365,
                    },
                ]
            ),
            new(
                "savings",
                currency,
                ProductKind.Savings,
                [
                    new ProductTerms
                    {
                        From = Always,
                        CreditBasisPoints = 150,
                        DormantAfterDays = 730,
                    },
                ]
            ),
            new(
                "loan",
                currency,
                ProductKind.Loan,
                [
                    new ProductTerms
                    {
                        From = Always,
                        DebitBasisPoints = 450,
                        LateFeeMinor = 2_000,
                    },
                ]
            ),
            new(
                "loan-360",
                currency,
                ProductKind.Loan,
                [
                    new ProductTerms
                    {
                        From = Always,
                        DebitBasisPoints = 450,
                        DayCount = DayCount.Thirty360European,
                        LateFeeMinor = 2_000,
                    },
                ]
            ),
            new(
                "credit-line",
                currency,
                ProductKind.CreditLine,
                [
                    new ProductTerms
                    {
                        From = Always,
                        DebitBasisPoints = 1_800,
                        AllowanceMinorMax = 20_000_000,
                        MinimumPaymentBasisPoints = 500,
                        MinimumPaymentMinor = 5_000,
                        PaymentDays = 20,
                        LateFeeMinor = 3_000,
                    },
                ]
            ),
            new(
                "debit-card",
                currency,
                ProductKind.DebitCard,
                [new ProductTerms { From = Always }]
            ),
        ];
}
