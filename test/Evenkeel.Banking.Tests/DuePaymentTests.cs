using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Calendars;
using Evenkeel.Banking.Loans;
using Evenkeel.Banking.StandingOrders;
using Evenkeel.Banking.Sweeps;
using Evenkeel.Payments;
using Evenkeel.Payments.Compliance;
using Xunit;

namespace Evenkeel.Banking.Tests;

/// <summary>What falls due by itself: standing orders, sweeps, instalments, statements.</summary>
public sealed class DuePaymentTests
{
    private const uint Cny = IBankUnderTest.Cny;

    private static readonly Schedule Daily = new(ScheduleKind.Daily, 0, DateShift.None);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_standing_order_waits_for_money_on_its_day_and_is_paid_once()
    {
        await using var bank = await TestBank.StartAsync();
        var (payer, from) = await bank.OpenAsync(0);
        var (other, source) = await bank.OpenAsync(10_000);
        var (_, to) = await bank.OpenAsync(0);
        await bank.OrderAsync(payer, from, to, 700, Daily);

        await bank.Bank.EndOfDay.CloseAsync(TestBank.FirstDay, next: null, Token);
        Assert.Equal(0, await bank.BookedAsync(to));
        await bank.PayAsync(other, source, from, 1_000);

        Assert.Equal(1, await bank.Bank.EndOfDay.RetryWaitingAsync(Token));
        Assert.Equal(0, await bank.Bank.EndOfDay.RetryWaitingAsync(Token));
        Assert.Equal(700, await bank.BookedAsync(to));
    }

    [Fact]
    public async Task A_standing_order_that_finds_no_money_all_day_fails_and_the_next_one_runs()
    {
        await using var bank = await TestBank.StartAsync();
        var (payer, from) = await bank.OpenAsync(0);
        var (other, source) = await bank.OpenAsync(10_000);
        var (_, to) = await bank.OpenAsync(0);
        await bank.OrderAsync(payer, from, to, 700, Daily);

        // The first due date fails for good when its day closes; only the second finds money.
        await bank.Bank.EndOfDay.CloseAsync(TestBank.FirstDay, next: null, Token);
        await bank.Bank.EndOfDay.CloseAsync(TestBank.FirstDay.AddDays(1), next: null, Token);
        await bank.PayAsync(other, source, from, 10_000);

        Assert.Equal(1, await bank.Bank.EndOfDay.RetryWaitingAsync(Token));
        Assert.Equal(700, await bank.BookedAsync(to));
    }

    [Fact]
    public async Task After_days_without_the_bank_standing_orders_catch_up_and_a_sweep_runs_once()
    {
        await using var bank = await TestBank.StartAsync();
        var (payer, from) = await bank.OpenAsync(10_000);
        var (_, to) = await bank.OpenAsync(0);
        var header = TestBank
            .Done(
                await bank.Bank.Accounts.OpenAsync(
                    TestBank.Staff,
                    "header",
                    new AccountOpening(payer, "savings", Cny),
                    Token
                )
            )
            .Number;
        await bank.OrderAsync(payer, from, to, 700, Daily);
        var sweep = TestBank.Done(
            await bank.Bank.Sweeps.SetUpAsync(
                new Actor.Customer(payer, Assurance.Strong),
                "sweep",
                new SweepRequest(from, header, TargetMinor: 1_000, FillsUp: false, Daily),
                Token
            )
        );
        Assert.Equal(TestBank.FirstDay.AddDays(1), sweep.NextRun);

        await bank.Bank.EndOfDay.CloseAsync(TestBank.FirstDay, TestBank.FirstDay.AddDays(3), Token);

        Assert.Equal(3 * 700, await bank.BookedAsync(to));
        Assert.Equal(1_000, await bank.BookedAsync(from));
        Assert.Equal(10_000 - 2_100 - 1_000, await bank.BookedAsync(header));
    }

    [Fact]
    public async Task An_instalment_is_paid_in_part_becomes_late_and_is_current_when_paid()
    {
        await using var bank = await TestBank.StartAsync();
        var (holder, settlement, loan) = await bank.DrawAsync(120_000, term: 2);
        var (other, source) = await bank.OpenAsync(1_000_000);
        // All but a little of the money is gone when the instalment falls due.
        var (_, shop) = await bank.OpenAsync(0);
        await bank.PayAsync(holder, settlement, shop, 110_000);

        await bank.CloseUntilAsync(TestBank.FirstDay, TestBank.FirstDay.AddDays(3));
        var late = await bank.Bank.Loans.FindAsync(loan, Token);
        Assert.Equal(LoanState.Late, late!.State);
        Assert.True(late.OverdueMinor > 0);
        Assert.Equal(0, await bank.BookedAsync(settlement));

        await bank.PayAsync(other, source, settlement, 500_000);
        await bank.CloseUntilAsync(TestBank.FirstDay.AddDays(3), TestBank.FirstDay.AddDays(4));
        var current = await bank.Bank.Loans.FindAsync(loan, Token);
        Assert.Equal(LoanState.Current, current!.State);
        Assert.Equal(0, current.OverdueMinor);
        Assert.Equal(-current.Outstanding.Minor, await bank.BookedAsync(loan));
    }

