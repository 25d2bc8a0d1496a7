using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Calendars;
using Evenkeel.Banking.CreditLines;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Payments;
using Xunit;

namespace Evenkeel.Banking.Tests;

/// <summary>What agreements bring by themselves: bills, late fees, sleep, interest at the end.</summary>
public sealed class AgreementTests
{
    private static readonly DateOnly MonthEnd = new(2026, 11, 30);

    // 20 days after the month's end is a Sunday.
    private static readonly DateOnly Due = new(2026, 12, 21);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, BillState.Missed, 3_000)]
    [InlineData(4_999, BillState.Missed, 3_000)]
    [InlineData(5_000, BillState.Met, 0)]
    public async Task A_credit_line_is_billed_and_costs_a_fee_when_the_minimum_is_not_paid(
        long paidMinor,
        BillState state,
        long feeMinor
    )
    {
        await using var bank = await TestBank.StartAsync();
        var (holder, salary) = await bank.OpenAsync(100_000);
        var (_, shop) = await bank.OpenAsync(0);
        var line = await bank.OpenAsync(holder, "credit-line", allowanceMinor: 500_000);
        TestBank.Done(
            await bank.Bank.CreditLines.AgreeAsync(
                TestBank.Staff,
                "line",
                line,
                settlement: null,
                DirectPayment.None,
                Token
            )
        );
        await bank.PayAsync(holder, line, shop, 80_000);
        await bank.CloseUntilAsync(TestBank.FirstDay, MonthEnd.AddDays(1));

        // Interest of November is booked on the first: the bill is of what was drawn.
        var billed = (await bank.Bank.CreditLines.FindAsync(line, Token))!;
        Assert.Equal((80_000, 5_000), (billed.Billed!.Value.Minor, billed.Minimum!.Value.Minor));
        Assert.Equal((Due, BillState.Open), (billed.Due, billed.State));
        // 18 % on 800.00 for 8 days of 365.
        var interest = (long)decimal.Round(80_000m * 0.18m * 8 / 365, MidpointRounding.ToEven);
        Assert.Equal(-80_000 - interest, await bank.BookedAsync(line));

        if (paidMinor > 0)
        {
            await bank.PayAsync(holder, salary, line, paidMinor);
        }
        await bank.Bank.EndOfDay.CloseAsync(MonthEnd.AddDays(1), Due.AddDays(-1), Token);
        await bank.Bank.EndOfDay.CloseAsync(Due.AddDays(-1), Due, Token);

        Assert.Equal(state, (await bank.Bank.CreditLines.FindAsync(line, Token))!.State);
        Assert.Equal(-80_000 - interest + paidMinor - feeMinor, await bank.BookedAsync(line));
    }

    [Fact]
    public async Task Closing_an_account_pays_its_accrued_interest_first()
    {
        await using var bank = await TestBank.StartAsync();
        var (holder, account) = await bank.OpenAsync(1_000_000);
        var (_, other) = await bank.OpenAsync(0);
        await bank.CloseUntilAsync(TestBank.FirstDay, TestBank.FirstDay.AddDays(5));
        await bank.PayAsync(holder, account, other, 1_000_000);
        // 0.10 % on 10,000.00 for 5 days of 365.
        var interest = (long)decimal.Round(1_000_000m * 0.001m * 5 / 365, MidpointRounding.ToEven);

        Assert.Equal(
            OutcomeReason.AccountNotEmpty,
            Steps.Refused(await CloseAsync(bank, account, "first"))
        );
        Assert.Equal(interest, await bank.BookedAsync(account));
        await bank.PayAsync(holder, account, other, interest);
        TestBank.Done(await CloseAsync(bank, account, "second"));

        // Nothing comes after it, and the books agree on every day.
        await bank.CloseUntilAsync(TestBank.FirstDay.AddDays(5), MonthEnd.AddDays(1));
        Assert.Equal(0, await bank.BookedAsync(account));
        Assert.Equal(0, await Steps.BookedAsync(bank, LedgerIds.Of(GlCode.Suspense, Steps.Cny)));
    }

    [Fact]
    public async Task An_account_that_nobody_uses_falls_asleep_and_one_in_use_does_not()
    {
        await using var bank = await TestBank.StartAsync();
        var product = (await bank.Bank.Products.FindAsync("savings", Steps.Cny, Token))!;
        TestBank.Done(
            await bank.Bank.Products.SetTermsAsync(
                TestBank.Staff,
                "sleep",
                "savings",
                Steps.Cny,
                product.Terms[^1] with
                {
                    From = TestBank.FirstDay.AddDays(1),
                    DormantAfterDays = 3,
                },
                Token
            )
        );
        var (holder, current) = await bank.OpenAsync(10_000);
        var (second, used) = await bank.OpenAsync(10_000);
        var quiet = await bank.OpenAsync(holder, "savings");
        var busy = await bank.OpenAsync(second, "savings");
        await bank.PayAsync(holder, current, quiet, 100);
        await bank.PayAsync(second, used, busy, 100);

        await bank.CloseUntilAsync(TestBank.FirstDay, TestBank.FirstDay.AddDays(2));
        await bank.PayAsync(second, used, busy, 101);
        await bank.CloseUntilAsync(TestBank.FirstDay.AddDays(2), TestBank.FirstDay.AddDays(4));

        Assert.Equal(AccountState.Dormant, await StateAsync(bank, quiet));
        Assert.Equal(AccountState.Open, await StateAsync(bank, busy));
    }

    [Fact]
    public async Task An_order_of_the_31st_runs_on_the_last_day_and_past_a_weekend_on_the_next_banking_day()
    {
        await using var bank = await TestBank.StartAsync();
        var (payer, from) = await bank.OpenAsync(100_000);
        var (_, to) = await bank.OpenAsync(0);
        var (_, later) = await bank.OpenAsync(0);
        await bank.OrderAsync(payer, from, to, 700, new Schedule(ScheduleKind.MonthlyOnDay, 31));
        // The 28th is a Saturday: Monday, which is the 30th.
        await bank.OrderAsync(payer, from, later, 300, new Schedule(ScheduleKind.MonthlyOnDay, 28));

        await bank.CloseUntilAsync(TestBank.FirstDay, MonthEnd.AddDays(-1));
        Assert.Equal((0, 0), (await bank.BookedAsync(to), await bank.BookedAsync(later)));
        await bank.CloseUntilAsync(MonthEnd.AddDays(-1), MonthEnd);

        Assert.Equal((700, 300), (await bank.BookedAsync(to), await bank.BookedAsync(later)));
    }

    [Fact]
    public async Task A_trial_balance_of_any_past_day_is_computed_again_to_the_same_lines()
    {
        await using var bank = await TestBank.StartAsync();
        var (payer, from) = await bank.OpenAsync(90_000_000);
        var (_, to) = await bank.OpenAsync(0);
        for (var day = TestBank.FirstDay; day <= MonthEnd; day = day.AddDays(1))
        {
            await bank.PayAsync(payer, from, to, 1_000 + day.Day);
            await bank.CloseUntilAsync(day, day.AddDays(1));
        }

        for (var day = TestBank.FirstDay; day <= MonthEnd; day = day.AddDays(1))
        {
            var kept = await bank.Bank.Books.FindAsync(day, Token);
            var again = await bank.Bank.Books.ComputeAgainAsync(day, Token);
            Assert.NotEmpty(kept);
            Assert.Equal(
                kept.SelectMany(static balance => balance.Lines),
                again.SelectMany(static balance => balance.Lines)
            );
        }
    }

    private static Task<Desk.TaskOutcome<OpenedAccount>> CloseAsync(
        TestBank bank,
        AccountNumber account,
        string reference
    ) => bank.Bank.Accounts.CloseAsync(TestBank.Staff, reference, account, "moved away", Token);

    private static async Task<AccountState> StateAsync(TestBank bank, AccountNumber account) =>
        Assert
            .IsType<QueryAnswer<AccountView>.Found>(
                await bank.Queries.GetAccountAsync(new Actor.Bank("test"), account, Token)
            )
            .Value.State;
}
