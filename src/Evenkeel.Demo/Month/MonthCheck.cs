using Evenkeel.Banking;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Products;
using Evenkeel.Payments;

namespace Evenkeel.Demo.Month;

/// <summary>
/// Judges a simulated month by what the bank says to its customers and supervisors: trial balances, and
/// interest computed again from the statements alone, in decimals, day by day, without any rounding before
/// the end.
/// </summary>
internal sealed class MonthCheck(Bank bank, MonthOptions options, MonthCast cast)
{
    private const string Capitalised = "InterestCapitalised";
    private const decimal BasisPointsPerOne = 10_000m;

    private static readonly Actor Auditor = new Actor.Bank("month-audit");

    public async Task<MonthReport> ReportAsync(CancellationToken cancellationToken)
    {
        var (days, zeroSum, monthEnds) = (0, 0, 0);
        DateOnly? lastMonthEnd = null;
        for (var date = options.FirstDay; date <= options.LastDay; date = date.AddDays(1))
        {
            var balances = await bank.Books.FindAsync(date, cancellationToken);
            days++;
            zeroSum +=
                balances.Count > 0 && balances.All(static balance => balance.IsZeroSum) ? 1 : 0;
            if (date.AddDays(1).Day == 1)
            {
                monthEnds++;
                lastMonthEnd = date;
            }
        }
        var interest = await InterestAsync(lastMonthEnd, cancellationToken);
        var loans = await LoansAsync(cancellationToken);
        var lines = await CreditLinesAsync(cancellationToken);
        return new MonthReport
        {
            Seed = options.Seed,
            DaysClosed = days,
            DaysZeroSum = zeroSum,
            MonthEnds = monthEnds,
            InterestChecked = interest.Checked,
            InterestDifferenceMinor = interest.Difference,
            InterestPaidMinor = interest.Paid,
            InterestChargedMinor = interest.Charged,
            LoansChecked = loans.Checked,
            LoanDifferenceMinor = loans.Difference,
            BillsChecked = lines.Checked,
            BillDifferenceMinor = lines.Difference,
            NotesAndCards = await CountAsync(
                ["CashIn", "CashOut", "CardPurchase"],
                cancellationToken
            ),
            Digest = await bank.Books.DigestAsync(cancellationToken),
        };
    }

    private async Task<(int Checked, long Difference, long Paid, long Charged)> InterestAsync(
        DateOnly? lastMonthEnd,
        CancellationToken cancellationToken
    )
    {
        var (count, difference, paid, charged) = (0, 0L, 0L, 0L);
        Dictionary<uint, (long Paid, long Overdraft, long Loans)> expected = [];
        foreach (var (number, code, currency) in cast.Accounts)
        {
            var product = await bank.Products.FindAsync(code, currency, cancellationToken);
            var loan = await bank.Loans.FindAsync(number, cancellationToken);
            var lines = await LinesAsync(number, cancellationToken);
            var (credit, debit) = Compute(lines, product!, loan?.RateBasisPoints, options.LastDay);
            var sums = expected.GetValueOrDefault(currency);
            var isLoan = product!.Kind is ProductKind.Loan or ProductKind.CreditLine;
            expected[currency] = (
                sums.Paid + credit,
                sums.Overdraft + (isLoan ? 0 : debit),
                sums.Loans + (isLoan ? debit : 0)
            );
            if (lastMonthEnd is { } end && product.Kind != ProductKind.Loan)
            {
                var (toPay, toCharge) = Compute(lines, product, null, end);
                difference += Math.Abs(toPay - Sum(lines, end, isCredit: true));
                difference += Math.Abs(toCharge - Sum(lines, end, isCredit: false));
            }
            count++;
            paid += credit;
            charged += debit;
        }
        foreach (var balance in await bank.Books.FindAsync(options.LastDay, cancellationToken))
        {
            var sums = expected.GetValueOrDefault(balance.Currency);
            difference += Math.Abs(sums.Paid - -Net(balance, GlCode.DepositInterestExpense));
            difference += Math.Abs(sums.Overdraft - Net(balance, GlCode.OverdraftInterestIncome));
            difference += Math.Abs(sums.Loans - Net(balance, GlCode.LoanInterestIncome));
        }
        return (count, difference, paid, charged);
    }

    /// <summary>Every loan from its statements, by the rules of its agreement.</summary>
    private async Task<(int Checked, long Difference)> LoansAsync(CancellationToken token)
    {
        var (count, difference) = (0, 0L);
        var calendar = await bank.Calendars.FindAsync(MonthBank.Cny, token);
        for (var i = 0; i < cast.Persons.Count; i++)
        {
            if (cast.Persons[i].Loan is not { } loan)
            {
                continue;
            }
            var view = (await bank.Loans.FindAsync(loan, token))!;
            var product = await bank.Products.FindAsync(
                MonthBank.LoanProduct(i),
                MonthBank.Cny,
                token
            );
            difference += LoanCheck.DifferenceMinor(
                await LinesAsync(loan, token),
                await LinesAsync(cast.Persons[i].Salary, token),
                new LoanFacts(
                    view.RateBasisPoints,
                    product!.Terms[0].DayCount,
                    MonthBank.LoanTerm,
                    MonthBank.FirstDue(i)
                ),
                calendar,
                view.Instalment.Minor,
                options.LastDay
            );
            count++;
        }
        return (count, difference);
    }