    [Fact]
    public async Task A_loan_paid_back_early_owes_nothing_and_charges_the_days_it_was_used()
    {
        await using var bank = await TestBank.StartAsync();
        var (holder, settlement, loan) = await bank.DrawAsync(1_000_000, term: 12);
        var (other, source) = await bank.OpenAsync(1_000_000);
        await bank.PayAsync(other, source, settlement, 10_000);
        await bank.CloseUntilAsync(TestBank.FirstDay, TestBank.FirstDay.AddDays(1));

        var repaid = TestBank.Done(
            await bank.Bank.Loans.RepayAsync(
                new Actor.Customer(holder, Assurance.Strong),
                "early",
                loan,
                amountMinor: null,
                Token
            )
        );

        Assert.Equal(LoanState.Repaid, repaid.State);
        Assert.Equal(0, await bank.BookedAsync(loan));
        // One day at 4.50 %: 123.29 minor units.
        Assert.Equal(10_000 - 123, await bank.BookedAsync(settlement));
    }

    [Fact]
    public async Task Statements_are_numbered_without_gap_and_open_where_the_last_one_closed()
    {
        await using var bank = await TestBank.StartAsync();
        var (holder, account) = await bank.OpenAsync(50_000_000);
        await bank.CloseUntilAsync(TestBank.FirstDay, new DateOnly(2026, 12, 1));
        await bank.Bank.EndOfDay.CloseAsync(
            new DateOnly(2026, 12, 1),
            new DateOnly(2026, 12, 31),
            Token
        );
        await bank.Bank.EndOfDay.CloseAsync(new DateOnly(2026, 12, 31), next: null, Token);
        var actor = new Actor.Customer(holder, Assurance.Strong);

        var drawn = Assert
            .IsType<QueryAnswer<IReadOnlyList<Evenkeel.Banking.Queries.DrawnStatement>>.Found>(
                await bank.Bank.Reports.ListStatementsAsync(actor, account, Token)
            )
            .Value;

        Assert.Equal([1, 2], drawn.Select(static statement => statement.Number));
        Assert.Equal(drawn[0].Closing, drawn[1].Opening);
        foreach (var statement in drawn)
        {
            var page = Assert
                .IsType<QueryAnswer<StatementPage>.Found>(
                    await bank.Queries.GetStatementAsync(
                        actor,
                        new StatementQuery(account, statement.From, statement.To),
                        Token
                    )
                )
                .Value;
            Assert.Equal(statement.Opening, page.Opening);
            Assert.Equal(statement.Closing, page.Closing);
            Assert.Equal(
                statement.Closing.Minor,
                statement.Opening.Minor + page.Lines.Sum(static line => line.Amount.Minor)
            );
        }
    }

    [Theory]
    [InlineData(ScheduleKind.MonthlyOnDay, 31, "2026-02-01", "2026-02-28")]
    [InlineData(ScheduleKind.MonthlyOnDay, 15, "2026-02-16", "2026-03-15")]
    [InlineData(ScheduleKind.EndOfMonth, 0, "2026-12-31", "2026-12-31")]
    [InlineData(ScheduleKind.Weekly, 5, "2026-11-23", "2026-11-27")]
    [InlineData(ScheduleKind.Daily, 0, "2026-11-23", "2026-11-23")]
    public void A_schedule_says_its_first_due_date(
        ScheduleKind kind,
        int day,
        string from,
        string due
    ) =>
        Assert.Equal(
            DateOnly.Parse(due, System.Globalization.CultureInfo.InvariantCulture),
            new Schedule(kind, day).FirstFrom(
                DateOnly.Parse(from, System.Globalization.CultureInfo.InvariantCulture)
            )
        );

    [Theory]
    [InlineData(DateShift.None, "2026-02-28", "2026-02-28")]
    [InlineData(DateShift.Following, "2026-02-28", "2026-03-02")]
    [InlineData(DateShift.Preceding, "2026-02-28", "2026-02-27")]
    [InlineData(DateShift.ModifiedFollowing, "2026-02-28", "2026-02-27")]
    [InlineData(DateShift.ModifiedFollowing, "2026-02-07", "2026-02-09")]
    public void A_date_without_banking_is_shifted_by_its_rule(
        DateShift shift,
        string day,
        string shifted
    ) =>
        Assert.Equal(
            DateOnly.Parse(shifted, System.Globalization.CultureInfo.InvariantCulture),
            BankCalendar.Standard.Shift(
                DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture),
                shift
            )
        );

    [Theory]
    [InlineData("2026-11-23T08:59:00+00:00", "2026-11-23", "2026-11-23")]
    [InlineData("2026-11-23T09:01:00+00:00", "2026-11-23", "2026-11-24")]
    [InlineData("2026-11-27T09:01:00+00:00", "2026-11-27", "2026-11-30")]
    [InlineData("2026-11-28T01:00:00+00:00", "2026-11-28", "2026-11-30")]
    [InlineData("2026-11-23T17:00:00+00:00", "2026-11-23", "2026-11-24")]
    public void What_comes_after_the_cut_off_counts_from_the_next_banking_day(
        string now,
        string businessDate,
        string valueDate
    )
    {
        // 17:00 in a place eight hours ahead.
        CutOff cutOff = new(new TimeOnly(17, 0), UtcOffsetMinutes: 480, IsRefusedAfter: false);

        Assert.Equal(
            DateOnly.Parse(valueDate, System.Globalization.CultureInfo.InvariantCulture),
            cutOff.ValueDateOf(
                DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture),
                DateOnly.Parse(businessDate, System.Globalization.CultureInfo.InvariantCulture),
                BankCalendar.Standard
            )
        );
    }
}
