using System.Globalization;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Calendars;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.Fees;
using Evenkeel.Banking.Interest;
using Evenkeel.Banking.Products;
using Evenkeel.Banking.StandingOrders;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Journal.Decisions;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Loans;

/// <summary>
/// Demands the instalments that fall due up to the new business day, collects what the settlement account
/// can give, and tells from the oldest unpaid one how the loan stands.
/// </summary>
internal sealed class LoanStep : IEndOfDayStep
{
    private const int LoansAtATime = 256;

    public string Name => "loans";

    public async ValueTask<StepProgress> RunAsync(
        Bank bank,
        BusinessDayDocument day,
        string? cursor,
        CancellationToken cancellationToken
    )
    {
        var (date, after) = DueCursor.Read(cursor, day);
        var page = await Collections.Loans.QueryAsync(
            bank.Journal,
            new RecordQuery
            {
                Collection = Collections.Loans.Name,
                Index = "nextRun",
                Value = BusinessDays.KeyOf(date),
                After = after,
                Limit = LoansAtATime,
            },
            cancellationToken
        );
        foreach (var (key, _) in page.Documents)
        {
            await DemandAsync(bank, day, key, cancellationToken);
            await CollectAsync(bank, day, key, cancellationToken);
        }
        return new StepProgress(page.Documents.Count, DueCursor.Next(day, date, page.Next));
    }

    private static async ValueTask DemandAsync(
        Bank bank,
        BusinessDayDocument day,
        string key,
        CancellationToken cancellationToken
    ) =>
        await StepOperation.DecideAsync(
            bank,
            day.Date,
            "loan-demand",
            key,
            [Collections.Loans.Key(key)],
            (reader, draft, _, token) => DecideDemandAsync(reader, draft, day, key, token),
            cancellationToken
        );

    private static async ValueTask<Operation> DecideDemandAsync(
        DecisionReader reader,
        Operation draft,
        BusinessDayDocument day,
        string key,
        CancellationToken cancellationToken
    )
    {
        var loan = await Collections.Loans.ReadAsync(reader, key, cancellationToken);
        if (loan?.NextRun is not { } run || run > day.Next)
        {
            return StepOperation.NothingToDo(draft);
        }
        var interest = await Collections.Interest.ReadAsync(reader, key, cancellationToken);
        var calendar = await CalendarAdministration.ReadAsync(
            reader,
            loan.Currency,
            cancellationToken
        );
        List<RecordWrite> writes = [];
        var late = await LateFeeAsync(reader, loan, key, day, cancellationToken);
        if (late is { } fee)
        {
            writes.Add(fee);
        }
        var demanded = LoanTerms.Demand(
            loan,
            accruedMinor: interest?.DebitPostedMinor ?? 0,
            calendar,
            day.Next
        );
        writes.Add(Collections.Loans.Write(key, LoanTerms.Judge(demanded, calendar, day.Next)));
        return draft with { Writes = writes };
    }

    /// <summary>Once for an instalment that was asked for and not paid in full on its day.</summary>
    private static async ValueTask<RecordWrite?> LateFeeAsync(
        DecisionReader reader,
        LoanDocument loan,
        string key,
        BusinessDayDocument day,
        CancellationToken cancellationToken
    )
    {
        if (loan.Open.FirstOrDefault(open => open.Demanded < day.Next) is not { } late)
        {
            return null;
        }
        var account = await Collections.Accounts.ReadAsync(reader, key, cancellationToken);
        var product = await ProductAdministration.ReadAsync(
            reader,
            account!.Product,
            account.Currency,
            cancellationToken
        );
        var minor = product!.TermsOn(day.Date).LateFeeMinor;
        var kind = string.Create(CultureInfo.InvariantCulture, $"late/{key}/{late.Number}");
        return
            minor == 0
            || await Collections.Fees.ReadAsync(
                reader,
                FeeRecords.KeyOf(loan.Settlement, kind, late.Demanded),
                cancellationToken
            )
                is not null
            ? null
            : FeeRecords.Owe(loan.Settlement, kind, minor, loan.Currency, late.Demanded);
    }

    private static async ValueTask CollectAsync(
        Bank bank,
        BusinessDayDocument day,
        string key,
        CancellationToken cancellationToken
    )
    {
        var loan = await Collections.Loans.ReadAsync(bank.Journal, key, cancellationToken);
        if (loan is null || !loan.Open.Any())
        {
            return;
        }
        // What the ledger refuses after all (spent a moment before, blocked) is tried again tomorrow.
        await StepOperation.DecideAsync(
            bank,
            day.Date,
            "loan-collect",
            key,
            [Collections.Loans.Key(key), Collections.Interest.Key(key)],
            async (reader, draft, id, token) =>
            {
                var now = await Collections.Loans.ReadAsync(reader, key, token);
                var settlement = await Collections.Accounts.ReadAsync(
                    reader,
                    loan.Settlement,
                    token
                );
                if (settlement is not { State: AccountState.Open or AccountState.CreditBlocked })
                {
                    return StepOperation.NothingToDo(draft);
                }
                var balance = await Balances.ReadAsync(
                    bank.Journal,
                    AccountNumber.Parse(loan.Settlement),
                    token
                );
                var payment = LoanTerms.Pay(now!, balance.AvailableMinor, day.Next);
                if (payment.IsNothing)
                {
                    return StepOperation.NothingToDo(draft);
                }
                var interest = await Collections.Interest.ReadAsync(reader, key, token);
                var calendar = await CalendarAdministration.ReadAsync(reader, loan.Currency, token);
                return LoanPostings.Complete(
                    draft,
                    id,
                    key,
                    payment with
                    {
                        Loan = LoanTerms.Judge(payment.Loan, calendar, day.Next),
                    },
                    interest,
                    day.Next,
                    "loan-instalment",
                    bank.Time.GetUtcNow()
                );
            },
            cancellationToken
        );
    }
}
