using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Products;
using Evenkeel.Banking.Storage;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Interest;

/// <summary>
/// Interest of every account for the days up to the new business day, and for days in the past that a
/// movement with an older value date has changed. Booked between expense (or income) and accrued
/// interest, in the closed day.
/// </summary>
internal sealed class InterestStep : IEndOfDayStep
{
    public string Name => "interest";

    public ValueTask<StepProgress> RunAsync(
        Bank bank,
        BusinessDayDocument day,
        string? cursor,
        CancellationToken cancellationToken
    ) =>
        new AccountsOperation<InterestDocument>(bank, day, Name, Collections.Interest)
        {
            IsDue = turn =>
                turn.Account.Opened <= day.Date
                && (turn.Known is null || turn.Known.ReadToNs < day.ClosedNs),
            Work = (turn, _, token) => AccrueAsync(bank, day, turn, token),
        }.RunAsync(cursor, cancellationToken);

    private static async ValueTask<AccountWork<InterestDocument>?> AccrueAsync(
        Bank bank,
        BusinessDayDocument day,
        AccountTurn<InterestDocument> turn,
        CancellationToken cancellationToken
    )
    {
        var ledgerId = LedgerIds.Of(turn.Number);
        var before = turn.Known ?? Empty(turn.Account);
        var atClose = await AccountMovements.AtAsync(
            bank.Journal,
            ledgerId,
            day.ClosedNs,
            cancellationToken
        );
        var movements =
            atClose.TimestampNs <= before.ReadToNs
                ? []
                : await AccountMovements.BetweenAsync(
                    bank.Journal,
                    ledgerId,
                    before.ReadToNs,
                    day.ClosedNs,
                    before.BookedMinor,
                    cancellationToken
                );
        if (turn.Known is not null && movements.Count == 0 && IsIdle(turn.Known))
        {
            return null;
        }
        var booked = before.BookedMinor + movements.Sum(static movement => movement.ChangeMinor);
        // Twice, far apart: the movements one by one against the ledger's own balance at the close.
        Check.That(booked == atClose.BookedMinor);
        var rate = await RateAsync(bank, turn, cancellationToken);
        var after = Accrual.Advance(
            before,
            movements,
            opened: turn.Account.Opened,
            through: day.Next.AddDays(-1),
            (minor, date) => OfDay(turn.Product, rate, minor, date)
        ) with
        {
            ReadToNs = day.ClosedNs,
            BookedMinor = booked,
            LastUse = LastUse(before, movements),
        };
        return new AccountWork<InterestDocument>(after)
        {
            Bookings = [.. Bookings(turn.Account.Currency, turn.Product, before, after)],
        };
    }

    /// <summary>Nothing there, nothing accrued: while nothing comes its document can wait.</summary>
    private static bool IsIdle(InterestDocument document) =>
        document is { Steps.Count: 0, CreditMicro: 0, DebitMicro: 0, BookedMinor: 0 };

    private static (long Credit, long Debit) OfDay(
        Product product,
        int? rate,
        long minor,
        DateOnly date
    )
    {
        var terms = product.TermsOn(date);
        return minor >= 0
            ? (DailyInterest.MicroOf(minor, terms.CreditBasisPoints, terms.DayCount, date), 0)
            : (
                0,
                DailyInterest.MicroOf(-minor, rate ?? terms.DebitBasisPoints, terms.DayCount, date)
            );
    }

    /// <summary>A loan keeps the rate of its agreement, which never changes; null = the product's.</summary>
    private static async ValueTask<int?> RateAsync(
        Bank bank,
        AccountTurn<InterestDocument> turn,
        CancellationToken cancellationToken
    ) =>
        turn.Product.Kind == ProductKind.Loan
            ? (
                await Collections.Loans.ReadAsync(
                    bank.Journal,
                    turn.Number.ToString(),
                    cancellationToken
                )
            )?.RateBasisPoints
            : null;

    private static InterestDocument Empty(AccountDocument account) =>
        new()
        {
            Through = account.Opened.AddDays(-1),
            ReadToNs = 0,
            BookedMinor = 0,
            Steps = [],
            LastUse = account.Opened,
        };

    private static DateOnly? LastUse(
        InterestDocument before,
        IReadOnlyList<AccountMovement> movements
    )
    {
        var used = movements
            .Where(static movement => movement.IsByHolder)
            .Select(static movement => (DateOnly?)movement.BookingDate)
            .Max();
        return used is { } date && (before.LastUse is not { } last || date > last)
            ? date
            : before.LastUse;
    }

    private static IEnumerable<OwnBooking> Bookings(
        uint currency,
        Product product,
        InterestDocument before,
        InterestDocument after
    )
    {
        var owed = after.CreditPostedMinor - before.CreditPostedMinor;
        if (owed != 0)
        {
            yield return Book(GlCode.DepositInterestExpense, GlCode.AccruedInterestPayable, owed);
        }
        var due = after.DebitPostedMinor - before.DebitPostedMinor;
        if (due != 0)
        {
            yield return Book(GlCode.AccruedInterestReceivable, product.InterestIncome, due);
        }

        // A correction that lowers what was booked goes the other way round.
        OwnBooking Book(GlCode debit, GlCode credit, long minor) =>
            minor > 0
                ? new(currency, debit, credit, PostingKind.InterestAccrual, minor)
                : new(currency, credit, debit, PostingKind.InterestAccrual, -minor);
    }
}