    /// <summary>Every bill: that of the last month end as the bank says it, older ones by what followed.</summary>
    private async Task<(int Checked, long Difference)> CreditLinesAsync(CancellationToken token)
    {
        var (count, difference) = (0, 0L);
        var calendar = await bank.Calendars.FindAsync(MonthBank.Cny, token);
        var product = await bank.Products.FindAsync("credit-line", MonthBank.Cny, token);
        for (var i = 0; i < cast.Persons.Count; i++)
        {
            if (cast.Persons[i].CreditLine is not { } account)
            {
                continue;
            }
            var lines = await LinesAsync(account, token);
            var settlement = MonthBank.IsPaidDirectly(i)
                ? await LinesAsync(cast.Persons[i].Salary, token)
                : null;
            CreditLineCheck.Bill? last = null;
            foreach (var monthEnd in MonthEnds())
            {
                var terms = product!.TermsOn(monthEnd);
                last = CreditLineCheck.BillOf(lines, terms, calendar, monthEnd);
                if (last.Due <= options.LastDay)
                {
                    difference += CreditLineCheck.DueDifferenceMinor(
                        last,
                        lines,
                        settlement,
                        terms
                    );
                }
                count++;
            }
            var view = await bank.CreditLines.FindAsync(account, token);
            difference +=
                Math.Abs((view!.Billed?.Minor ?? 0) - (last?.Amount ?? 0))
                + Math.Abs((view.Minimum?.Minor ?? 0) - (last?.Minimum ?? 0))
                + Math.Abs((view.Due?.DayNumber ?? 0) - (last?.Due.DayNumber ?? 0));
        }
        return (count, difference);
    }

    private IEnumerable<DateOnly> MonthEnds()
    {
        for (var date = options.FirstDay; date <= options.LastDay; date = date.AddDays(1))
        {
            if (date.AddDays(1).Day == 1)
            {
                yield return date;
            }
        }
    }

    private async Task<int> CountAsync(string[] kinds, CancellationToken token)
    {
        var count = 0;
        foreach (var person in cast.Persons)
        {
            count += (await LinesAsync(person.Salary, token)).Count(line =>
                kinds.Contains(line.Kind, StringComparer.Ordinal)
            );
        }
        return count;
    }

    private static long Net(TrialBalance balance, GlCode code) =>
        balance
            .Lines.Where(line => line.Code == code)
            .Sum(static line => line.CreditMinor - line.DebitMinor);

    /// <summary>What was capitalised for the days up to a month's end: booked on the day after.</summary>
    private static long Sum(IReadOnlyList<StatementLine> lines, DateOnly monthEnd, bool isCredit) =>
        lines
            .Where(line =>
                string.Equals(line.Kind, Capitalised, StringComparison.Ordinal)
                && line.BookingDate <= monthEnd.AddDays(1)
                && line.Amount.Minor > 0 == isCredit
            )
            .Sum(static line => Math.Abs(line.Amount.Minor));

    /// <summary>Whole minor units, from the first day up to and including a last one.</summary>
    private (long Credit, long Debit) Compute(
        IReadOnlyList<StatementLine> lines,
        Product product,
        int? rate,
        DateOnly last
    )
    {
        var known = lines.Where(line => line.BookingDate <= last).ToArray();
        var (credit, debit) = (0m, 0m);
        for (var day = options.FirstDay; day <= last; day = day.AddDays(1))
        {
            var balance = known
                .Where(line => line.ValueDate <= day)
                .Sum(static line => (decimal)line.Amount.Minor);
            var terms = product.TermsOn(day);
            var share = DayShare.Of(terms.DayCount, day);
            if (balance > 0)
            {
                credit += balance * terms.CreditBasisPoints / BasisPointsPerOne * share;
            }
            else
            {
                debit += -balance * (rate ?? terms.DebitBasisPoints) / BasisPointsPerOne * share;
            }
        }
        return (
            (long)decimal.Round(credit, MidpointRounding.ToEven),
            (long)decimal.Round(debit, MidpointRounding.ToEven)
        );
    }

    private async Task<IReadOnlyList<StatementLine>> LinesAsync(
        AccountNumber account,
        CancellationToken cancellationToken
    )
    {
        List<StatementLine> lines = [];
        string? next = null;
        do
        {
            var answer = await bank.Queries.GetStatementAsync(
                Auditor,
                new StatementQuery(
                    account,
                    options.FirstDay,
                    options.LastDay.AddDays(1),
                    next,
                    PaymentLimits.PageLinesMax
                ),
                cancellationToken
            );
            if (answer is not QueryAnswer<StatementPage>.Found { Value: var page })
            {
                throw new InvalidOperationException($"No statement of {account}.");
            }
            lines.AddRange(page.Lines);
            next = page.Next;
        } while (next is not null);
        return lines;
    }
}
