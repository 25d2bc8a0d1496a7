using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Products;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Journal.Decisions;
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
        AccountBatch.RunAsync(
            bank,
            cursor,
            (number, account, token) =>
                account.Opened > day.Date
                    ? ValueTask.CompletedTask
                    : AccrueAsync(bank, day, number, token),
            cancellationToken
        );

    private async ValueTask AccrueAsync(
        Bank bank,
        BusinessDayDocument day,
        AccountNumber number,
        CancellationToken cancellationToken
    )
    {
        var key = number.ToString();
        var before = await Collections.Interest.ReadAsync(bank.Journal, key, cancellationToken);
        if (
            before is not null
            && (
                before.ReadToNs >= day.ClosedNs
                || await IsIdleAsync(bank, day, number, before, cancellationToken)
            )
        )
        {
            return;
        }
        var result = await StepOperation.DecideAsync(
            bank,
            day.Date,
            Name,
            key,
            [Collections.Interest.Key(key)],
            (reader, draft, id, token) => DecideAsync(bank, reader, draft, id, day, number, token),
            cancellationToken
        );
        if (result.Status == OperationStatus.TransferRefused)
        {
            throw new EndOfDayException($"Interest of {key} was refused by the ledger.");
        }
    }

    /// <summary>Nothing there, nothing came, nothing accrued: its document can wait.</summary>
    private static async ValueTask<bool> IsIdleAsync(
        Bank bank,
        BusinessDayDocument day,
        AccountNumber number,
        InterestDocument document,
        CancellationToken cancellationToken
    ) =>
        document is { Steps.Count: 0, CreditMicro: 0, DebitMicro: 0, BookedMinor: 0 }
        && (
            await AccountMovements.BetweenAsync(
                bank.Journal,
                LedgerIds.Of(number),
                document.ReadToNs,
                day.ClosedNs,
                document.BookedMinor,
                cancellationToken
            )
        ).Count == 0;

    private static async ValueTask<Operation> DecideAsync(
        Bank bank,
        DecisionReader reader,
        Operation draft,
        InstructionId id,
        BusinessDayDocument day,
        AccountNumber number,
        CancellationToken cancellationToken
    )
    {
        var key = number.ToString();
        var known = await Collections.Interest.ReadAsync(reader, key, cancellationToken);
        if (known is not null && known.ReadToNs >= day.ClosedNs)
        {
            return StepOperation.NothingToDo(draft);
        }
        var account = await Collections.Accounts.ReadAsync(reader, key, cancellationToken);
        Check.That(account is not null);
        var product = await ProductAdministration.ReadAsync(
            reader,
            account!.Product,
            account.Currency,
            cancellationToken
        );
        Check.That(product is not null);
        var before = known ?? Empty(account);
        var ledgerId = LedgerIds.Of(number);
        var movements = await AccountMovements.BetweenAsync(
            bank.Journal,
            ledgerId,
            before.ReadToNs,
            day.ClosedNs,
            before.BookedMinor,
            cancellationToken
        );
        var booked = before.BookedMinor + movements.Sum(static movement => movement.ChangeMinor);
        // Twice, far apart: the movements one by one against the ledger's own balance at the close.
        Check.That(
            booked
                == await AccountMovements.BookedAtAsync(
                    bank.Journal,
                    ledgerId,
                    day.ClosedNs,
                    cancellationToken
                )
        );
        var rate = await RateAsync(reader, product!, key, cancellationToken);
        var after = Accrual.Advance(
            before,
            movements,
            opened: account.Opened,
            through: day.Next.AddDays(-1),
            (minor, date) => OfDay(product!, rate, minor, date)
        ) with
        {
            ReadToNs = day.ClosedNs,
            BookedMinor = booked,
            LastUse = LastUse(before, movements),
        };
        return draft with
        {
            Transfers = [.. Bookings(id, day.Date, account.Currency, product!, before, after)],
            Writes = [Collections.Interest.Write(key, after)],
        };
    }

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

    /// <summary>A loan keeps the rate of its agreement; null = the product's.</summary>
    private static async ValueTask<int?> RateAsync(
        DecisionReader reader,
        Product product,
        string key,
        CancellationToken cancellationToken
    ) =>
        product.Kind == ProductKind.Loan
            ? (await Collections.Loans.ReadAsync(reader, key, cancellationToken))?.RateBasisPoints
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

    private static IEnumerable<Transfer> Bookings(
        InstructionId id,
        DateOnly closed,
        uint currency,
        Product product,
        InterestDocument before,
        InterestDocument after
    )
    {
        var owed = after.CreditPostedMinor - before.CreditPostedMinor;
        if (owed != 0)
        {
            yield return Book(
                "credit",
                GlCode.DepositInterestExpense,
                GlCode.AccruedInterestPayable,
                owed
            );
        }
        var due = after.DebitPostedMinor - before.DebitPostedMinor;
        if (due != 0)
        {
            yield return Book(
                "debit",
                GlCode.AccruedInterestReceivable,
                product.InterestIncome,
                due
            );
        }

        // A correction that lowers what was booked goes the other way round.
        Transfer Book(string leg, GlCode debit, GlCode credit, long minor) =>
            EndOfDayPosting.IntoClosed(
                id,
                leg,
                LedgerIds.Of(minor > 0 ? debit : credit, currency),
                LedgerIds.Of(minor > 0 ? credit : debit, currency),
                Math.Abs(minor),
                currency,
                PostingKind.InterestAccrual,
                closed
            );
    }
}
