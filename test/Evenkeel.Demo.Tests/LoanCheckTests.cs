using Evenkeel.Banking.Calendars;
using Evenkeel.Banking.Products;
using Evenkeel.Demo.Month;
using Evenkeel.Payments;
using Xunit;

namespace Evenkeel.Demo.Tests;

/// <summary>The second calculation of loans and bills finds what is wrong by one minor unit.</summary>
public sealed class LoanCheckTests
{
    private static readonly DateOnly Drawn = new(2026, 1, 5);

    // A year of 360 days, and whole months: 36 % on 1,000.00 is 30.00 a month.
    private static readonly LoanFacts Facts = new(
        RateBasisPoints: 3_600,
        DayCount.Thirty360European,
        Term: 2,
        FirstDue: new DateOnly(2026, 2, 5)
    );

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 2)]
    public void Principal_that_is_wrong_by_one_is_found(long wrongMinor, long found)
    {
        // 1,000.00 at 3 % a month in two instalments: 522.62, of which 30.00 are interest at first.
        StatementLine[] loan =
        [
            Line(Drawn, -100_000, "Transfer"),
            Line(Facts.FirstDue, 49_262 - wrongMinor, "LoanInstalment"),
            Line(Facts.FirstDue.AddMonths(1), 50_738 + wrongMinor, "LoanInstalment"),
        ];
        StatementLine[] settlement =
        [
            Line(Facts.FirstDue, -52_262, "LoanInstalment"),
            Line(Facts.FirstDue.AddMonths(1), -52_260, "LoanInstalment"),
        ];

        Assert.Equal(52_262, LoanCheck.InstalmentMinor(100_000, 3_600, 2));
        Assert.Equal(
            found,
            LoanCheck.DifferenceMinor(
                loan,
                settlement,
                Facts,
                BankCalendar.Standard,
                52_262,
                new DateOnly(2026, 3, 10)
            )
        );
    }

    [Theory]
    [InlineData(-3_000, 0)]
    [InlineData(0, 0)]
    [InlineData(-2_999, 1)]
    public void A_late_fee_is_what_the_conditions_say_or_still_owed(long feeMinor, long found)
    {
        ProductTerms terms = new()
        {
            From = new DateOnly(2000, 1, 1),
            MinimumPaymentMinor = 5_000,
            MinimumPaymentBasisPoints = 500,
            PaymentDays = 20,
            LateFeeMinor = 3_000,
        };
        StatementLine[] line =
        [
            Line(new DateOnly(2026, 1, 20), -200_000, "Transfer"),
            Line(new DateOnly(2026, 2, 20), feeMinor, "Fee"),
        ];
        var bill = CreditLineCheck.BillOf(
            line,
            terms,
            BankCalendar.Standard,
            new DateOnly(2026, 1, 31)
        );

        Assert.Equal((200_000, 10_000), (bill.Amount, bill.Minimum));
        Assert.Equal(new DateOnly(2026, 2, 20), bill.Due);
        Assert.Equal(found, CreditLineCheck.DueDifferenceMinor(bill, line, null, terms));
    }

    private static StatementLine Line(DateOnly day, long minor, string kind) =>
        new(
            new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero),
            day,
            day,
            new Money(minor, 156),
            new Money(0, 156),
            kind,
            Instruction: null,
            Counterparty: null,
            Remittance: null
        );
}
