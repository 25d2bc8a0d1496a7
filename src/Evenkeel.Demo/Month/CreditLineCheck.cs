using Evenkeel.Banking.Calendars;
using Evenkeel.Banking.Products;
using Evenkeel.Payments;

namespace Evenkeel.Demo.Month;

/// <summary>
/// The bills of a credit line computed once more from statements: what was billed, what had been paid by
/// the due date, what the bank took and which late fee it charged. Pure.
/// </summary>
internal static class CreditLineCheck
{
    private const string Taken = "CreditLinePayment";
    private const string Fee = "Fee";
    private const decimal BasisPointsPerOne = 10_000m;

    /// <param name="Amount">Billed, minor units.</param>
    public sealed record Bill(DateOnly Billed, DateOnly Due, long Amount, long Minimum);

    public static Bill BillOf(
        IReadOnlyList<StatementLine> line,
        ProductTerms terms,
        BankCalendar calendar,
        DateOnly monthEnd
    )
    {
        var owed = Math.Max(
            0,
            -line.Where(one => one.BookingDate <= monthEnd).Sum(static one => one.Amount.Minor)
        );
        var share = (long)decimal.Floor(owed * terms.MinimumPaymentBasisPoints / BasisPointsPerOne);
        return new Bill(
            monthEnd,
            calendar.Shift(monthEnd.AddDays(terms.PaymentDays), DateShift.Following),
            owed,
            Math.Min(owed, Math.Max(terms.MinimumPaymentMinor, share))
        );
    }

    /// <summary>Minor units by which what happened on the due date differs from what had to.</summary>
    /// <param name="settlement">Lines of the account from which all is taken; null = the holder pays.</param>
    public static long DueDifferenceMinor(
        Bill bill,
        IReadOnlyList<StatementLine> line,
        IReadOnlyList<StatementLine>? settlement,
        ProductTerms terms
    )
    {
        var paid = line.Where(one =>
                one.BookingDate > bill.Billed && one.BookingDate < bill.Due && one.Amount.Minor > 0
            )
            .Sum(static one => one.Amount.Minor);
        var taken = line.Where(one => one.BookingDate == bill.Due && IsKind(one, Taken))
            .Sum(static one => one.Amount.Minor);
        var difference = 0L;
        if (settlement is not null)
        {
            var rest = Math.Max(0, bill.Amount - paid);
            // Less is taken only where it was all there was.
            var isEmpty = settlement.Any(one =>
                one.BookingDate == bill.Due && IsKind(one, Taken) && one.Balance.Minor == 0
            );
            var had = settlement
                .Where(one => one.BookingDate < bill.Due)
                .Sum(static one => one.Amount.Minor);
            difference +=
                isEmpty || (taken == 0 && had <= 0)
                    ? Math.Max(0, taken - rest)
                    : Math.Abs(taken - rest);
            difference += Math.Abs(
                taken
                    + settlement
                        .Where(one => one.BookingDate == bill.Due && IsKind(one, Taken))
                        .Sum(static one => one.Amount.Minor)
            );
        }
        else
        {
            difference += taken;
        }
        var isMissed = bill.Amount > 0 && paid + taken < bill.Minimum;
        var fees = -line.Where(one => one.BookingDate >= bill.Due && IsKind(one, Fee))
            .Sum(static one => one.Amount.Minor);
        // One that found no room on the line is still owed.
        return difference + (isMissed ? Math.Min(fees, Math.Abs(fees - terms.LateFeeMinor)) : fees);
    }

    private static bool IsKind(StatementLine line, string kind) =>
        string.Equals(line.Kind, kind, StringComparison.Ordinal);
}
